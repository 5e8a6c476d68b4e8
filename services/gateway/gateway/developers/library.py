"""The reference as of now: made anew when the contract of a service has changed, beside the event loop."""

from functools import cache

from anyio import Lock, to_thread

from cchc_shared.contract.documents import asyncapi
from gateway.developers.reference import Event, Reference, Schemas, events
from gateway.openapi.contracts import Contracts
from gateway.openapi.routes import public_document
from gateway.openapi.table import RouteTable
from gateway.upstreams import faults


class Library:
    """Keeps what was made of the contracts as long as they stay as they are."""

    def __init__(self, contracts: Contracts) -> None:
        self._contracts = contracts
        self._made: tuple[RouteTable, Reference] | None = None
        self._making = Lock()

    async def reference(self) -> Reference:
        """All operations. Raises 503 until the contract of every service is known."""
        await self._contracts.complete()
        if self._contracts.missing:
            raise faults.unavailable(", ".join(self._contracts.missing))
        async with self._making:
            table = self._contracts.table
            if self._made is None or self._made[0] is not table:
                made = await to_thread.run_sync(self._read, table)
                self._made = (table, made)
            return self._made[1]

    def _read(self, table: RouteTable) -> Reference:
        return Reference(public_document(dict(self._contracts.documents), table))


@cache
def all_events() -> tuple[Schemas, list[Event]]:
    """The events that other systems may follow, and the schemas that they name."""
    schemas, found = events(asyncapi())
    return schemas, list(found)
