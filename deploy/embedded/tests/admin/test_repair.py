"""After a restore from a dump positions stand where they stood: nothing is passed over, and little comes twice."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

import asyncpg
import pytest

from cchc_embedded.admin import repair
from cchc_shared.stream.record import START
from tests.support.databases import Database

FAR = 10_000_000_000
"""A transaction id that this server has not reached."""
Event = tuple[int, int]
"""Transaction and number."""


@pytest.fixture
async def admin(database: Database) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(database.admin_url)
    yield connection
    await connection.close()


async def prepare(admin: asyncpg.Connection, log: Sequence[Event], position: Event) -> None:
    """A log in partition 5 of tasks, and scoring at that position of it."""
    await admin.executemany(
        """INSERT INTO tasks.outbox (partition, xid, seq, id, aggregatetype, aggregateid, aggregateversion, type,
                                     occurred_at, recorded_at, payload)
           OVERRIDING SYSTEM VALUE
           VALUES (5, ($1::bigint)::text::xid8, $2::bigint, gen_random_uuid(), 'task', ($2::bigint)::text, 1, 't',
                   now(), now(), '{}')""",
        [(FAR + xid, seq) for xid, seq in log],
    )
    major = START[0] if position == START else FAR + position[0]
    await admin.execute(
        "INSERT INTO scoring.stream_position (topic, partition, major, minor) VALUES ('tasks', 5, $1, $2)",
        major,
        position[1],
    )


async def after(admin: asyncpg.Connection) -> dict[str, Any]:
    """The position, and the numbers of what is read from it, in order."""
    await admin.execute(repair.OF_ANOTHER_SERVER)
    at = await admin.fetchrow("SELECT major, minor FROM scoring.stream_position WHERE partition = 5")
    ahead = await admin.fetch(
        """SELECT seq FROM tasks.outbox_feed
           WHERE partition = 5 AND (xid, seq) > (greatest($1::bigint, 0)::text::xid8, $2::bigint)
           ORDER BY xid, seq""",
        at["major"],
        at["minor"],
    )
    return {"at": tuple(at), "read": [row["seq"] for row in ahead]}


@pytest.mark.parametrize(
    ("log", "position", "expected"),
    [
        ([(1, 10), (2, 11), (3, 12)], (3, 12), {"at": (3, 12), "read": []}),
        ([(1, 10), (2, 11), (3, 12)], (1, 10), {"at": (3, 10), "read": [11, 12]}),
        ([(1, 10), (2, 11), (3, 12)], START, {"at": START, "read": [10, 11, 12]}),
        ([], START, {"at": START, "read": []}),
        # The transaction of 12 began before that of 11: 11 has not taken effect, 12 has, and comes again.
        ([(1, 10), (3, 11), (2, 12)], (2, 12), {"at": (3, 10), "read": [11, 12]}),
    ],
    ids=["all", "some", "none", "empty", "out of order"],
)
async def test_a_position_is_before_the_first_event_that_has_not_taken_effect(
    admin: asyncpg.Connection, log: Sequence[Event], position: Event, expected: dict[str, Any]
) -> None:
    await prepare(admin, log, position)
    assert await after(admin) == expected


@pytest.mark.parametrize(
    ("log", "position", "expected"),
    [
        ([], (1, 10), (0, 40)),
        ([(2, 11), (3, 12)], (1, 10), (0, 40)),
        ([(2, 11), (3, 12)], (2, 11), (3, 11)),
        ([(2, 11)], (0, 9), START),
    ],
    ids=["nothing since", "nothing read since", "some read", "overtaken"],
)
async def test_a_position_after_the_archive_stays_after_it(
    admin: asyncpg.Connection, log: Sequence[Event], position: Event, expected: Event
) -> None:
    await admin.execute("INSERT INTO tasks.outbox_trimmed VALUES (5, 40, $1, 10)", FAR + 1)
    await prepare(admin, log, position)
    assert (await after(admin))["at"] == expected
    assert tuple(await admin.fetchrow("SELECT events, major, minor FROM tasks.outbox_trimmed")) == (40, 0, 40)


async def test_a_position_in_the_archive_stays(admin: asyncpg.Connection) -> None:
    await admin.execute("INSERT INTO tasks.outbox_trimmed VALUES (5, 40, $1, 10)", FAR + 1)
    await prepare(admin, [(2, 11)], START)
    await admin.execute("UPDATE scoring.stream_position SET major = 0, minor = 7")
    assert (await after(admin))["at"] == (0, 7)


async def test_a_parked_event_is_the_same_event_afterwards(admin: asyncpg.Connection) -> None:
    await prepare(admin, [(1, 10)], START)
    await admin.execute(
        """INSERT INTO scoring.parked_event (aggregate, topic, partition, major, minor, type, headers, payload, reason)
           VALUES ('task:10', 'tasks', 5, $1, 10, 't', '{}', '', 'failed'),
                  ('task:10', 'cchc.tasks', 5, 77, 0, 't', '{}', '', 'failed'),
                  ('task:9', 'tasks', 5, 0, 9, 't', '{}', '', 'failed')""",
        FAR + 1,
    )
    await admin.execute(repair.OF_ANOTHER_SERVER)
    rows = await admin.fetch("SELECT topic, major, minor FROM scoring.parked_event ORDER BY topic, minor")
    assert [tuple(row) for row in rows] == [("cchc.tasks", 77, 0), ("tasks", 0, 9), ("tasks", 3, 10)]


async def test_positions_in_kafka_are_forgotten_and_those_of_the_relay(admin: asyncpg.Connection) -> None:
    await prepare(admin, [(1, 10)], (1, 10))
    await admin.execute(
        "INSERT INTO scoring.stream_position (topic, partition, major, minor) VALUES ('cchc.tasks', 5, 77, 0)"
    )
    await admin.execute("INSERT INTO relay.stream_position (topic, partition, major, minor) VALUES ('tasks', 5, 77, 0)")
    await admin.execute(repair.KAFKA)
    assert await admin.fetchval("SELECT count(*) FROM relay.stream_position") == 0
    assert [row[0] for row in await admin.fetch("SELECT topic FROM scoring.stream_position")] == ["tasks"]


async def test_who_follows_a_list_begins_anew_and_finds_all_of_it(admin: asyncpg.Connection) -> None:
    reached = "SELECT count(*) FROM feedback.feedback_out_of_sight WHERE changed_in < pg_current_xact_id()"
    await admin.execute(
        """INSERT INTO feedback.feedback_out_of_sight (reader, code, changed_in)
           VALUES ('unit:a', 'PA-1', ($1::bigint)::text::xid8), ('unit:a', 'PA-2', '5')""",
        FAR,
    )
    generation = await admin.fetchval("SELECT id FROM feedback.list_generation")
    assert await admin.fetchval(reached) == 1
    await admin.execute(repair.FOLLOWED_LISTS)
    assert await admin.fetchval(reached) == 2
    assert await admin.fetchval("SELECT count(*) FROM feedback.feedback_out_of_sight WHERE changed_in = '5'") == 1
    assert await admin.fetchval("SELECT id FROM feedback.list_generation") != generation
