"""Ten years of reports, one in a thousand: the outbox is archived and trimmed month by month, and scores are made again
from the archive to the same digit.

A city of 3,000 reports a day has 10.95 million in ten years; 10,950 are led through all their steps here. Sizes that
grow with the number of reports are multiplied by a thousand to say what ten years take; that is a calculation.
"""

import asyncio
import random
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from cchc_embedded.paths import REPOSITORY
from cchc_shared.calendar.clock import FixedClock
from cchc_shared.contract.events import TOPICS, Event
from cchc_shared.contract.events import feedback as of_feedback
from cchc_shared.service.rebuild import rebuild, search_rebuilt
from cchc_shared.storage.database import create_engine
from cchc_shared.stream import months, outbox, positions, trimming
from cchc_shared.stream.inbox import Inbox
from cchc_shared.stream.postgres import PostgresSource
from scoring_worker.loading.service import IndexSetLoader, files_of
from scoring_worker.projection.service import Projection
from scoring_worker.rebuild.plan import SCHEMA, plan
from tests.bench import lifecycles
from tests.bench.results import Bound, Figure, Result
from tests.bench.stage import Stage
from tests.support.databases import Database
from tests.support.events import REPORT_PATH, report_event

YEARS = 10
REPORTS = 10_950
SCALE = 1000
FULL_MONTH = 540_000
"""Events of a month of 3,000 reports a day, six each."""
FIRST = datetime(2026, 1, 1, tzinfo=UTC)
KEPT = timedelta(days=90)
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


def measure(stage: Stage) -> Iterator[Result]:
    """Everything that runs in the workers, on a clock that goes a month at a time."""
    folder = stage.folder / "decade"
    with stage.database() as database:
        found = asyncio.run(_measure(database, folder))
    packed = sum(file.stat().st_size for file in folder.rglob("*.gz"))
    gigabytes = SCALE / 1e9
    yield Result(
        f"ten years, 1:{SCALE}, in the outbox",
        [
            Figure("events written", found["events"], ""),
            Figure("in the outbox", found["left"], ""),
            Figure("months in the archive", found["trimmed"], ""),
            Figure("archive a report", packed / REPORTS / 1000, " kB"),
            Figure("times a thousand", packed * gigabytes, " GB"),
        ],
        found["left"] / found["events"],
        Bound("<", 0.05),
    )
    yield Result(
        f"ten years, 1:{SCALE}, scores made again from the archive",
        [
            Figure("events read", found["events"], ""),
            Figure("in", found["seconds"], " s"),
            Figure("a look at an outbox without news", found["look_ms"], " ms"),
        ],
        found["differences"],
        Bound("≤", 0),
    )
    with stage.database() as database:
        turn_ms, looks = asyncio.run(_whole_size(database))
    yield Result(
        "an outbox from which nothing leaves",
        [
            Figure("turn of a full month, writers waiting", turn_ms, " ms"),
            Figure("a look with 1 month", looks[0], " ms"),
            Figure(f"with {YEARS * 12}", looks[1], " ms"),
        ],
    )


def _life(number: int, chance: random.Random) -> Iterator[Event]:
    code = f"PA-{number:06}"
    at = FIRST + timedelta(days=365.25 * YEARS - 60) * chance.random()
    state: dict[str, Any] = {
        "received_at": at,
        "unit": chance.choice(lifecycles.UNITS),
        "accept_due_at": at + timedelta(days=1),
        "resolve_due_at": at + timedelta(days=15),
    }
    for version, (kind, status) in enumerate(REPORT_PATH, 1):
        if kind is of_feedback.FeedbackAccepted:
            state["accepted_at"] = at
        if kind is of_feedback.FeedbackAnswerApproved:
            state["answered_at"] = at
        yield report_event(code, version, kind, at=at, status=status, **state)
        at += timedelta(hours=chance.expovariate(1 / 60))


def _month(event: Event) -> date:
    return event.occurred_at.astimezone(ZONE).date().replace(day=1)


async def _measure(database: Database, folder: Path) -> dict[str, float]:
    chance = random.Random(2026)  # noqa: S311 - to be the same in every run
    await lifecycles.publish(database, lifecycles.units())
    events = [event for number in range(REPORTS) for event in _life(number, chance)]
    events.sort(key=lambda event: (event.occurred_at, event.version))
    clock = FixedClock(FIRST)
    producer, consumer = create_engine(database.url("feedback")), create_engine(database.url("scoring"))
    await IndexSetLoader(consumer, clock).load_files(files_of(REPOSITORY / "data" / "index_sets"))
    projection = Projection(ZONE, clock)
    for month, some in groupby(events, _month):
        clock.advance(datetime.combine(month, datetime.min.time(), ZONE) - clock.now())
        await _turn(producer, clock, folder)
        await _write(producer, list(some))
        await _consume(consumer, projection, clock)
    clock.advance(timedelta(days=120))
    await _turn(producer, clock, folder)
    left = await _scalar(producer, "SELECT count(*) FROM outbox")
    trimmed = await _scalar(producer, "SELECT count(*) FROM outbox_month WHERE trimmed_at IS NOT NULL")
    look = await _look(consumer, folder)
    began = time.perf_counter()
    differences = await _again(database, consumer, clock, folder)
    seconds = time.perf_counter() - began
    await producer.dispose()
    await consumer.dispose()
    return {
        "events": len(events),
        "left": left,
        "trimmed": trimmed,
        "look_ms": look,
        "seconds": seconds,
        "differences": differences,
    }


