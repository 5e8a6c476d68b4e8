"""Recomputes counts and scores: the last step of every transaction that changes duties, units or index sets."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from types import MappingProxyType
from typing import Literal, NamedTuple

from sqlalchemy.ext.asyncio import AsyncConnection

from scoring_worker.catalogue.catalogue import Catalogue
from scoring_worker.catalogue.edition import Edition
from scoring_worker.counts import repository as counts_repository
from scoring_worker.counts.domain import Counts, Movements, add, in_period, total
from scoring_worker.counts.repository import Locks, UnitPeriod
from scoring_worker.facts import repository as facts
from scoring_worker.facts.repository import Counted
from scoring_worker.index_sets.evaluation import Moved, Score
from scoring_worker.index_sets.leaf import NO_VALUES, Subject
from scoring_worker.index_sets.reading import Reading
from scoring_worker.ledger import repository as ledger
from scoring_worker.periods import Period, containing, parse
from scoring_worker.scoring import repository, sql
from scoring_worker.scoring.repository import ScoreRow
from scoring_worker.units import repository as units_repository
from scoring_worker.units.domain import Unit, counting_months, holder
from scoring_worker.values import repository as values_repository
from scoring_worker.values.domain import Entered

Status = Literal["new", "changed", "unchanged"]


class Taken(NamedTuple):
    """What became of a number that was given: whether it is new, and the version that holds (0: none does)."""

    status: Status
    version: int


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
    units = await units_repository.by_code(conn, {unit for unit, *_ in moved} | set(redefined))
    months = {(unit, month) for (unit, month, *_), n in moved.items() if n}
    counting = {(unit, month): _counting(unit, month, units) for unit, month in months}
    resummed = _around(await counts_repository.periods_of(conn, redefined)) if redefined else set()
    if not counting and not resummed:
        return
    keys = {(unit, period.code) for (unit, _), periods in counting.items() for period in periods}
    counts = await locks.take(conn, sorted(keys | resummed))
    scored = {key for key, sums in counts.items() if sums} - resummed
    touched: defaultdict[UnitPeriod, set[Moved]] = defaultdict(set)
    for (unit, month, due_month, measure, state), n in moved.items():
        if n:
            for period in counting[unit, month]:
                key, held = (unit, period.code), in_period(state, due_month, period)
                add(counts[key], measure, held, n)
                if key in scored:
                    touched[key].add((measure, held))
    if resummed:
        due_later: defaultdict[str, list[Counted]] = defaultdict(list)
        for counted in await facts.count_due_later(conn, redefined):
            due_later[counted[0]].append(counted)
        for unit, code in resummed:
            _sum_months(unit, code, counts, units, due_later[unit])
    await counts_repository.save(conn, counts)
    await score(conn, catalogue, counts, units, now, touched)


async def enter(
    conn: AsyncConnection, catalogue: Catalogue, locks: Locks, items: Sequence[Entered], by: str, now: datetime
) -> list[Taken]:
    """Take in numbers that no event brings, and score what reads them. What became of each item, in their order.

    Versions are added, never changed. A number that is given again as it stands makes none, nor does one that a
    published season has read.
    """
    # The row of counts is the lock of a unit and period: two callers take turns.
    counts = await locks.take(conn, sorted({(item.unit, item.period) for item in items}))
    before = await values_repository.current(conn, [item.key for item in items])
    frozen = await ledger.frozen(conn, [item.key for item in items])
    new = [
        item
        for item in items
        if item.key not in frozen and (item.key not in before or before[item.key].entered.said != item.said)
    ]
    versions = {key: held.version for key, held in before.items()}
    versions |= {item.key: versions.get(item.key, 0) + 1 for item in new}
    if new:
        await values_repository.add(conn, new, versions, by, now)
        moved: defaultdict[UnitPeriod, set[str]] = defaultdict(set)
        for item in new:
            moved[item.unit, item.period].add(item.indicator)
        units = await units_repository.by_code(conn, {unit for unit, _ in moved})
        await score(conn, catalogue, {key: counts[key] for key in sorted(moved)}, units, now, moved)
    status: dict[values_repository.Key, Status] = {item.key: "changed" if item.key in before else "new" for item in new}
    return [Taken(status.get(item.key, "unchanged"), versions.get(item.key, 0)) for item in items]


async def score_entered(conn: AsyncConnection, now: datetime) -> None:
    """Score every unit and period for which something was entered: there need be no event for it."""
    keys = await values_repository.unit_periods(conn)
    if keys:
        counts = await Locks().take(conn, keys)
        await score(conn, Catalogue(), counts, await units_repository.by_code(conn, {unit for unit, _ in keys}), now)


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
    touched: Mapping[UnitPeriod, Collection[Moved]] = MappingProxyType({}),
) -> None:
    """Score locked counts, and what was entered beside them, by every set in force in their periods.

    `touched` says of counts that had a score what of them moved: a set that reads none of it gives the score that is
    stored. Most reports open duties that are not due, and most sets read no such duty. Where a set finds nothing
    of what it reads, there is no score to store.
    """
    await catalogue.refresh(conn)
    entered = await _entered(conn, catalogue, counts)
    found: defaultdict[Edition, list[Subject]] = defaultdict(list)
    void = list[tuple[str, str, str]]()
    for key, sums in counts.items():
        values = entered.get(key, NO_VALUES)
        if not sums and not values:
            continue
        unit, code = key
        period = parse(code)
        editions = catalogue.in_force(period)
        if (moved := touched.get(key)) is not None:
            editions = [edition for edition in editions if not edition.reads.isdisjoint(moved)]
            if not editions:
                continue
        held_by = holder(units.get(unit, ()), period)
        subject = Subject(sums, held_by.kind if held_by else None, values, unit, code)
        for edition in editions:
            known = edition.complete(subject)
            if edition.evaluator.finds(known):
                found[edition].append(known)
            else:
                void.append((edition.document.index_set.code, code, unit))
    rows = [
        score_row(edition, known.period, known.unit, result, now)
        for edition, subjects in found.items()
        for known, result in zip(subjects, edition.evaluator.score_all(subjects), strict=True)
    ]
    if rows:
        await repository.save(conn, rows)
    if void:
        await repository.void(conn, void)
    empty = [key for key, sums in counts.items() if not sums and key not in entered]
    if empty:
        await repository.delete(conn, empty)


async def _entered(
    conn: AsyncConnection, catalogue: Catalogue, keys: Collection[UnitPeriod]
) -> dict[UnitPeriod, dict[str, Reading]]:
    """What was entered for these units and periods, as far as a set reads it."""
    read = catalogue.enters
    return await values_repository.readings(conn, keys, read) if read and keys else {}


def score_row(edition: Edition, period: str, unit: str, result: Score, now: datetime) -> ScoreRow:
    """A score as it is stored."""
    index_set = edition.document.index_set
    return ScoreRow(index_set.code, period, unit, index_set.version, *result, now)


def _counting(unit: str, month: date, units: dict[str, list[Unit]]) -> list[Period]:
    """The periods around a month for which the unit's month counts."""
    held_by = units.get(unit, ())
    return [period for period in containing(month) if month in counting_months(holder(held_by, period), period)]


def _around(known: Collection[UnitPeriod]) -> set[UnitPeriod]:
    """Every period around the months that have counts, also those for which no month counted so far."""
    months = [(unit, period.months[0]) for unit, code in known if (period := parse(code)).is_month]
    return {(unit, period.code) for unit, month in months for period in containing(month)}


def _sum_months(
    unit: str, code: str, counts: dict[UnitPeriod, Counts], units: dict[str, list[Unit]], due_later: Sequence[Counted]
) -> None:
    """A longer period is the sum of its months, but for duties that are late in it and not in theirs."""
    period = parse(code)
    if period.is_month:
        return
    months = counting_months(holder(units.get(unit, ()), period), period)
    counts[unit, code] = sums = total(counts.get((unit, containing(month)[0].code), {}) for month in months)
    for _, month, due_month, measure, state, n in due_later:
        if month in months:
            add(sums, measure, in_period(state, due_month, containing(month)[0]), -n)
            add(sums, measure, in_period(state, due_month, period), n)
