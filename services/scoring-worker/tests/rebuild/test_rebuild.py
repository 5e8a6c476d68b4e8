"""The log of events gives the live scores again, to the last digit; what does not agree is named."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from cchc_shared.calendar.clock import FixedClock
from cchc_shared.contract.codes import TaskStatus, UnitKind
from cchc_shared.contract.events import Event, EventData
from cchc_shared.contract.events.task import TaskAssigned, TaskCompleted, TaskTransferred
from cchc_shared.contract.events.unit import UnitDefined
from cchc_shared.service.rebuild import (
    Difference,
    LogIncomplete,
    LogTooShort,
    RebuildRunning,
    TablesBusy,
    rebuild,
    search_rebuilt,
)
from cchc_shared.service.rebuild.command import run
from cchc_shared.service.rebuild.replay import replay
from cchc_shared.storage.database import create_engine
from cchc_shared.stream import outbox, parking
from cchc_shared.stream.inbox import Inbox
from cchc_shared.stream.postgres import PostgresSource, current_positions
from scoring_worker.bootstrap import TOPICS
from scoring_worker.metadata import METADATA
from scoring_worker.rebuild.__main__ import NAME, plan_of
from scoring_worker.rebuild.plan import SCHEMA, plan
from scoring_worker.scoring import recompute
from scoring_worker.settings import ScoringSettings
from tests.support import events as builders
from tests.support.databases import Database
from tests.support.events import task_state
from tests.support.scoring import ScoringService

START = datetime(2026, 5, 1, tzinfo=UTC)


def history() -> list[Event]:
    """Twenty tasks: some done, some late, some handed over, some left."""
    events = [event(UnitDefined(code=code, name=code, kind=UnitKind.DEPARTMENT), code, 1) for code in "AB"]
    for number in range(20):
        subject, due = str(number), START + timedelta(days=10 + number)
        state = task_state(f"NV-{number}", START, lead_unit="A", status=TaskStatus.NOT_STARTED, due_at=due)
        events.append(event(TaskAssigned(**state), subject, 1))
        if number % 3 == 0:
            events.append(event(TaskTransferred(**state | {"lead_unit": "B"}, from_unit="A", to_unit="B"), subject, 2))
        elif number % 3 == 1:
            done = due + timedelta(days=number - 10)
            events.append(event(TaskCompleted(**state | {"completed_at": done}), subject, 2, done))
    return events


def event(data: EventData, subject: str, version: int, at: datetime = START) -> Event:
    return builders.event_of(data, subject, version, at)


@pytest.fixture
async def producer(database: Database) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(database.url("tasks"))
    yield engine
    await engine.dispose()


@pytest.fixture
async def beside(database: Database) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(database.url("scoring"))
    search_rebuilt(engine, SCHEMA)
    yield engine
    await engine.dispose()


async def write(producer: AsyncEngine, events: list[Event]) -> None:
    """Returns when readers see them: the feed ends at the oldest transaction of the whole server."""
    async with producer.begin() as conn:
        await outbox.write(conn, events)
    hidden = text("SELECT (SELECT count(*) FROM outbox) - (SELECT count(*) FROM outbox_feed)")
    async with asyncio.timeout(60), producer.connect() as conn:
        await conn.execution_options(isolation_level="AUTOCOMMIT")
        while await conn.scalar(hidden):  # noqa: ASYNC110 - nothing tells when the last old transaction ends
            await asyncio.sleep(0.01)


async def consume(service: ScoringService) -> None:
    """What the worker does, until it has caught up."""
    source = PostgresSource(service.engine, TOPICS, "worker")
    await source.start()
    await replay(source, service.engine, Inbox(service.projection), await current_positions(service.engine, TOPICS))
    await source.stop()


async def again(
    service: ScoringService,
    beside: AsyncEngine,
    clock: FixedClock,
    *,
    swapping: bool = False,
    accepting_loss: bool = False,
) -> list[Difference]:
    return await rebuild(
        plan(service.projection),
        service.engine,
        beside,
        lambda: PostgresSource(beside, TOPICS, "rebuild"),
        clock=clock,
        swapping=swapping,
        accepting_loss=accepting_loss,
    )


async def test_the_log_gives_the_live_scores_again(
    service: ScoringService, producer: AsyncEngine, beside: AsyncEngine, clock: FixedClock
) -> None:
    events = history()
    await write(producer, events[:10])
    await consume(service)
    clock.advance(timedelta(days=3))
    await write(producer, events[10:])
    await consume(service)
    await write(producer, [event(UnitDefined(code="C", name="C", kind=UnitKind.COMMUNE), "C", 1)])  # not consumed yet
    scores = await service.rows("SELECT count(*) FROM score")
    assert scores[0][0] > 0
    assert await again(service, beside, clock) == []
    assert await again(service, beside, clock) == []


async def test_a_log_in_which_no_position_is_stored_is_refused(
    service: ScoringService, producer: AsyncEngine, beside: AsyncEngine, clock: FixedClock
) -> None:
    await write(producer, history()[:3])
    await consume(service)
    async with service.engine.begin() as conn:  # as of a worker that has followed Kafka alone
        await conn.execute(text("UPDATE stream_position SET topic = 'cchc.' || topic"))
    with pytest.raises(LogTooShort, match=r"no position in it is stored; the stored ones are of: cchc\."):
        await again(service, beside, clock)


def test_every_table_is_compared_or_known_to_be_no_effect(service: ScoringService) -> None:
    no_effects = {
        "stream_position",
        "stream_lease",
        "stream_member",
        "parked_event_audit",
        "timer",
        "tick",
        "series_year",
        "questionnaire",
        "survey",
        "survey_token",
        "survey_receipt",
        "survey_ballot",
        "season",
        "season_history",
        "season_unit",
        "season_entry",
        "ledger_link",
        "ledger_unit",
        "frozen_number",
        "idempotency",
    }
    what = plan(service.projection)
    named = {table.name for table in (*what.effects, *what.bookkeeping, *what.definitions)}
    assert named | no_effects == METADATA.tables.keys()
    assert not named & no_effects


async def test_what_differs_is_named_and_mended_by_a_swap(
    service: ScoringService, producer: AsyncEngine, beside: AsyncEngine, clock: FixedClock
) -> None:
    await write(producer, history())
    await consume(service)
    async with service.engine.begin() as conn:
        await conn.execute(text("UPDATE score SET total = total + 1 WHERE unit = 'A' AND period = '2026'"))
        await conn.execute(text("DELETE FROM event WHERE aggregate = 'task:1' AND version = 2"))
        await conn.execute(text("DELETE FROM occurrence WHERE aggregate = 'task:3'"))
    found = await again(service, beside, clock)
    assert [(one.table, one.side) for one in found] == [
        ("event", "rebuilt"),
        ("occurrence", "rebuilt"),
        ("score", "live"),
        ("score", "rebuilt"),
    ]
    assert "aggregate=task:1" in str(found[0])
    assert "aggregate=task:3" in str(found[1])
    assert "unit=A" in str(found[2])

    assert await again(service, beside, clock, swapping=True) == found
    assert await again(service, beside, clock) == []
    more = event(UnitDefined(code="A", name="A again", kind=UnitKind.COMMUNE), "A", 2)
    await write(producer, [more])
    await consume(service)
    assert await again(service, beside, clock) == []


async def test_the_command_compares_by_the_settings_of_the_service(
    service: ScoringService, producer: AsyncEngine, settings: ScoringSettings
) -> None:
    await write(producer, history())
    await consume(service)
    assert await run(NAME, settings, plan_of(settings), TOPICS) == []
    assert await run(NAME, settings, plan_of(settings), TOPICS, from_outbox=True) == []
    async with service.engine.begin() as conn:
        await conn.execute(text("DELETE FROM duty WHERE aggregate = 'task:1'"))
    found = await run(NAME, settings, plan_of(settings), TOPICS)
    assert [(one.table, one.side) for one in found] == [("duty", "rebuilt")]


async def test_a_log_that_lost_its_end_is_an_error(
    service: ScoringService,
    producer: AsyncEngine,
    beside: AsyncEngine,
    clock: FixedClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("cchc_shared.service.rebuild.replay.PATIENCE", 0)
    await write(producer, history())
    await consume(service)
    async with producer.begin() as conn:
        await conn.execute(text("DELETE FROM outbox"))
    with pytest.raises(LogTooShort):
        await again(service, beside, clock)


async def test_a_log_that_has_only_what_came_later_is_an_error(
    service: ScoringService,
    producer: AsyncEngine,
    beside: AsyncEngine,
    clock: FixedClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("cchc_shared.service.rebuild.replay.PATIENCE", 1)
    await write(producer, history())
    await consume(service)
    async with producer.begin() as conn:
        await conn.execute(text("DELETE FROM outbox"))
    later = [UnitDefined(code=f"U{number}", name="U", kind=UnitKind.COMMUNE) for number in range(99)]
    await write(producer, [event(unit, unit.code, 1) for unit in later])
    with pytest.raises(LogTooShort):
        await again(service, beside, clock)


async def live(service: ScoringService) -> list[object]:
    """What readers see, and what the inbox knows."""
    return [
        await service.rows(f"SELECT * FROM {table} ORDER BY 1, 2")
        for table in ("duty", "score", "stream_version", "parked_event")
    ]


async def test_a_swap_of_a_log_that_lost_its_head_is_refused(
    service: ScoringService, producer: AsyncEngine, beside: AsyncEngine, clock: FixedClock
) -> None:
    await write(producer, history())
    await consume(service)
    async with producer.begin() as conn:
        await conn.execute(text("DELETE FROM outbox WHERE aggregateversion = 1 AND aggregateid IN ('0', '1', '4')"))
    before = await live(service)
    with pytest.raises(LogIncomplete) as refused:
        await again(service, beside, clock, swapping=True)
    named = {(one.table, one.side, one.row["aggregate"]) for one in refused.value.missing}
    assert named == {
        *(("stream_version", "live", f"task:{number}") for number in (0, 1, 4)),
        *(("parked_event", "rebuilt", f"task:{number}") for number in (0, 1, 4)),
    }
    assert await live(service) == before
    assert await again(service, beside, clock, swapping=True, accepting_loss=True)
    assert await live(service) != before


async def test_a_swap_of_what_is_left_after_the_newest_of_each_partition_is_refused(
    service: ScoringService, producer: AsyncEngine, beside: AsyncEngine, clock: FixedClock
) -> None:
    await write(producer, history())
    await consume(service)
    newest = "SELECT DISTINCT ON (partition) id FROM outbox ORDER BY partition, xid DESC, seq DESC"
    async with producer.begin() as conn:
        await conn.execute(text(f"DELETE FROM outbox WHERE id NOT IN (SELECT id FROM ({newest}) newest)"))
    before = await live(service)
    with pytest.raises(LogIncomplete):
        await again(service, beside, clock, swapping=True)
    assert await live(service) == before


async def operate(service: ScoringService, action: parking.Act, version: int | None = None) -> None:
    """Act on the first parked event, or the first of that version, and let the worker do what was asked."""
    async with service.engine.begin() as conn:
        rows = await parking.page(conn, aggregate="", after=0, limit=10)
        row = next(row for row in rows if version in {None, row.version})
        assert await parking.act(conn, row.id, action, done_by="an-operator", reason="đã xem")
        await Inbox(service.projection).retry(conn)


def completed(version: int) -> Event:
    state = task_state("NV-0", START, lead_unit="A", status=TaskStatus.NOT_STARTED, due_at=START + timedelta(days=10))
    return event(TaskCompleted(**state | {"completed_at": START}), "0", version)


async def test_a_discarded_event_stays_discarded_in_a_rebuild(
    service: ScoringService, producer: AsyncEngine, beside: AsyncEngine, clock: FixedClock
) -> None:
    await write(producer, [*history(), completed(3)])
    await spoil(producer, 2)
    await consume(service)
    await operate(service, "discard")
    assert await service.rows("SELECT version, blocked FROM stream_version WHERE aggregate = 'task:0'") == [(3, None)]
    assert await again(service, beside, clock) == []
    kept = "SELECT aggregate, version, payload, resolution FROM parked_event WHERE resolution = 'discarded'"
    discarded = await service.rows(kept)
    assert await again(service, beside, clock, swapping=True) == []
    assert await service.rows(kept) == discarded
    assert len(discarded) == 1
    assert await again(service, beside, clock) == []


async def spoil(producer: AsyncEngine, version: int) -> None:
    async with producer.begin() as conn:
        spoil = "UPDATE outbox SET payload = '{}' WHERE aggregateid = '0' AND aggregateversion = :version"
        await conn.execute(text(spoil), {"version": version})


async def discard_behind_what_waits(service: ScoringService, producer: AsyncEngine) -> None:
    """Version 2 waits, as it cannot be read; version 3 behind it was discarded."""
    await write(producer, [*history(), completed(3)])
    await spoil(producer, 2)
    await consume(service)
    await operate(service, "discard", 3)


async def test_an_event_discarded_behind_another_stays_discarded_in_a_rebuild(
    service: ScoringService, producer: AsyncEngine, beside: AsyncEngine, clock: FixedClock
) -> None:
    await discard_behind_what_waits(service, producer)
    open_ = "SELECT version, reason FROM parked_event WHERE resolution IS NULL"
    assert await service.rows(open_) == [(2, "malformed")]
    assert await again(service, beside, clock, swapping=True) == []
    assert await service.rows(open_) == [(2, "malformed")]
    assert await again(service, beside, clock) == []


async def test_a_swap_takes_what_nothing_says_was_discarded_for_what_waits(
    service: ScoringService, producer: AsyncEngine, beside: AsyncEngine, clock: FixedClock
) -> None:
    await discard_behind_what_waits(service, producer)
    async with service.engine.begin() as conn:
        await conn.execute(text("DELETE FROM parked_event_audit"))
    with pytest.raises(LogIncomplete):
        await again(service, beside, clock, swapping=True)
    assert await again(service, beside, clock, swapping=True, accepting_loss=True)
    waiting = "SELECT version, reason, resolution FROM parked_event ORDER BY version"
    assert await service.rows(waiting) == [(2, "malformed", None), (3, "behind", None)]


async def test_a_gap_that_was_closed_stays_closed_in_a_rebuild(
    service: ScoringService, producer: AsyncEngine, beside: AsyncEngine, clock: FixedClock
) -> None:
    await write(producer, [*history()[:3], completed(4)])
    await consume(service)
    await operate(service, "close_gap")
    assert await service.rows("SELECT version, blocked FROM stream_version WHERE aggregate = 'task:0'") == [(4, None)]
    assert await again(service, beside, clock, swapping=True) == []
    assert await again(service, beside, clock) == []


async def test_a_rebuild_gives_way_to_who_holds_what_it_waits_for(
    service: ScoringService,
    producer: AsyncEngine,
    beside: AsyncEngine,
    clock: FixedClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It holds all positions by then: workers would stand for as long as somebody keeps a lock."""
    monkeypatch.setattr("cchc_shared.service.rebuild.service.LOCK_SECONDS", 0.2)
    await write(producer, history())
    await consume(service)
    async with service.engine.begin() as conn:
        await recompute.begin(conn, redefines=True)
        with pytest.raises(TablesBusy):
            await again(service, beside, clock, swapping=True)
    assert await again(service, beside, clock) == []


async def test_two_rebuilds_exclude_each_other(
    service: ScoringService, producer: AsyncEngine, beside: AsyncEngine, clock: FixedClock
) -> None:
    await write(producer, history())
    await consume(service)
    async with service.engine.connect() as conn:
        lock = text("SELECT pg_advisory_lock(hashtext('cchc.rebuild'), hashtext(:schema))")
        await conn.execute(lock, {"schema": SCHEMA})
        with pytest.raises(RebuildRunning):
            await again(service, beside, clock)
        await conn.invalidate()
    assert await again(service, beside, clock) == []
