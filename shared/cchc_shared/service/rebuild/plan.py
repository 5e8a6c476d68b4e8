"""The plan of a rebuild: which tables are made from the log, and how."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, MetaData, Table
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.stream.inbox import Handler


async def _no_hold(_: AsyncConnection) -> None:
    return None


async def _no_finish(_: AsyncConnection, __: datetime) -> None:
    return None


@dataclass(frozen=True)
class RebuildPlan:
    """The tables of a service that events make, and its handler of events."""

    schema: str
    """Where the rebuilt twins stand; it belongs to the service's role and exists already."""
    metadata: MetaData
    effects: Sequence[Table]
    """What follows from the log of events alone."""
    handler: Handler
    definitions: Sequence[Table] = ()
    """What was loaded, not followed: copied before anything is read."""
    own: frozenset[str] = frozenset()
    """Names of columns that say when a row was made: in those live and rebuilt may differ."""
    counted: Mapping[str, Callable[[Table], ColumnElement[bool]]] = field(default_factory=dict)
    """Which rows of a table, by its name, say anything; the others are as good as none."""
    hold: Callable[[AsyncConnection], Awaitable[None]] = _no_hold
    """Holds up whoever else writes the effects, until the end of the transaction."""
    finish: Callable[[AsyncConnection, datetime], Awaitable[None]] = _no_finish
    """What has happened by then without an event, done on either side before they are compared."""

    @property
    def bookkeeping(self) -> Sequence[Table]:
        """What was applied and what is parked belongs to the effects, and is swapped with them."""
        return self.metadata.tables["stream_version"], self.metadata.tables["parked_event"]

    @property
    def acts(self) -> Table:
        """What operators gave up: a rebuild obeys it."""
        return self.metadata.tables["parked_event_audit"]

    def beside(self, table: Table) -> Table:
        """The rebuilt twin of a live table."""
        return table.to_metadata(MetaData(), schema=self.schema)
