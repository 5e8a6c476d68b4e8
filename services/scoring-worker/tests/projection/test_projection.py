"""Events applied on PostgreSQL give what an independent computation gives."""

import asyncio
import random
from collections import Counter
from datetime import datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from cchc_shared.calendar.clock import FixedClock
from cchc_shared.contract.events import Event
from scoring_worker.counts.domain import Counts, add, in_period
from scoring_worker.facts import repository as facts
from scoring_worker.facts.domain import HAPPENED
from scoring_worker.index_sets.document import load
from scoring_worker.index_sets.evaluation import Evaluator
from scoring_worker.index_sets.leaf import Subject
from scoring_worker.periods import containing, parse
from scoring_worker.projection.fold import Fold
from scoring_worker.projection.service import Projection
from tests.support.chance import START, history, late_written, mixed
from tests.support.scoring import ScoringService

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
CITY = (Path(__file__).parents[4] / "data" / "index_sets" / "cchc-city.yaml").read_text()


def folds(histories: list[list[Event]], now: datetime) -> list[Fold]:
    """All at once, each aggregate by itself."""
    done = []
    for events in histories:
        fold = Fold((), timezone=HANOI, now=now)
        for event in events:
            fold.apply(event, event.aggregate)
        done.append(fold)
    return done


def expected_events(histories: list[list[Event]]) -> list[tuple[str, Event]]:
    """Those behind a fact, by their aggregate."""
    return [behind for fold in folds(histories, START) for behind in fold.evidence]


def sums(histories: list[list[Event]], now: datetime) -> dict[tuple[str, str], Counts]:
    counts: dict[tuple[str, str], Counts] = {}
    for fold in folds(histories, now):
        found = [(duty.unit, duty.month, duty.due_month, duty.measure, duty.state_now(now)) for duty in fold.opened]
        happened = [(one.unit, one.month, None, one.measure, HAPPENED) for one in fold.occurrences]
        for unit, month, due_month, measure, state in (*found, *happened):
            if state is not None:
                for period in containing(month):
                    held = in_period(state, due_month, period)
                    add(counts.setdefault((unit, period.code), {}), measure, held, 1)
    return counts


async def check(service: ScoringService, histories: list[list[Event]], now: datetime) -> None:
    """Counts and scores are those of the histories, and nothing else."""
    expected = sums(histories, now)
    stored = {
        (unit, period): msgspec.json.decode(counts)
        for unit, period, counts in await service.rows("SELECT unit, period, CAST(counts AS text) FROM unit_count")
        if counts != "{}"
    }
    assert stored == expected
    evaluator = Evaluator(load(CITY).index_set)
    scores = await service.rows("SELECT unit, period, total, max, percent FROM score WHERE set_code = 'CCHC-CITY'")
    assert {(unit, period): tuple(score) for unit, period, *score in scores} == {
        key: evaluator.score(Subject(counts))[:3]
        for key, counts in expected.items()
        if evaluator.finds(Subject(counts))
    }


