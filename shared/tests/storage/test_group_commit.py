"""Concurrent writes are joined, and what is wrong with one of them is told to its caller alone."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from types import SimpleNamespace

import pytest
from sqlalchemy import Column, Integer, Table, Text, insert, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from cchc_shared.contract.trace import traceparent
from cchc_shared.storage.database import create_engine, metadata
from cchc_shared.storage.group_commit import GroupCommit, Overloaded, is_data_error
from tests.support.databases import Database

METADATA = metadata()
REPORTS = Table("reports", METADATA, Column("id", Integer, primary_key=True), Column("content", Text, nullable=False))


@pytest.fixture
async def engine(database: Database) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(database.url("tasks"))
    async with engine.begin() as conn:
        await conn.run_sync(METADATA.create_all)
    yield engine
    await engine.dispose()


class Writer:
    """Writes each group in one transaction, and remembers the sizes of the groups it was given."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self.sizes: list[int] = []

    async def __call__(self, items: Sequence[tuple[int, str | None]]) -> Sequence[int | Exception]:
        self.sizes.append(len(items))
        async with self._engine.begin() as conn:
            await conn.execute(insert(REPORTS), [{"id": number, "content": content} for number, content in items])
        return [number for number, _ in items]


async def test_concurrent_callers_share_few_transactions(engine: AsyncEngine) -> None:
    writer = Writer(engine)
    group: GroupCommit[tuple[int, str | None], int] = GroupCommit(writer, max_batch=40)
    results = await asyncio.gather(*(group.submit((number, "x")) for number in range(100)))
    assert results == list(range(100))
    assert writer.sizes == [40, 40, 20]


async def test_callers_that_ask_again_and_again_are_written_in_groups_that_take_turns() -> None:
    sizes: list[int] = []

    async def execute(items: Sequence[int]) -> Sequence[int | Exception]:
        sizes.append(len(items))
        await asyncio.sleep(0.001)
        return list(items)

    group: GroupCommit[int, int] = GroupCommit(execute)

    async def caller(number: int) -> None:
        for _ in range(10):
            assert await group.submit(number) == number
            for _ in range(3):  # the answer goes out, and the next request is read, in later turns of the loop
                await asyncio.sleep(0)

    await asyncio.gather(*map(caller, range(32)))
    assert sum(sizes) == 320
    assert sizes.count(16) >= 18


async def test_a_group_takes_along_what_came_together_with_the_result_before_it() -> None:
    begun, written = asyncio.Event(), asyncio.Event()
    groups: list[list[int]] = []

    async def execute(items: Sequence[int]) -> Sequence[int | Exception]:
        groups.append(list(items))
        begun.set()
        await written.wait()
        return list(items)

    group: GroupCommit[int, int] = GroupCommit(execute)
    first = asyncio.create_task(group.submit(1))
    await begun.wait()
    second = asyncio.create_task(group.submit(2))
    await asyncio.sleep(0)
    written.set()
    third = asyncio.create_task(group.submit(3))  # as for a request that is read right after the database's answer
    assert await asyncio.gather(*[first, second, third]) == [1, 2, 3]
    assert groups == [[1], [2, 3]]


async def test_a_group_is_written_in_the_trace_of_none_of_its_callers() -> None:
    traces: list[str | None] = []

    async def execute(items: Sequence[int]) -> Sequence[int | Exception]:
        traces.append(traceparent.get())
        return list(items)

    group: GroupCommit[int, int] = GroupCommit(execute)
    outside = traceparent.get()
    traceparent.set("00-" + "1" * 32 + "-" + "2" * 16 + "-01")
    assert await group.submit(1) == 1
    assert traces == [outside]


async def test_one_bad_row_fails_alone(engine: AsyncEngine) -> None:
    group: GroupCommit[tuple[int, str | None], int] = GroupCommit(Writer(engine))
    contents = [None if number == 37 else "a\0b" if number == 61 else "x" for number in range(100)]
    results = await asyncio.gather(*(group.submit(item) for item in enumerate(contents)), return_exceptions=True)
    assert {number for number, result in enumerate(results) if isinstance(result, DBAPIError)} == {37, 61}
    async with engine.connect() as conn:
        assert await conn.scalar(text("SELECT count(*) FROM reports")) == 98


async def test_results_that_are_errors_reach_only_their_callers() -> None:
    async def execute(items: Sequence[int]) -> Sequence[int | Exception]:
        return [ValueError(item) if item == 3 else item for item in items]

    group: GroupCommit[int, int] = GroupCommit(execute)
    results = await asyncio.gather(*map(group.submit, range(6)), return_exceptions=True)
    assert [result for result in results if not isinstance(result, ValueError)] == [0, 1, 2, 4, 5]


