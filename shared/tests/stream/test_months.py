"""Events stand in the month in which their transaction began, in order, and no writer is ever without a place."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from cchc_shared.stream import months, outbox
from cchc_shared.stream.postgres import _READ
from tests.support.events import task_event
from tests.support.waiting import until

from .conftest import JULY, JUNE, MAY, Log

PLACES = "SELECT tableoid::regclass::text, aggregateid FROM outbox ORDER BY xid, seq"


async def test_a_month_ends_and_the_next_one_takes_over(log: Log) -> None:
    await log.write(task_event("NV-1"))
    await log.turn(JUNE)
    await log.turn(JUNE)
    await log.write(task_event("NV-2"))
    await log.turn(JULY)
    await log.write(task_event("NV-3"))
    assert await log.rows(PLACES) == [
        ("outbox_2024_05", "NV-1"),
        ("outbox_2024_06", "NV-2"),
        ("outbox_open", "NV-3"),
    ]
    assert [row.month for row in await log.months()] == [MAY, JUNE, JULY]


async def test_a_transaction_that_began_before_the_turn_keeps_its_month_open(log: Log) -> None:
    async with log.producer.begin() as slow:
        await slow.execute(text("SELECT pg_current_xact_id()"))
        async with log.producer.begin() as later:
            await later.execute(text("SELECT pg_current_xact_id()"))
        async with log.producer.begin() as conn:
            assert await months.turn(conn, JUNE, log.now)
        await outbox.write(slow, [task_event("NV-slow")])
        assert [row.closed for row in await log.months()] == [False, None]
        assert await log.archive() == 0
    assert await log.rows(PLACES) == [("outbox_2024_05", "NV-slow")]
    await until(log.months, lambda rows: rows[0].closed)


async def test_months_end_one_after_the_other(log: Log) -> None:
    async with log.producer.begin() as conn:
        await conn.execute(text("SELECT pg_current_xact_id()"))
        async with log.producer.begin() as later:
            await later.execute(text("SELECT pg_current_xact_id()"))
        await months.turn(conn, JUNE, log.now)
    await log.turn(JULY)
    await log.write(task_event("NV-1"))
    assert await log.rows(PLACES) == [("outbox_open", "NV-1")]


async def test_the_turn_does_not_wait_for_a_long_writer(log: Log) -> None:
    async with log.producer.begin() as writing:
        await outbox.write(writing, [task_event("NV-1")])
        with pytest.raises(DBAPIError, match="lock timeout"):
            await log.turn(JUNE)
    await log.turn(JUNE)
    assert await log.rows(PLACES) == [("outbox_2024_05", "NV-1")]


async def test_sequence_numbers_go_on(log: Log) -> None:
    await log.write(*(task_event(f"NV-{number}") for number in range(3)))
    await log.turn(JUNE)
    await log.write(task_event("NV-3"))
    in_order = await log.rows("SELECT seq FROM outbox ORDER BY xid, seq")
    assert in_order == await log.rows("SELECT DISTINCT seq FROM outbox ORDER BY seq")


async def test_readers_open_no_month_that_is_behind_them(log: Log) -> None:
    for number in range(1, 25):
        await log.write(*(task_event(f"NV-{number}-{one}") for one in range(50)))
        await log.turn(MAY.replace(year=2024 + (4 + number) // 12, month=(4 + number) % 12 + 1))
    await log.write(*(task_event(f"NV-{number}") for number in range(50)))
    ((last,),) = await log.rows("SELECT max(xid) FROM outbox WHERE tableoid <> 'outbox_open'::regclass")
    query = (
        _READ.format(topic="tasks")
        .replace(
            "$1::smallint[], $2::bigint[], $3::bigint[]",
            f"'{{3}}'::smallint[], '{{{last}}}'::bigint[], '{{0}}'::bigint[]",
        )
        .replace("$4", "100")
        .replace("$5", str(last))
    )
    async with log.readers["scoring"].connect() as conn:
        plan = "\n".join((await conn.execute(text(f"EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) {query}"))).scalars())
    executed = [line for line in plan.splitlines() if "on outbox_2" in line or "on outbox_open" in line]
    executed = [line for line in executed if "never executed" not in line]
    assert 0 < len(executed) <= 2, plan
    assert "outbox_2024_06" not in plan
    assert all("Index Scan" in line for line in executed)
    assert "Sort" not in plan


async def test_a_dump_that_is_restored_elsewhere_is_read_from_the_beginning(log: Log) -> None:
    await log.write(*(task_event(f"NV-{number}") for number in range(40)))
    await log.turn(JUNE)
    await log.write(*(task_event(f"NV-{number}", 2) for number in range(40)))
    await log.archive()
    await log.passed("scoring", "feedback")
    assert await log.trim() == MAY
    async with log.producer.begin() as conn:
        await conn.execute(text("SELECT outbox_of_another_server()"))
    await log.write(task_event("NV-0", 3))
    found = [(one.aggregate, one.version) for one in await log.read()]
    assert len(found) == 81
    assert [version for aggregate, version in found if aggregate == "task:NV-0"] == [1, 2, 3]
    ((owner,),) = await log.rows("SELECT relowner::regrole::text FROM pg_class WHERE oid = 'outbox_open'::regclass")
    assert owner == "tasks_api"
    await log.turn(JULY)