@pytest.mark.parametrize(("seed", "size"), [(1, 1), (2, 7), (3, 1000)])
async def test_batches_of_any_size_give_the_same_scores(
    service: ScoringService, clock: FixedClock, seed: int, size: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 - the same every time
    histories = [history(str(number), chance) for number in range(40)]
    events = list(mixed(histories, chance))
    for first in range(0, len(events), size):
        await service.apply(events[first : first + size])
    await check(service, histories, clock.now())
    named = await service.rows("SELECT aggregate, version FROM event")
    assert sorted(named) == sorted((aggregate, event.version) for aggregate, event in expected_events(histories))
    used = """SELECT aggregate, opened_version FROM duty UNION SELECT aggregate, closed_version FROM duty
              UNION SELECT aggregate, version FROM occurrence"""
    assert {row for row in await service.rows(used) if row[1] is not None} <= set(named)


async def test_workers_side_by_side_lose_no_update_and_do_not_deadlock(
    service: ScoringService, clock: FixedClock
) -> None:
    chance = random.Random(4)  # noqa: S311
    shares = [[history(f"{worker}-{number}", chance) for number in range(60)] for worker in range(3)]

    async def work(histories: list[list[Event]]) -> None:
        projection = Projection(HANOI, clock)
        events = list(mixed(histories, chance))
        for first in range(0, len(events), 20):
            async with service.engine.begin() as conn:
                await projection.apply(conn, events[first : first + 20])

    async def let_time_pass() -> None:
        for _ in range(20):
            clock.advance(timedelta(hours=20))
            await service.mark_overdue()

    async with asyncio.TaskGroup() as group:
        for share in shares:
            group.create_task(work(share))
        group.create_task(let_time_pass())
        group.create_task(let_time_pass())
    while await service.mark_overdue():
        pass
    await check(service, list(chain.from_iterable(shares)), clock.now())


async def test_counts_whose_rows_are_gone_are_made_again(service: ScoringService, clock: FixedClock) -> None:
    chance = random.Random(7)  # noqa: S311
    histories = [history(str(number), chance) for number in range(20)]
    events = list(mixed(histories, chance))
    async with service.engine.connect() as conn:
        await service.projection.apply(conn, events)
        await conn.rollback()
    await service.apply(events)
    await check(service, histories, clock.now())


async def test_marking_overdue_moves_what_time_has_moved(service: ScoringService, clock: FixedClock) -> None:
    chance = random.Random(5)  # noqa: S311
    histories = [history(str(number), chance) for number in range(50)]
    await service.apply(mixed(histories, chance))
    for _ in range(4):
        clock.advance(timedelta(days=4))
        await service.mark_overdue()
        await check(service, histories, clock.now())


async def test_the_state_in_sql_is_the_state_of_the_domain(service: ScoringService, clock: FixedClock) -> None:
    chance = random.Random(6)  # noqa: S311
    histories = [history(str(number), chance) for number in range(60)]
    await service.apply(mixed(histories, chance))
    duties = [duty for fold in folds(histories, clock.now()) for duty in fold.opened]
    occurrences = [one for fold in folds(histories, clock.now()) for one in fold.occurrences]
    months = parse("2026").months
    edges = {instant for duty in duties for instant in (duty.opened_at, duty.due_at, duty.done_at, duty.ended_at)}
    for at in chance.sample(sorted(instant for instant in edges if instant), 30):
        async with service.engine.connect() as conn:
            counted = await facts.count_at(conn, months, at)
        expected: Counter[tuple[Any, ...]] = Counter(
            (duty.unit, duty.month, duty.due_month, duty.measure, state)
            for duty in duties
            if (state := duty.state_at(at)) is not None
        )
        expected.update(
            (one.unit, one.month, None, one.measure, HAPPENED) for one in occurrences if one.occurred_at <= at
        )
        assert Counter({tuple(key): number for *key, number in counted}) == expected


async def test_what_was_known_is_what_the_events_gave_that_were_written_down(
    service: ScoringService, clock: FixedClock
) -> None:
    """Any day by any knowledge: the same as if only those events had come that were there by then."""
    chance = random.Random(8)  # noqa: S311
    histories = [late_written(history(str(number), chance), chance) for number in range(60)]
    await service.apply(mixed(histories, chance))
    months = parse("2026").months
    instants = sorted(at for one in histories for each in one for at in (each.occurred_at, each.recorded_at))
    for _ in range(25):
        at, known_at = chance.sample(instants, 2)
        async with service.engine.connect() as conn:
            counted = await facts.count_at(conn, months, at, known_at)
        known = [[each for each in one if each.recorded_at <= known_at] for one in histories]
        there = folds([one for one in known if one], clock.now())
        expected: Counter[tuple[Any, ...]] = Counter(
            (duty.unit, duty.month, duty.due_month, duty.measure, state)
            for fold in there
            for duty in fold.opened
            if (state := duty.state_at(at)) is not None
        )
        expected.update(
            (one.unit, one.month, None, one.measure, HAPPENED)
            for fold in there
            for one in fold.occurrences
            if one.occurred_at <= at
        )
        assert Counter({tuple(key): number for *key, number in counted}) == expected, (at, known_at)
