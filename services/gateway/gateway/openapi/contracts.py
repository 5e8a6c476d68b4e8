"""The contracts of the services: fetched at the start, kept, renewed, and the table of paths that they make."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

import msgspec
from structlog import get_logger

from gateway.openapi.table import GATEWAY, Document, Table
from gateway.upstreams.faults import UpstreamFault
from gateway.upstreams.upstream import Upstream

log = get_logger()

KEPT_SECONDS: Final = 60.0
FETCH_SECONDS: Final = 3.0
PAUSE_SECONDS: Final = 1.0
"""Callers cannot make the gateway ask a silent service for its contract more often than this."""


class Contracts:
    """The last document that each service gave, and the `table` of paths made from them all."""

    def __init__(self, upstreams: Mapping[str, Upstream]) -> None:
        self._upstreams = upstreams
        self._documents: dict[str, Document] = {}
        self._asking: asyncio.Task[None] | None = None
        self._asked = -PAUSE_SECONDS
        self.table = Table({})

    @asynccontextmanager
    async def kept(self, own: Document) -> AsyncIterator[None]:
        """Fetch every contract, and renew them while inside; `own` is the gateway's."""
        self._documents[GATEWAY] = own
        renewing = asyncio.create_task(self._renew())
        try:
            yield
        finally:
            for task in (renewing, self._asking):
                if task is not None:
                    task.cancel()
                    await asyncio.gather(task, return_exceptions=True)

    @property
    def documents(self) -> Mapping[str, Document]:
        """By service name, the gateway's own among them; a service that never answered is absent."""
        return self._documents

    @property
    def missing(self) -> list[str]:
        """Services whose contract is not known yet."""
        return sorted(self._upstreams.keys() - self._documents.keys())

    async def complete(self) -> None:
        """Ask for the missing contracts, as long as a restart may take; all who wait share one attempt."""
        if self._asking is None and self.missing and self._asked + PAUSE_SECONDS <= _now():
            self._ask(self.missing)
        if self._asking is not None and self.missing:
            await asyncio.shield(self._asking)

    async def _renew(self) -> None:
        while True:
            if self._asking is None:
                self._ask(self._upstreams)
            await asyncio.sleep(KEPT_SECONDS)

    def _ask(self, services: Iterable[str]) -> None:
        self._asking = asyncio.create_task(self._fetch_all(list(services)), name="fetch contracts")

    async def _fetch_all(self, services: list[str]) -> None:
        try:
            fetched = await asyncio.gather(*(self._fetch(name) for name in services))
            self._documents |= {name: document for name, document in zip(services, fetched, strict=True) if document}
            self.table = Table.of(self._documents)
            for prefix, owner, other in self.table.conflicts:
                log.error("path claimed twice", prefix=prefix, owner=owner, ignored=other)
        finally:
            self._asked = _now()
            self._asking = None

    async def _fetch(self, name: str) -> Document | None:
        try:
            body = await self._upstreams[name].fetch("/openapi.json", seconds=FETCH_SECONDS)
            document = msgspec.json.decode(body, type=dict[str, Any])
            msgspec.convert(document, _Contract)
        except (OSError, UpstreamFault, msgspec.DecodeError) as error:
            log.warning("no contract", service=name, fault=type(error).__name__, reason=str(error))
            return None
        return document


class _Contract(msgspec.Struct):
    """The least that a document must have for a table to be made from it."""

    paths: dict[str, dict[str, Any]]


def _now() -> float:
    return asyncio.get_running_loop().time()
