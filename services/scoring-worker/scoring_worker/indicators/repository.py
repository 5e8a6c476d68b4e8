"""SQL of the counts."""

from collections.abc import Collection, Iterable, Mapping

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from scoring_worker.indicators.domain import Counts

UnitPeriod = tuple[str, str]

# Rows are never deleted: a first statement makes those that are missing, a second locks all in one order, so that no
# two workers wait for each other, and reads what the one before left.
_ENSURE = text(
    """INSERT INTO indicator_count (unit, period, counts)
       SELECT unit, period, '{}' FROM unnest(CAST(:unit AS text[]), CAST(:period AS text[])) AS w(unit, period)
       WHERE NOT EXISTS (SELECT 1 FROM indicator_count c WHERE c.unit = w.unit AND c.period = w.period)
       ORDER BY unit, period ON CONFLICT DO NOTHING"""
)
_LOCK = text(
    """SELECT c.unit, c.period, CAST(c.counts AS text)
       FROM indicator_count c JOIN unnest(CAST(:unit AS text[]), CAST(:period AS text[])) AS w(unit, period)
         ON c.unit = w.unit AND c.period = w.period
       ORDER BY c.unit, c.period FOR NO KEY UPDATE OF c"""
)
_SAVE = text(
    """UPDATE indicator_count c SET counts = CAST(w.counts AS jsonb)
       FROM unnest(CAST(:unit AS text[]), CAST(:period AS text[]), CAST(:counts AS text[])) AS w(unit, period, counts)
       WHERE c.unit = w.unit AND c.period = w.period"""
)
_PERIODS = text("SELECT unit, period FROM indicator_count WHERE unit = ANY(CAST(:units AS text[]))")
_ALL_PERIODS = text("SELECT unit, period FROM indicator_count ORDER BY unit, period")
_READ = text(
    """SELECT unit, CAST(counts AS text) FROM indicator_count
       WHERE period = :period AND unit = ANY(CAST(:units AS text[]))"""
)

_decoder = msgspec.json.Decoder(Counts)


async def lock(conn: AsyncConnection, wanted: Collection[UnitPeriod]) -> dict[UnitPeriod, Counts]:
    """The counts of units in periods, from now on this transaction's to change."""
    parameters = {"unit": [unit for unit, _ in wanted], "period": [period for _, period in wanted]}
    await conn.execute(_ENSURE, parameters)
    rows = await conn.execute(_LOCK, parameters)
    return {(unit, period): _decoder.decode(counts) for unit, period, counts in rows}


async def save(conn: AsyncConnection, counts: Mapping[UnitPeriod, Counts]) -> None:
    """Write the counts of locked rows."""
    await conn.execute(
        _SAVE,
        {
            "unit": [unit for unit, _ in counts],
            "period": [period for _, period in counts],
            "counts": [msgspec.json.encode(value).decode() for value in counts.values()],
        },
    )


async def periods_of(conn: AsyncConnection, units: Iterable[str]) -> list[UnitPeriod]:
    """Every period in which one of the units has counts."""
    return [(unit, period) for unit, period in await conn.execute(_PERIODS, {"units": list(units)})]


async def all_periods(conn: AsyncConnection) -> list[UnitPeriod]:
    """Every unit and period that has counts."""
    return [(unit, period) for unit, period in await conn.execute(_ALL_PERIODS)]


async def read(conn: AsyncConnection, period: str, units: Collection[str]) -> dict[str, Counts]:
    """The counts of units in one period."""
    rows = await conn.execute(_READ, {"period": period, "units": list(units)})
    return {unit: _decoder.decode(counts) for unit, counts in rows}
