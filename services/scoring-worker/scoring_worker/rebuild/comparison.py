"""Live tables against rebuilt ones, row by row, in SQL."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, MetaData, Select, Table, delete, except_, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from scoring_worker.catalogue.models import index_set
from scoring_worker.counts.models import unit_count
from scoring_worker.facts.models import duty, event, occurrence
from scoring_worker.metadata import METADATA
from scoring_worker.scoring.models import score
from scoring_worker.units.models import unit

REBUILT = "scoring_rebuild"
NAMED = 20
"""Differing rows that are named for each table and side."""

EFFECTS = (duty, event, occurrence, score, unit, unit_count)
"""What follows from the log of events alone."""
WITH_EFFECTS = (METADATA.tables["stream_version"], METADATA.tables["parked_event"])
"""What was applied and what is parked belongs to the effects, and is swapped with them."""
DEFINITIONS = (index_set,)
"""What was loaded."""

_OWN_TIME = {"computed_at"}


@dataclass(frozen=True, slots=True)
class Difference:
    """A row found on one side only. A row whose values differ is reported twice, once for each side."""

    table: str
    side: str
    row: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.table}: only {self.side}: {', '.join(f'{name}={value}' for name, value in self.row.items())}"


async def differences(conn: AsyncConnection) -> list[Difference]:
    """Rows in which the live tables and the rebuilt ones differ. When a score was computed makes no difference."""
    found = []
    for table in EFFECTS:
        live, rebuilt = _compared(table), _compared(beside(table))
        for side, one, other in (("live", live, rebuilt), ("rebuilt", rebuilt, live)):
            only = except_(one, other)
            rows = await conn.execute(only.order_by(*only.selected_columns).limit(NAMED))
            found += [Difference(table.name, side, dict(row)) for row in rows.mappings()]
    return found


async def swap(conn: AsyncConnection) -> None:
    """Put the rebuilt rows in the place of the live ones; readers see the old ones until the commit."""
    for table in (*EFFECTS, *WITH_EFFECTS):
        await conn.execute(delete(table))
        await copy(conn, beside(table), table)


async def copy(conn: AsyncConnection, source: Table, target: Table) -> None:
    """Copy all rows of a table into its twin; generated keys are generated anew."""
    columns = _written(source.c)
    rows = select(*columns).order_by(columns[0])
    await conn.execute(insert(target).from_select([column.name for column in columns], rows))


def beside(table: Table) -> Table:
    """The rebuilt twin of a live table."""
    return table.to_metadata(MetaData(), schema=REBUILT)


def _compared(table: Table) -> Select[Any]:
    rows = select(*(column for column in _written(table.c) if column.name not in _OWN_TIME))
    # A row of no counts says the same as no row: duties that came and went leave it behind.
    return rows.where(table.c.counts != {}) if table.name == unit_count.name else rows


def _written(columns: Iterable[Column[Any]]) -> Sequence[Column[Any]]:
    return [column for column in columns if column.identity is None]
