"""Reading and writing what was entered. Versions are added, never changed."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, and_, insert, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from scoring_worker.columns import among
from scoring_worker.index_sets.reading import Reading
from scoring_worker.values.domain import Entered, Version
from scoring_worker.values.models import indicator_value

UnitPeriod = tuple[str, str]
Key = tuple[str, str, str]
_C = indicator_value.c
_ENTERED = (_C.unit, _C.period, _C.indicator, _C.numerator, _C.denominator, _C.value, _C.applicable, _C.evidence)
_HOLDS = _C.superseded_at.is_(None)


async def current(conn: AsyncConnection, keys: Collection[Key]) -> dict[Key, Version]:
    """The version of each that holds."""
    query = select(*_ENTERED, _C.version, _C.given_by, _C.recorded_at, _C.superseded_at).where(
        _HOLDS, tuple_(_C.unit, _C.period, _C.indicator).in_(list(keys))
    )
    return {version.entered.key: version for version in map(_version, await conn.execute(query))}


async def add(
    conn: AsyncConnection, entered: Collection[Entered], versions: Mapping[Key, int], by: str, now: datetime
) -> None:
    """Write new versions, whose numbers are given. What held before holds no more."""
    superseded = [each.key for each in entered if versions[each.key] > 1]
    if superseded:
        ends = update(indicator_value).values(superseded_at=now)
        await conn.execute(ends.where(_HOLDS, tuple_(_C.unit, _C.period, _C.indicator).in_(superseded)))
    await conn.execute(
        insert(indicator_value),
        [
            {**each._asdict(), "version": versions[each.key], "given_by": by, "recorded_at": now, "superseded_at": None}
            for each in entered
        ],
    )


async def readings(
    conn: AsyncConnection, keys: Collection[UnitPeriod], indicators: Collection[str]
) -> dict[UnitPeriod, dict[str, Reading]]:
    """What holds of these indicators for units in periods."""
    found: dict[UnitPeriod, dict[str, Reading]] = {}
    units, periods = {unit for unit, _ in keys}, {period for _, period in keys}
    query = select(*_ENTERED).where(
        _HOLDS, among(_C.unit, units), among(_C.period, periods), among(_C.indicator, indicators)
    )
    for each in (Entered._make(row) for row in await conn.execute(query)):
        if (each.unit, each.period) in keys and each.says:
            found.setdefault((each.unit, each.period), {})[each.indicator] = each.reading
    return found


async def readings_at(
    conn: AsyncConnection, period: str, known_at: datetime, indicators: Collection[str]
) -> dict[str, dict[str, Reading]]:
    """What was known of the units of a period at an instant."""
    found: dict[str, dict[str, Reading]] = {}
    query = select(*_ENTERED).where(_C.period == period, among(_C.indicator, indicators), _known(known_at))
    for each in (Entered._make(row) for row in await conn.execute(query)):
        if each.says:
            found.setdefault(each.unit, {})[each.indicator] = each.reading
    return found


async def versions(
    conn: AsyncConnection, *, unit: str, period: str, indicator: str | None, after: tuple[str, int], limit: int
) -> list[Version]:
    """Every version of the numbers of a unit in a period, by indicator, the oldest first."""
    query = (
        select(*_ENTERED, _C.version, _C.given_by, _C.recorded_at, _C.superseded_at)
        .where(_C.unit == unit, _C.period == period, tuple_(_C.indicator, _C.version) > after)
        .order_by(_C.indicator, _C.version)
        .limit(limit)
    )
    if indicator is not None:
        query = query.where(_C.indicator == indicator)
    return [_version(row) for row in await conn.execute(query)]


async def unit_periods(conn: AsyncConnection) -> list[UnitPeriod]:
    """Every unit and period for which something was entered, in the order in which counts are locked."""
    query = select(_C.unit, _C.period).distinct().order_by(_C.unit, _C.period)
    return [(unit, period) for unit, period in await conn.execute(query)]


def _known(at: datetime) -> ColumnElement[bool]:
    return and_(_C.recorded_at <= at, or_(_HOLDS, _C.superseded_at > at))


def _version(row: Iterable[object]) -> Version:
    values = tuple(row)
    return Version(Entered._make(values[:8]), *values[8:])  # type: ignore[arg-type]
