"""Reading and writing counts."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec
from sqlalchemy import Text, cast, select
from sqlalchemy.ext.asyncio import AsyncConnection

from scoring_worker.columns import among
from scoring_worker.counts import sql
from scoring_worker.counts.domain import Counts
from scoring_worker.counts.models import unit_count

UnitPeriod = tuple[str, str]
REMEMBERED: Final = 100_000
"""Keys of rows that a process holds in memory: some 10 MB."""

_decoder = msgspec.json.Decoder(Counts)


class Locks:
    """Locks counts for transactions, one after the other.

    It remembers which rows there are, so that hardly any transaction has to ask: they are never deleted. Should some
    lack all the same, as after a rebuild or a transaction that was rolled back, they are made then.
    """

    def __init__(self) -> None:
        self._made: set[UnitPeriod] = set()

    async def take(self, conn: AsyncConnection, keys: Sequence[UnitPeriod]) -> dict[UnitPeriod, Counts]:
        """The counts of units in periods, from now on this transaction's to change. `keys` are in order."""
        if new := [key for key in keys if key not in self._made]:
            await conn.execute(sql.ENSURE, _arrays(new))
        found = await _locked(conn, keys)
        if len(found) < len(keys):
            await conn.execute(sql.ENSURE, _arrays(keys))
            found = await _locked(conn, keys)
        if len(self._made) > REMEMBERED:
            self._made.clear()
        self._made.update(keys)
        return found


async def _locked(conn: AsyncConnection, keys: Sequence[UnitPeriod]) -> dict[UnitPeriod, Counts]:
    rows = await conn.execute(sql.LOCK, _arrays(keys))
    return {(unit, period): _decoder.decode(counts) for unit, period, counts in rows}


def _arrays(keys: Sequence[UnitPeriod]) -> dict[str, list[str]]:
    return {"unit": [unit for unit, _ in keys], "period": [period for _, period in keys]}


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
