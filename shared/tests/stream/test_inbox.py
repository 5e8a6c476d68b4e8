"""However events arrive, each takes effect once, in the order of its aggregate, and none is passed over."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Sequence
from uuid import NAMESPACE_OID, uuid5

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cchc_shared.contract.events import Event, encode
from cchc_shared.storage.database import create_engine, is_systemic, is_transient
from cchc_shared.stream.inbox import Inbox, Outcome
from cchc_shared.stream.record import Envelope, Record
from tests.contracts.harness import Recorder, name_of, prepare, task
from tests.support.databases import Database

Key = tuple[str, int]
"""An aggregate's id and a version."""


def record(key: Key, at: int, fault: str | None = None) -> Record:
    """The event as it stands at a place of its partition; with a fault, its envelope cannot be read."""
    event = task(*key)
    envelope = Envelope(
        uuid5(NAMESPACE_OID, name_of(event) + str(event.version)), event.subject, event.occurred_at, event.recorded_at
    )
    version = event.version if fault is None else None
    return Record("tasks", 0, (at, 0), name_of(event), version, event.type, encode(event.data), envelope, fault)


@pytest.fixture
async def engine(database: Database) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(database.url("scoring"))
    await prepare({}, engine, engine)
    yield engine
    await engine.dispose()


@pytest.fixture
async def conn(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    async with engine.connect() as conn:
        yield conn
        await conn.rollback()


async def seen(conn: AsyncConnection) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for row in await conn.execute(text("SELECT aggregate, version FROM seen ORDER BY id")):
        found[row.aggregate.removeprefix("task:")].append(row.version)
    return dict(found)


async def parked(conn: AsyncConnection) -> list[tuple[int | None, str, str | None]]:
    rows = await conn.execute(
        text("SELECT version, reason, error FROM parked_event WHERE resolution IS NULL ORDER BY id")
    )
    return [(row.version, row.reason, row.error) for row in rows]


async def retry_everything(conn: AsyncConnection, inbox: Inbox) -> None:
    await conn.execute(text("UPDATE stream_version SET retry = 1"))
    await inbox.retry(conn)


@st.composite
def readings(draw: st.DrawFn) -> tuple[list[list[tuple[Key, int]]], set[Key]]:
    """Complete histories, written in any order and some events twice, read with rewinds, in batches of any size; and
    events that their handler refuses at first."""
    lengths = draw(st.lists(st.integers(1, 5), min_size=1, max_size=3))
    events = [(f"A{number}", version) for number, length in enumerate(lengths) for version in range(1, length + 1)]
    doubled = draw(st.lists(st.sampled_from(events), max_size=4))
    log = list(enumerate(draw(st.permutations(events + doubled))))
    read: list[tuple[Key, int]] = []
    for end in [*draw(st.lists(st.integers(0, len(log)), max_size=2)), len(log)]:
        read += [(key, at) for at, key in log[:end]]
    size = draw(st.integers(1, len(read)))
    batches = [read[start : start + size] for start in range(0, len(read), size)]
    return batches, draw(st.sets(st.sampled_from(events), max_size=2))


@pytest.fixture
def runner(database: Database) -> Iterator[tuple[asyncio.Runner, AsyncEngine]]:
    """One event loop and pool for many examples."""
    with asyncio.Runner() as runner:
        engine = create_engine(database.url("scoring"))
        runner.run(prepare({}, engine, engine))
        yield runner, engine
        runner.run(engine.dispose())


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(reading=readings())
def test_any_reading_of_complete_histories_ends_in_them(
    runner: tuple[asyncio.Runner, AsyncEngine], reading: tuple[list[list[tuple[Key, int]]], set[Key]]
) -> None:
    batches, refused = reading
    runner[0].run(check_reading(runner[1], batches, refused))


async def check_reading(engine: AsyncEngine, batches: list[list[tuple[Key, int]]], refused: set[Key]) -> None:
    histories: dict[str, list[int]] = defaultdict(list)
    for subject, version in sorted({key for batch in batches for key, _ in batch}):
        histories[subject].append(version)
    culprits = set(refused)
    recorder = Recorder(fault=lambda event: ValueError() if (event.subject, event.version) in culprits else None)
    inbox = Inbox(recorder, enough=0)
    async with engine.connect() as conn:
        for batch in batches:
            await inbox.process(conn, [record(key, at) for key, at in batch])
            for subject, versions in (await seen(conn)).items():
                assert versions == histories[subject][: len(versions)]
        for subject, versions in histories.items():
            stop = min([version for name, version in refused if name == subject], default=len(versions) + 1)
            assert (await seen(conn)).get(subject, []) == versions[: stop - 1]
        culprits.clear()
        await retry_everything(conn, inbox)
        assert await seen(conn) == histories
        assert await parked(conn) == []
        await conn.rollback()


async def process(conn: AsyncConnection, *records: Record, recorder: Recorder | None = None) -> Outcome:
    return await Inbox(recorder or Recorder(), enough=0).process(conn, records)


async def test_what_became_of_a_batch_is_told(conn: AsyncConnection) -> None:
    first = await process(conn, record(("A", 1), 1), record(("A", 1), 2), record(("A", 3), 3), record(("B", 1), 4))
    assert (first.applied, first.duplicates, first.released) == (2, 1, 0)
    assert first.parked == [("task:A", "gap", "version 2 has not come")]
    second = await process(conn, record(("A", 2), 5))
    assert (second.applied, second.duplicates, second.released, second.parked) == (2, 0, 1, [])


async def test_an_unreadable_envelope_keeps_its_fault_through_every_retry(conn: AsyncConnection) -> None:
    bad = record(("A", 2), 2, fault="envelope: no version")
    await process(conn, record(("A", 1), 1), bad, record(("A", 3), 3))
    before = await parked(conn)
    assert (None, "behind", "envelope: no version") in before or (None, "malformed", "envelope: no version") in before
    await retry_everything(conn, Inbox(Recorder()))
    assert {error for version, _, error in await parked(conn) if version is None} == {"envelope: no version"}
    assert await seen(conn) == {"A": [1]}


async def test_a_handler_that_leaves_its_transaction_broken_harms_nobody_else(conn: AsyncConnection) -> None:
    class Careless(Recorder):
        async def apply(self, conn: AsyncConnection, events: Sequence[Event]) -> None:
            if any(event.subject == "A" for event in events):
                await conn.execute(text("SELECT 1 / 0"))
            await super().apply(conn, events)

    outcome = await process(conn, record(("A", 1), 1), record(("B", 1), 2), record(("C", 1), 3), recorder=Careless())
    assert await seen(conn) == {"B": [1], "C": [1]}
    assert [(name, reason) for name, reason, _ in outcome.parked] == [("task:A", "failed")]


async def test_what_stands_behind_a_given_up_version_is_no_conflict_with_the_one_before(conn: AsyncConnection) -> None:
    await process(conn, record(("A", 1), 1))
    await conn.execute(
        text(
            """INSERT INTO parked_event_audit (aggregate, action, done_by, reason, first_version, last_version)
               VALUES ('task:A', 'discard', 'x', 'y', 2, 2)"""
        )
    )
    refusing = Recorder(fault=lambda event: ValueError() if event.version == 3 else None)
    await process(conn, record(("A", 3), 3), recorder=refusing)
    await process(conn, record(("A", 2), 4), recorder=refusing)
    assert [(version, reason) for version, reason, _ in await parked(conn)] == [(3, "failed")]


def failure(state: str) -> DBAPIError:
    """What SQLAlchemy raises when the database answers with this SQLSTATE."""
    error = Exception()
    error.sqlstate = state  # type: ignore[attr-defined]
    return DBAPIError("UPDATE", {}, error)


@pytest.mark.parametrize(
    ("error", "again"),
    [
        (ConnectionResetError(), True),
        (TimeoutError(), True),
        (ValueError(), False),
        (KeyError(), False),
        *((failure(state), True) for state in ("40001", "40P01", "53100", "57P01")),
        *((failure(state), False) for state in ("23505", "22P02", "42P01")),
        (DBAPIError("", {}, Exception(), connection_invalidated=True), True),
        # What COPY raises is the driver's own.
        (asyncpg.DiskFullError(), True),
        (asyncpg.UniqueViolationError(), False),
    ],
)
def test_what_is_worth_trying_again(error: Exception, again: bool) -> None:
    assert is_transient(error) is again


@pytest.mark.parametrize(
    ("error", "ours"),
    [
        (ValueError(), False),
        *((failure(state), True) for state in ("42501", "42P01", "42703", "28000", "3D000", "3F000", "XX000")),
        *((failure(state), False) for state in ("23505", "22P02", "40P01")),
        (asyncpg.InsufficientPrivilegeError(), True),
        (asyncpg.UniqueViolationError(), False),
    ],
)
def test_what_no_event_is_to_blame_for(error: Exception, ours: bool) -> None:
    assert is_systemic(error) is ours
