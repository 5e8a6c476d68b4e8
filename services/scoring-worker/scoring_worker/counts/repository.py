"""Reading and writing counts."""

from collections.abc import Collection, Iterable, Mapping

import msgspec
from sqlalchemy import Text, cast, select
from sqlalchemy.ext.asyncio import AsyncConnection

from scoring_worker.columns import among
from scoring_worker.counts import sql
from scoring_worker.counts.domain import Counts
from scoring_worker.counts.models import unit_count

UnitPeriod = tuple[str, str]

_decoder = msgspec.json.Decoder(Counts)


async def lock(conn: AsyncConnection, keys: Collection[UnitPeriod]) -> dict[UnitPeriod, Counts]:
    """The counts of units in periods, from now on this transaction's to change."""
    parameters = {"unit": [unit for unit, _ in keys], "period": [period for _, period in keys]}
    await conn.execute(sql.ENSURE, parameters)
    rows = await conn.execute(sql.LOCK, parameters)
    return {(unit, period): _decoder.decode(counts) for unit, period, counts in rows}


async def save(conn: AsyncConnection, counts: Mapping[UnitPeriod, Counts]) -> None:
    """Write the counts of locked rows."""
    await conn.execute(
        sql.SAVE,
        {
            "unit": [unit for unit, _ in counts],
            "period": [period for _, period in counts],
            "counts": [msgspec.json.encode(value).decode() for value in counts.values()],
        },
    )


async def periods_of(conn: AsyncConnection, units: Iterable[str]) -> list[UnitPeriod]:
    """Every period in which one of the units has counts."""
    rows = await conn.execute(select(unit_count.c.unit, unit_count.c.period).where(among(unit_count.c.unit, units)))
    return [(unit, period) for unit, period in rows]


async def all_periods(conn: AsyncConnection) -> list[UnitPeriod]:
    """Every unit and period that has counts, in the order in which they are locked."""
    key = unit_count.primary_key.columns
    return [(unit, period) for unit, period in await conn.execute(select(*key).order_by(*key))]


async def read(conn: AsyncConnection, period: str, units: Iterable[str]) -> dict[str, Counts]:
    """The counts of units in one period, as they are stored."""
    rows = await conn.execute(
        select(unit_count.c.unit, cast(unit_count.c.counts, Text)).where(
            unit_count.c.period == period, among(unit_count.c.unit, units)
        )
    )
    return {unit: _decoder.decode(counts) for unit, counts in rows}
