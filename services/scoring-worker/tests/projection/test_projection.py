"""Events applied on PostgreSQL give what an independent computation gives."""

import asyncio
import random
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from cchc_shared.calendar.clock import FixedClock
from cchc_shared.contract.codes import Channel, FeedbackKind, FeedbackStatus, Severity, TaskStatus
from cchc_shared.contract.events import Event, EventData, new_event
from cchc_shared.contract.events.feedback import FeedbackAccepted, FeedbackTransferred
from cchc_shared.contract.events.task import TaskExtensionGranted, TaskStarted, TaskTransferred
from scoring_worker.counts.domain import Counts, add
from scoring_worker.facts import repository as facts
from scoring_worker.facts.domain import HAPPENED
from scoring_worker.index_sets.document import load
from scoring_worker.index_sets.evaluation import Evaluator
from scoring_worker.periods import containing, parse
from scoring_worker.projection.fold import Fold
from scoring_worker.projection.service import Projection
from tests.support.scoring import ScoringService

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
START = datetime(2026, 5, 20, tzinfo=UTC)
CITY = (Path(__file__).parents[4] / "data" / "index_sets" / "cchc-city.yaml").read_text()


def history(subject: str, chance: random.Random) -> list[Event]:
    """A random life of one task or report, with hand-overs, extensions and changes of mind."""
    due, at = START + timedelta(hours=chance.randrange(600)), START + timedelta(hours=chance.randrange(300))
    unit, done, events = chance.choice("ABCDEFGH"), None, []
    is_task = chance.random() < 0.5
    for version in range(1, chance.randrange(2, 9)):
        at += timedelta(hours=chance.randrange(1, 48))
        former, kind = unit, chance.random()
        if kind < 0.25:
            unit = chance.choice("ABCDEFGH")
        elif kind < 0.4:
            due += timedelta(days=10)
        elif kind < 0.7:
            done = at
        elif kind < 0.75:
            done = None
        data = _task(unit, due, done, former) if is_task else _report(unit, due, done, former)
        events.append(new_event(data, subject=subject, version=version, occurred_at=at, recorded_at=at))
    return events


def _task(unit: str, due: datetime, done: datetime | None, former: str) -> EventData:
    state: dict[str, Any] = {
        "code": "NV",
        "lead_unit": unit,
        "status": TaskStatus.IN_PROGRESS,
        "assigned_at": START,
        "due_at": due,
        "completed_at": done,
    }
    if unit != former:
        return TaskTransferred(**state, from_unit=former, to_unit=unit)
    return TaskStarted(**state) if done else TaskExtensionGranted(**state, former_due_on=START.date())


def _report(unit: str, due: datetime, done: datetime | None, former: str) -> EventData:
    state: dict[str, Any] = {
        "code": "PA",
        "channel": Channel.WEB,
        "kind": FeedbackKind.ON_SITE,
        "severity": Severity.NORMAL,
        "status": FeedbackStatus.ASSIGNED,
        "unit": unit,
        "received_at": START,
        "accept_due_at": due,
        "resolve_due_at": due + timedelta(days=12),
        "accepted_at": done,
    }
    if unit != former:
        return FeedbackTransferred(**state, from_unit=former, to_unit=unit)
    return FeedbackAccepted(**state)


def mixed(histories: list[list[Event]], chance: random.Random) -> Iterator[Event]:
    """In order for each aggregate, in any order across them."""
    order = [number for number, events in enumerate(histories) for _ in events]
    chance.shuffle(order)
    queues = [iter(events) for events in histories]
    return (next(queues[number]) for number in order)


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
        found = [(duty.unit, duty.month, duty.measure, duty.state_now(now)) for duty in fold.opened]
        happened = [(one.unit, one.month, one.measure, HAPPENED) for one in fold.occurrences]
        for unit, month, measure, state in (*found, *happened):
            if state is not None:
                for period in containing(month):
                    add(counts.setdefault((unit, period.code), {}), measure, state, 1)
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
    scores = await service.rows("SELECT unit, period, total, max, percent FROM score")
    assert {(unit, period): tuple(score) for unit, period, *score in scores} == {
        key: evaluator.score(counts, None)[:3] for key, counts in expected.items()
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
            (duty.unit, duty.month, duty.measure, state) for duty in duties if (state := duty.state_at(at)) is not None
        )
        expected.update((one.unit, one.month, one.measure, HAPPENED) for one in occurrences if one.occurred_at <= at)
        assert Counter({tuple(key): number for *key, number in counted}) == expected