async def test_an_error_that_is_not_of_the_data_is_not_tried_row_by_row() -> None:
    calls = 0

    async def execute(_: Sequence[int]) -> Sequence[int | Exception]:
        nonlocal calls
        calls += 1
        raise ConnectionError("away")

    group: GroupCommit[int, int] = GroupCommit(execute)
    results = await asyncio.gather(*map(group.submit, range(50)), return_exceptions=True)
    assert all(isinstance(result, ConnectionError) for result in results)
    assert calls == 2


async def test_a_caller_that_went_away_does_not_hold_up_the_others() -> None:
    go_on = asyncio.Event()

    async def execute(items: Sequence[int]) -> Sequence[int | Exception]:
        await go_on.wait()
        return list(items)

    group: GroupCommit[int, int] = GroupCommit(execute)
    tasks = [asyncio.create_task(group.submit(number)) for number in range(3)]
    await asyncio.sleep(0)
    tasks[1].cancel()
    go_on.set()
    first, gone, last = await asyncio.gather(*tasks, return_exceptions=True)
    assert (first, last) == (0, 2)
    assert isinstance(gone, asyncio.CancelledError)


async def test_too_many_waiting_are_refused_and_drain_finishes_the_rest() -> None:
    go_on = asyncio.Event()
    written: list[int] = []

    async def execute(items: Sequence[int]) -> Sequence[int | Exception]:
        await go_on.wait()
        written.extend(items)
        return list(items)

    group: GroupCommit[int, int] = GroupCommit(execute, max_batch=2, max_waiting=4)
    tasks = [asyncio.create_task(group.submit(number)) for number in range(6)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    refused = [task.exception() for task in tasks if task.done()]
    assert len(refused) == 2
    assert all(isinstance(error, Overloaded) for error in refused)
    drained = asyncio.create_task(group.drain(60))
    await asyncio.sleep(0)
    assert not drained.done()
    go_on.set()
    await drained
    assert written == [0, 1, 2, 3]
    await asyncio.gather(*tasks, return_exceptions=True)
    await group.drain(60)


async def test_it_writes_again_after_it_was_idle() -> None:
    async def execute(items: Sequence[int]) -> Sequence[int | Exception]:
        return list(items)

    group: GroupCommit[int, int] = GroupCommit(execute)
    assert [await group.submit(number) for number in range(3)] == [0, 1, 2]


@pytest.mark.parametrize(
    ("state", "of_the_data"),
    [("23505", True), ("22021", True), ("23514", True), ("40P01", False), ("53300", False), ("57P01", False)],
)
def test_what_an_error_speaks_of(state: str, of_the_data: bool) -> None:
    error = DBAPIError("INSERT", {}, SimpleNamespace(sqlstate=state))  # type: ignore[arg-type]
    assert is_data_error(error) is of_the_data


async def test_a_writer_that_forgets_a_result_is_an_error_and_not_a_silence() -> None:
    async def execute(items: Sequence[int]) -> Sequence[int | Exception]:
        return list(items)[1:]

    group: GroupCommit[int, int] = GroupCommit(execute)
    async with asyncio.timeout(5):
        found = await asyncio.gather(*map(group.submit, range(3)), return_exceptions=True)
    assert all(isinstance(result, ValueError) for result in found)


async def test_a_group_that_hangs_is_given_up_and_the_next_is_written() -> None:
    hanging = iter([asyncio.Event()])

    async def execute(items: Sequence[int]) -> Sequence[int | Exception]:
        if (event := next(hanging, None)) is not None:
            await event.wait()
        return list(items)

    group: GroupCommit[int, int] = GroupCommit(execute, seconds=0.05)
    first = asyncio.create_task(group.submit(1))
    await asyncio.sleep(0.01)
    assert group.stuck_seconds > 0
    second = asyncio.create_task(group.submit(2))
    found = await asyncio.gather(first, second, return_exceptions=True)
    assert isinstance(found[0], TimeoutError)
    assert found[1] == 2
    assert group.stuck_seconds == 0


async def test_what_hangs_does_not_hold_up_the_end() -> None:
    async def execute(_: Sequence[int]) -> Sequence[int | Exception]:
        await asyncio.Event().wait()
        return []

    group: GroupCommit[int, int] = GroupCommit(execute)
    waiting = asyncio.create_task(group.submit(1))
    await asyncio.sleep(0)
    await group.drain(0.05)
    waiting.cancel()
