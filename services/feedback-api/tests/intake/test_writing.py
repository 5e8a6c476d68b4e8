"""What becomes of a group: when its connection does not last, and of each of its reports."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest
from msgspec.structs import replace
from sqlalchemy import event, func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from cchc_shared.storage.address import async_url
from cchc_shared.storage.database import create_engine, is_unavailable
from cchc_shared.storage.idempotency import Reply
from cchc_shared.stream.outbox import EventTooLarge
from feedback_api.intake.domain import NewReport
from feedback_api.metadata import outbox
from feedback_api.reports.models import feedback
from feedback_api.settings import FeedbackSettings
from tests.support.databases import Database
from tests.support.waiting import until

from ..conftest import Service
from .test_intake import new_report, submit


async def hang_up(database: Database, spared: int = 0) -> None:
    """End every connection of the service but one, as a restart of the database does."""
    admin = await asyncpg.connect(database.admin_url)
    await admin.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid NOT IN (pg_backend_pid(), $1)",
        spared,
    )
    await admin.close()


async def test_connections_that_were_closed_meanwhile_cost_no_report(
    service: Service, settings: FeedbackSettings, database: Database
) -> None:
    drivers: list[asyncpg.Connection[asyncpg.Record]] = []
    engine = create_engine(settings.database_url)
    event.listen(engine.sync_engine, "connect", lambda dbapi, _: drivers.append(dbapi.driver_connection))
    async with _using(service, engine):
        for number in range(3):
            assert (await submit(service.writer, new_report(f"key-{number}"))).status == 201
            await hang_up(database)
            await until(lambda: _closed(drivers), all)
    assert len(drivers) == 3


async def test_a_driver_that_lost_its_way_is_an_unavailable_database(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when the server has said that it ends the connection, and has not ended it yet."""

    async def fetch(*_: object) -> None:
        raise asyncpg.InternalClientError("cannot switch to state 12; another operation (2) is in progress")

    with monkeypatch.context() as patch:
        patch.setattr(asyncpg.Connection, "fetch", fetch)
        with pytest.raises(DBAPIError) as told:
            await submit(service.writer, new_report("key"))
    assert is_unavailable(told.value)
    assert (await submit(service.writer, new_report("key"))).status == 201


async def test_a_group_whose_connection_breaks_is_told_and_the_next_is_written(
    service: Service, database: Database
) -> None:
    admin = await asyncpg.connect(database.url("feedback"))
    async with admin.transaction():
        await admin.execute("LOCK TABLE feedback")
        waiting = [asyncio.create_task(submit(service.writer, new_report(f"key-{number}"))) for number in range(3)]
        await _until_blocked(database)
        await hang_up(database, admin.get_server_pid())
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    outcomes = await asyncio.gather(*waiting, return_exceptions=True)
    await admin.close()
    told = [number for number, outcome in enumerate(outcomes) if isinstance(outcome, BaseException)]
    assert told
    for number in told:
        error = outcomes[number]
        assert isinstance(error, DBAPIError)
        assert is_unavailable(error)
        assert (await _submitted(service, new_report(f"key-{number}"))).status == 201
    assert await _stored(service) == len(outcomes)


async def _submitted(service: Service, report: NewReport) -> Reply:
    """Sends it until it is taken, as a caller does: each connection of the pool may learn only now that it is dead."""
    for _ in range(FeedbackSettings.model_fields["pool_size"].default):
        try:
            return await submit(service.writer, report)
        except DBAPIError as error:
            assert is_unavailable(error)  # noqa: PT017
    return await submit(service.writer, report)


async def test_a_statement_that_takes_too_long_leaves_no_connection_behind(
    service: Service, settings: FeedbackSettings, database: Database
) -> None:
    impatient = create_async_engine(
        async_url(settings.database_url), pool_size=1, max_overflow=0, connect_args={"command_timeout": 0.5}
    )
    blocker = await asyncpg.connect(database.url("feedback"))
    report = new_report("key")
    async with _using(service, impatient):
        async with blocker.transaction():
            await blocker.execute("LOCK TABLE feedback")
            with pytest.raises(TimeoutError) as told:
                await submit(service.writer, report)
            assert is_unavailable(told.value)
        assert (await submit(service.writer, report)).status == 201
    await blocker.close()
    assert await _stored(service) == 1


@asynccontextmanager
async def _using(service: Service, engine: AsyncEngine) -> AsyncIterator[None]:
    """The writer, which has written nothing yet, uses connections of this engine."""
    writer: Any = service.writer
    writer._engine = engine
    try:
        yield
    finally:
        await service.writer.drain()
        await engine.dispose()


async def _until_blocked(database: Database) -> None:
    """Until some statement waits for a lock."""
    watching = await asyncpg.connect(database.admin_url)
    blocked = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    await until(lambda: watching.fetchval(blocked))
    await watching.close()


async def _stored(service: Service) -> int:
    return int((await service.rows(select(func.count()).select_from(feedback)))[0][0])


async def _closed(drivers: "list[asyncpg.Connection[asyncpg.Record]]") -> list[bool]:
    return [driver.is_closed() for driver in drivers]


async def test_events_of_one_group_stay_each_in_the_trace_of_its_request(service: Service) -> None:
    traces = [f"00-{number:032x}-{'2' * 16}-01" for number in range(1, 21)]
    answers = await asyncio.gather(*(service.post(traceparent=trace) for trace in traces))
    sent = {answer.json()["code"]: trace for answer, trace in zip(answers, traces, strict=True)}
    assert {event.aggregateid: event.traceparent for event in await service.rows(select(outbox))} == sent


async def test_an_event_that_is_too_large_costs_its_own_report_alone(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cchc_shared.stream.outbox.EVENT_BYTES", 1000)
    new_reports = [new_report(f"key-{number}") for number in range(4)]
    new_reports[2] = replace(new_reports[2], trace="x" * 1000)
    outcomes = await asyncio.gather(*(submit(service.writer, each) for each in new_reports), return_exceptions=True)
    assert [isinstance(outcome, EventTooLarge) for outcome in outcomes] == [False, False, True, False]
    assert await _stored(service) == 3