async def _turn(engine: AsyncEngine, clock: FixedClock, folder: Path) -> None:
    """What the worker does at the beginning of a month."""
    now = clock.now()
    async with engine.begin() as conn:
        await months.turn(conn, now.astimezone(ZONE).date().replace(day=1), now)
    while await trimming.archive_some(engine, folder, "feedback", now):
        pass
    while await trimming.trim(engine, folder, "feedback", now, kept=KEPT, relayed=False):
        pass


async def _write(engine: AsyncEngine, events: Sequence[Event]) -> None:
    for start in range(0, len(events), lifecycles.PER_TRANSACTION):
        async with engine.begin() as conn:
            await outbox.write(conn, events[start : start + lifecycles.PER_TRANSACTION])


async def _consume(engine: AsyncEngine, projection: Projection, clock: FixedClock) -> None:
    inbox = Inbox(projection)
    source = PostgresSource(engine, TOPICS, "measuring")
    await source.start()
    while batch := await source.next(2000, wait=0.05):
        async with engine.begin() as conn:
            await positions.advance(conn, batch.advances)
            await inbox.process(conn, batch.records)
    await source.stop()
    async with engine.begin() as conn:
        while (await projection.mark_overdue(conn, clock.now())).moved:
            pass


async def _look(engine: AsyncEngine, folder: Path) -> float:
    """How long one look takes that finds nothing."""
    source = PostgresSource(engine, ["feedback"], "looking", archive=folder)
    await source.start()
    await source.next(1000, wait=0)
    began = time.perf_counter()
    for _ in range(50):
        await source.next(1000, wait=0)
    seconds = time.perf_counter() - began
    await source.stop()
    return seconds / 50 * 1000


async def _again(database: Database, live: AsyncEngine, clock: FixedClock, folder: Path) -> int:
    beside = create_engine(database.url("scoring"))
    search_rebuilt(beside, SCHEMA)
    try:
        differences = await rebuild(
            plan(Projection(ZONE, clock)),
            live,
            beside,
            lambda: PostgresSource(beside, TOPICS, "again", archive=folder),
            clock=clock,
            swapping=False,
        )
        return len(differences)
    finally:
        await beside.dispose()


async def _whole_size(database: Database) -> tuple[float, tuple[float, float]]:
    """How long the turn of a full month takes; a look at an outbox of one month, and of all months of ten years."""
    producer, consumer = create_engine(database.url("feedback")), create_engine(database.url("scoring"))
    async with producer.begin() as conn:
        await conn.execute(text(_FILL), {"events": FULL_MONTH})
        await months.turn(conn, FIRST.date(), FIRST)
    async with consumer.begin() as conn:
        await conn.execute(text(_AT_THE_END))
    first = await _look(consumer, Path())
    spent = []
    for number in range(1, YEARS * 12):
        began = time.perf_counter()
        async with producer.begin() as conn:
            await months.turn(conn, FIRST.date().replace(year=2026 + number // 12, month=number % 12 + 1), FIRST)
        spent.append(time.perf_counter() - began)
    last = await _look(consumer, Path())
    await producer.dispose()
    await consumer.dispose()
    return spent[0] * 1000, (first, last)


_FILL = """INSERT INTO outbox (partition, id, aggregatetype, aggregateid, aggregateversion, type, occurred_at,
                               recorded_at, payload)
           SELECT n % 12, gen_random_uuid(), 'feedback', 'PA-26-' || n, 1, 'vn.hanoi.cchc.feedback.received.v1', now(),
                  now(), json_build_object('code', repeat('x', 340)) FROM generate_series(1, CAST(:events AS int)) n"""
_AT_THE_END = """INSERT INTO stream_position (topic, partition, major, minor)
                 SELECT 'feedback', n, CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text) AS bigint) - 1, 0
                 FROM generate_series(0, 11) n"""


async def _scalar(engine: AsyncEngine, query: str) -> int:
    async with engine.connect() as conn:
        return int(await conn.scalar(text(query)) or 0)
