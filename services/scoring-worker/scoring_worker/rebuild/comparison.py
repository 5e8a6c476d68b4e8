"""Live tables against rebuilt ones, row by row, in SQL."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table, text
from sqlalchemy.ext.asyncio import AsyncConnection

from scoring_worker.catalogue.models import index_set
from scoring_worker.counts.models import unit_count
from scoring_worker.facts.models import duty, event, occurrence
from scoring_worker.metadata import METADATA
from scoring_worker.scoring.models import score
from scoring_worker.units.models import unit

EFFECTS = (duty, event, occurrence, score, unit, unit_count)
"""What follows from the log of events alone."""
DEFINITIONS = (index_set,)
"""What was loaded."""
REBUILT = "scoring_rebuild"
NAMED = 20
"""Differing rows that are named for each table and side."""

_OWN_TIME = {"computed_at"}
WITH_EFFECTS = (METADATA.tables["stream_version"], METADATA.tables["parked_event"])
"""What was applied and what is parked belongs to the effects, and is swapped with them."""


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
        columns = ", ".join(name for name in _columns(table) if name not in _OWN_TIME)
        # A row of no counts says the same as no row: duties that came and went leave it behind.
        some = "WHERE counts <> '{}'" if table is unit_count else ""
        live, rebuilt = (
            f"SELECT {columns} FROM {table.name} {some}",
            f"SELECT {columns} FROM {REBUILT}.{table.name} {some}",
        )
        for side, statement in (("live", f"{live} EXCEPT {rebuilt}"), ("rebuilt", f"{rebuilt} EXCEPT {live}")):
            rows = await conn.execute(text(f"{statement} ORDER BY {columns} LIMIT {NAMED}"))
            found += [Difference(table.name, side, dict(row)) for row in rows.mappings()]
    return found


async def swap(conn: AsyncConnection) -> None:
    """Put the rebuilt rows in the place of the live ones; readers see the old ones until the commit."""
    for table in (*EFFECTS, *WITH_EFFECTS):
        columns = ", ".join(_columns(table))
        await conn.execute(text(f"DELETE FROM {table.name}"))
        await conn.execute(
            text(f"INSERT INTO {table.name} ({columns}) SELECT {columns} FROM {REBUILT}.{table.name} ORDER BY 1")
        )


def _columns(table: Table) -> Iterable[str]:
    return [column.name for column in table.columns if column.identity is None]
