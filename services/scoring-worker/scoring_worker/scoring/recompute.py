"""Recomputes counts and scores: the last step of every transaction that changes duties, units or index sets."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date, datetime
from itertools import chain
from types import MappingProxyType

from sqlalchemy.ext.asyncio import AsyncConnection

from scoring_worker.catalogue.catalogue import Catalogue, Edition
from scoring_worker.counts import repository as counts_repository
from scoring_worker.counts.domain import Counts, Movements, add, total
from scoring_worker.counts.repository import Locks, UnitPeriod
from scoring_worker.index_sets.evaluation import Score
from scoring_worker.periods import containing, parse
from scoring_worker.scoring import repository, sql
from scoring_worker.scoring.repository import ScoreRow
from scoring_worker.units import repository as units_repository
from scoring_worker.units.domain import Unit, counting_months, holder


async def begin(conn: AsyncConnection, *, redefines: bool) -> None:
    """Begin a transaction that scores: alone if it changes units or index sets, together with others if not."""
    await conn.execute(sql.ALONE if redefines else sql.TOGETHER)


async def move(
    conn: AsyncConnection,
    catalogue: Catalogue,
    locks: Locks,
    moved: Movements,
    now: datetime,
    redefined: Collection[str] = (),
) -> None:
    """Add the movements to the counts of every period they fall in, and score those periods again.

    `redefined` units changed their validity or kind: their longer periods are summed again from the months.
    """
    units = await units_repository.by_code(conn, {unit for unit, _, _, _ in moved} | set(redefined))
    months = {(unit, month) for (unit, month, _, _), n in moved.items() if n}
    counting = {(unit, month): _counting(unit, month, units) for unit, month in months}
    resummed = _around(await counts_repository.periods_of(conn, redefined)) if redefined else set()
    if not counting and not resummed:
        return
    counts = await locks.take(conn, sorted({*chain.from_iterable(counting.values()), *resummed}))
    scored = {key for key, sums in counts.items() if sums} - resummed
    touched: defaultdict[UnitPeriod, set[tuple[str, str]]] = defaultdict(set)
    for (unit, month, measure, state), n in moved.items():
        if n:
            for key in counting[unit, month]:
                add(counts[key], measure, state, n)
                if key in scored:
                    touched[key].add((measure, state))
    for unit, code in resummed:
        _sum_months(unit, code, counts, units)
    await counts_repository.save(conn, counts)
    await score(conn, catalogue, counts, units, now, touched)


async def rescore(conn: AsyncConnection, now: datetime) -> None:
    """Score everything again, after an index set was loaded."""
    counts = await Locks().take(conn, await counts_repository.all_periods(conn))
    units = await units_repository.by_code(conn, {unit for unit, _ in counts})
    await score(conn, Catalogue(), counts, units, now)


async def score(
    conn: AsyncConnection,
    catalogue: Catalogue,
    counts: dict[UnitPeriod, Counts],
    units: dict[str, list[Unit]],
    now: datetime,
    touched: Mapping[UnitPeriod, Collection[tuple[str, str]]] = MappingProxyType({}),
) -> None:
    """Score locked counts by every set in force in their periods.

    `touched` says of counts that had a score which measures and states of them moved: a set that reads none of these
    gives the score that is stored. Most reports open duties that are not due, and most sets read no such duty.
    """
    await catalogue.refresh(conn)
    rows = []
    for key, sums in counts.items():
        if not sums:
            continue
        unit, code = key
        period = parse(code)
        editions = catalogue.in_force(period)
        if (moved := touched.get(key)) is not None:
            editions = [edition for edition in editions if not edition.evaluator.reads.isdisjoint(moved)]
            if not editions:
                continue
        held_by = holder(units.get(unit, ()), period)
        for edition in editions:
            result = edition.evaluator.score(sums, held_by.kind if held_by else None)
            rows.append(score_row(edition, code, unit, result, now))
    if rows:
        await repository.save(conn, rows)
    empty = [key for key, sums in counts.items() if not sums]
    if empty:
        await repository.delete(conn, empty)


def score_row(edition: Edition, period: str, unit: str, result: Score, now: datetime) -> ScoreRow:
    """A score as it is stored."""
    index_set = edition.document.index_set
    return ScoreRow(index_set.code, period, unit, index_set.version, *result, now)


def _counting(unit: str, month: date, units: dict[str, list[Unit]]) -> list[UnitPeriod]:
    """The periods around a month for which the unit's month counts."""
    held_by = units.get(unit, ())
    return [
        (unit, period.code) for period in containing(month) if month in counting_months(holder(held_by, period), period)
    ]


def _around(known: Collection[UnitPeriod]) -> set[UnitPeriod]:
    """Every period around the months that have counts, also those for which no month counted so far."""
    months = [(unit, period.months[0]) for unit, code in known if (period := parse(code)).is_month]
    return {(unit, period.code) for unit, month in months for period in containing(month)}


def _sum_months(unit: str, code: str, counts: dict[UnitPeriod, Counts], units: dict[str, list[Unit]]) -> None:
    period = parse(code)
    if not period.is_month:
        months = counting_months(holder(units.get(unit, ()), period), period)
        counts[unit, code] = total(counts.get((unit, containing(month)[0].code), {}) for month in months)
