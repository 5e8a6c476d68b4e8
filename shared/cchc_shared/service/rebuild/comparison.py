"""Live tables against rebuilt ones, row by row, in SQL."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Column, Delete, FromClause, Select, Table, and_, delete, except_, exists, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.service.rebuild.plan import RebuildPlan

NAMED: Final = 20
"""Differing rows that are named for each table and side."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A row found on one side only. A row whose values differ is reported twice, once for each side."""

    table: str
    side: str
    row: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.table}: only {self.side}: {', '.join(f'{name}={value}' for name, value in self.row.items())}"


class LogIncomplete(Exception):
    """The log does not give all that took effect, or parks what is applied: a swap would lose it."""

    def __init__(self, missing: Sequence[Difference]) -> None:
        lines = "; ".join(map(str, missing[:5]))
        super().__init__(f"the log of events is not complete, nothing was swapped: {lines}")
        self.missing = missing


async def differences(conn: AsyncConnection, plan: RebuildPlan) -> list[Difference]:
    """Rows in which the live tables and the rebuilt ones differ."""
    found = []
    for table in plan.effects:
        live, rebuilt = _compared(table, plan), _compared(plan.beside(table), plan)
        for side, one, other in (("live", live, rebuilt), ("rebuilt", rebuilt, live)):
            only = except_(one, other)
            rows = await conn.execute(only.order_by(*only.selected_columns).limit(NAMED))
            found += [Difference(table.name, side, dict(row)) for row in rows.mappings()]
    return found


async def losses(conn: AsyncConnection, plan: RebuildPlan) -> list[Difference]:
    """What took effect in the live tables and not in the rebuilt ones: the log lost it, or it cannot be applied now."""
    version, parked = plan.bookkeeping
    rebuilt, also = plan.beside(version), plan.beside(parked)
    lower = (
        select(version.c.aggregate, version.c.version)
        .outerjoin(rebuilt, rebuilt.c.aggregate == version.c.aggregate)
        .where(or_(rebuilt.c.version.is_(None), rebuilt.c.version < version.c.version))
    )
    known = select(parked.c.id).where(
        and_(
            parked.c.resolution.is_(None),
            parked.c.aggregate == also.c.aggregate,
            parked.c.version.is_not_distinct_from(also.c.version),
        )
    )
    newly = select(also.c.aggregate, also.c.version, also.c.reason).where(also.c.resolution.is_(None), ~known.exists())
    found = []
    for table, side, rows in ((version, "live", lower), (parked, "rebuilt", newly)):
        named = await conn.execute(rows.order_by(*rows.selected_columns).limit(NAMED))
        found += [Difference(table.name, side, dict(row)) for row in named.mappings()]
    return found


async def swap(conn: AsyncConnection, plan: RebuildPlan) -> None:
    """Put the rebuilt rows in the place of the live ones; readers see the old ones until the commit."""
    _, parked = plan.bookkeeping
    for table in (*plan.effects, *plan.bookkeeping):
        gone = delete(table) if table is not parked else _gone(parked, plan.beside(parked).alias("again"))
        await conn.execute(gone)
        await copy(conn, plan.beside(table), table)


def _gone(parked: Table, again: FromClause) -> Delete:
    """What an operator discarded is in the log, but does not park again: its bytes stay where they are.

    Should it park again all the same, because nothing tells any more that it was discarded, it waits for an operator.
    """
    event = ("topic", "partition", "major", "minor", "aggregate", "version")
    parks = exists().where(*(parked.c[name].is_not_distinct_from(again.c[name]) for name in event))
    return delete(parked).where(or_(parked.c.resolution.is_distinct_from(_KEPT), parks))


_KEPT: Final = "discarded"


async def copy(conn: AsyncConnection, source: Table, target: Table) -> None:
    """Copy all rows of a table into its twin; generated keys are generated anew."""
    columns = _written(source.c)
    rows = select(*columns).order_by(columns[0])
    await conn.execute(insert(target).from_select([column.name for column in columns], rows))


def _compared(table: Table, plan: RebuildPlan) -> Select[Any]:
    rows = select(*(column for column in _written(table.c) if column.name not in plan.own))
    counted = plan.counted.get(table.name)
    return rows if counted is None else rows.where(counted(table))


def _written(columns: Iterable[Column[Any]]) -> Sequence[Column[Any]]:
    return [column for column in columns if column.identity is None]
