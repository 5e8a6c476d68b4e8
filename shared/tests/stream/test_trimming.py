"""A month leaves the outbox when its file holds all of it and all readers have passed it; nothing is lost."""

import asyncio
import gzip
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import asyncpg
import msgspec
import pytest
from sqlalchemy import text

from cchc_shared.storage.database import CONSUMING, create_engine
from cchc_shared.stream import trimming
from cchc_shared.stream.archive import Archive, ArchiveDamaged, MonthManifest, Section
from cchc_shared.stream.archived import ArchiveMissing
from cchc_shared.stream.postgres import PostgresSource, current_positions
from cchc_shared.stream.record import START
from tests.support.databases import Database
from tests.support.events import task_event

from .conftest import JULY, JUNE, MAY, Log, contents

MONTH = "tasks/2024-05"
BOUND = 1.0
"""Seconds that the worker's sessions may be silent in a transaction here."""


@pytest.fixture
async def two_months(log: Log, monkeypatch: pytest.MonkeyPatch) -> Log:
    """May with 60 events and June with 60, in the archive; July begun. Sections are small."""
    monkeypatch.setattr(trimming, "SECTION_EVENTS", 4)
    await log.write(*(task_event(f"NV-{number}", number="Sở Nội vụ\u2028\n") for number in range(60)))
    await log.turn(JUNE)
    for number in range(60):
        await log.write(task_event(f"NV-{number}", 2))
    await log.turn(JULY)
    await log.write(*(task_event(f"NV-{number}", 3) for number in range(60)))
    await log.archive()
    return log


async def test_a_month_becomes_a_file_that_any_tool_reads(two_months: Log) -> None:
    rows = await two_months.rows("SELECT id::text, payload::text FROM outbox_2024_05 ORDER BY partition, xid, seq")
    lines = gzip.decompress((two_months.folder / f"{MONTH}.jsonl.gz").read_bytes()).splitlines()
    assert [msgspec.json.decode(line)["id"] for line in lines] == [row[0] for row in rows]
    manifest = msgspec.json.decode((two_months.folder / f"{MONTH}.json").read_bytes(), type=MonthManifest)
    assert (manifest.topic, manifest.month, manifest.events) == ("tasks", MAY, 60)
    assert max(section.events for section in manifest.sections) == 4
    assert not list(two_months.folder.rglob("*.part"))
    assert [row.archived_at is not None for row in await two_months.months()] == [True, True, False]


async def test_a_month_stays_until_everybody_has_read_it(two_months: Log) -> None:
    assert await two_months.trim() is None  # nobody reads at all
    await two_months.passed("scoring")
    await two_months.stands("feedback", {("tasks", 3): START})
    assert await two_months.trim() is None
    ends = await current_positions(two_months.readers["feedback"], ["tasks"])
    await two_months.stands("feedback", ends | {("tasks", 3): START})
    assert await two_months.trim() is None
    await two_months.passed("feedback")
    assert await two_months.trim() == MAY
    assert await two_months.trim() == JUNE
    assert await two_months.trim() is None  # July has not ended


async def test_where_there_is_a_kafka_the_relay_alone_is_waited_for(two_months: Log) -> None:
    await two_months.passed("scoring", "feedback")
    assert await two_months.trim(relayed=True) is None
    await two_months.passed("relay")
    await two_months.stands("feedback", {("tasks", number): START for number in range(12)})
    assert await two_months.trim(relayed=True) == MAY


async def test_a_month_is_kept_for_its_time(two_months: Log) -> None:
    await two_months.passed("scoring", "feedback")
    producer, folder, now = two_months.producer, two_months.folder, two_months.now
    kept = now - (await two_months.months())[0].turned_at + timedelta(seconds=1)
    assert await trimming.trim(producer, folder, "tasks", now, kept=kept, relayed=False) is None


async def test_who_begins_at_the_beginning_reads_the_same_before_and_after(two_months: Log) -> None:
    before = contents(await two_months.read())
    await two_months.passed("scoring", "feedback")
    assert await two_months.trim() == MAY
    assert contents(await two_months.read()) == before
    assert await two_months.trim() == JUNE
    assert contents(await two_months.read()) == before
    assert sum(map(len, before.values())) == 180
    assert await two_months.rows("SELECT count(*) FROM outbox") == [(60,)]


async def test_the_place_of_an_archived_event_is_its_number_and_that_of_the_last_where_it_stood(
    two_months: Log,
) -> None:
    before = await two_months.read()
    await two_months.passed("scoring", "feedback")
    await two_months.trim()
    await two_months.trim()
    after = await two_months.read()
    for partition in {record.partition for record in after}:
        here = [one.position for one in after if one.partition == partition]
        there = [one.position for one in before if one.partition == partition]
        archived = [position for position in here if position[0] == 0]
        assert archived == [(0, number) for number in range(1, len(archived) + 1)]
        assert here[len(archived) :] == there[len(archived) :]
        assert here == sorted(here)


async def test_all_slots_are_read_side_by_side(two_months: Log) -> None:
    """Those that have read the archive do not wait for those that have not: a consumer takes silence for a fault."""
    await two_months.passed("scoring", "feedback")
    await two_months.trim()
    await two_months.stands(
        "relay", {("tasks", 3): (await current_positions(two_months.readers["relay"], ["tasks"]))["tasks", 3]}
    )
    source = PostgresSource(two_months.readers["relay"], ["tasks"], "newcomer", archive=two_months.folder)
    await source.start()
    await two_months.write(*(task_event(f"NV-{number}", 4) for number in range(60)))
    batch = await source.next(1000, wait=1)
    await source.stop()
    assert batch is not None
    assert {record.partition for record in batch.records} == set(range(12))
    assert {record.version for record in batch.records if record.partition == 3} == {4}
    assert {record.version for record in batch.records if record.partition != 3} == {1}


async def test_a_reader_that_is_overtaken_misses_nothing(two_months: Log) -> None:
    source = PostgresSource(two_months.readers["relay"], ["tasks"], "slow", archive=two_months.folder, ttl=3600)
    await source.start()
    seen = {(one.aggregate, one.version) for one in (await source.next(30, wait=1)).records}  # type: ignore[union-attr]
    await two_months.passed("scoring", "feedback")
    assert await two_months.trim() == MAY
    assert await two_months.trim() == JUNE
    source._renewed = float("-inf")  # the next read looks at what was trimmed
    while batch := await source.next(1000, wait=0.05):
        seen |= {(one.aggregate, one.version) for one in batch.records}
    await source.stop()
    assert len(seen) == 180


async def test_a_reader_without_the_archive_stops_and_does_not_pass_over(two_months: Log) -> None:
    await two_months.passed("scoring", "feedback")
    await two_months.trim()
    source = PostgresSource(two_months.readers["relay"], ["tasks"], "newcomer")
    await source.start()
    assert sum((await source.lag()).values()) == 180
    with pytest.raises(ArchiveMissing, match="ARCHIVE_DIR"):
        await source.next(10, wait=0.1)
    await source.stop()


async def test_what_was_trimmed_a_moment_ago_is_not_passed_over(two_months: Log) -> None:
    """The reader has not looked yet at what was trimmed: the read itself gives it nothing of what comes later."""
    source = PostgresSource(two_months.readers["relay"], ["tasks"], "newcomer", archive=two_months.folder, ttl=3600)
    await source.start()
    await two_months.passed("scoring", "feedback")
    assert await two_months.trim() == MAY
    assert await source.next(1000, wait=0.05) is None
    await source.stop()


def damage(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


async def test_a_damaged_file_keeps_the_month(two_months: Log) -> None:
    damage(two_months.folder / f"{MONTH}.jsonl.gz")
    await two_months.passed("scoring", "feedback")
    with pytest.raises(ArchiveDamaged):
        await two_months.trim()
    assert await two_months.rows("SELECT count(*) FROM outbox") == [(180,)]


async def test_a_lost_file_keeps_the_month(two_months: Log) -> None:
    (two_months.folder / f"{MONTH}.jsonl.gz").unlink()
    await two_months.passed("scoring", "feedback")
    with pytest.raises(ArchiveDamaged):
        await two_months.trim()


async def test_a_file_that_was_damaged_later_is_not_read(two_months: Log) -> None:
    await two_months.passed("scoring", "feedback")
    await two_months.trim()
    damage(two_months.folder / f"{MONTH}.jsonl.gz")
    with pytest.raises(ArchiveDamaged):
        await two_months.read()


@pytest.mark.parametrize("fault", ["half a section", "nothing"])
async def test_archiving_goes_on_after_a_crash(log: Log, monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    monkeypatch.setattr(trimming, "SECTION_EVENTS", 4)
    await log.write(*(task_event(f"NV-{number}") for number in range(40)))
    await log.turn(JUNE)
    await trimming.archive_some(log.producer, log.folder, "tasks", log.now)
    draft = log.folder / f"{MONTH}.jsonl.gz.part"
    if fault == "nothing":
        draft.unlink()
    else:
        draft.write_bytes(draft.read_bytes() + b"\x1f\x8bhalf")
    await log.archive()
    assert len(gzip.decompress((log.folder / f"{MONTH}.jsonl.gz").read_bytes()).splitlines()) == 40


async def test_a_file_with_its_name_that_the_database_was_not_told_of_is_taken(log: Log) -> None:
    await log.write(*(task_event(f"NV-{number}") for number in range(40)))
    await log.turn(JUNE)
    await log.archive()
    async with log.producer.begin() as conn:
        await conn.execute(text("UPDATE outbox_month SET archived_at = NULL, sha256 = NULL"))
    assert await log.archive() == 1


async def test_a_month_without_events_has_a_file_too(log: Log) -> None:
    await log.turn(JUNE)
    await log.archive()
    assert (log.folder / f"{MONTH}.jsonl.gz").read_bytes() == b""
    await log.write(task_event("NV-1"))
    await log.passed("scoring")
    assert await log.trim() == MAY


async def test_two_workers_never_take_the_same_step(log: Log) -> None:
    await log.write(task_event("NV-1"))
    await log.turn(JUNE)
    async with trimming._alone(log.producer) as one:
        assert one is not None
        assert await trimming.archive_some(log.producer, log.folder, "tasks", log.now) == 0
        assert await log.trim() is None
    assert await log.archive() == 2


@pytest.mark.parametrize("work", ["finish", "verify"])
async def test_files_may_take_longer_than_a_worker_may_be_silent_in_a_transaction(
    two_months: Log, database: Database, monkeypatch: pytest.MonkeyPatch, work: str
) -> None:
    """And meanwhile nobody waits for the worker: readers see nothing beyond the oldest transaction."""
    quick = getattr(Archive, work)
    seen: list[list[str]] = []

    def slow(*given: object) -> object:
        time.sleep(2 * BOUND)
        seen.append(asyncio.run(open_transactions(database.admin_url)))
        return quick(*given)

    monkeypatch.setattr(Archive, work, slow)
    two_months.producer = create_engine(
        database.url("tasks"), application="archiver", bounds=replace(CONSUMING, idle=BOUND)
    )
    async with two_months.producer.begin() as conn:
        await conn.execute(
            text("UPDATE outbox_month SET archived_at = NULL, sha256 = NULL WHERE month = :m"), {"m": MAY}
        )
    assert await two_months.archive() == 1
    await two_months.passed("scoring", "feedback")
    assert await two_months.trim() == MAY
    assert seen == [[]]
    await two_months.producer.dispose()


async def open_transactions(url: str) -> list[str]:
    """What the worker's sessions did last that have a transaction open."""
    connection = await asyncpg.connect(url)
    query = """SELECT query FROM pg_stat_activity
               WHERE datname = current_database() AND application_name = 'archiver' AND xact_start IS NOT NULL"""
    try:
        return [row["query"] for row in await connection.fetch(query)]
    finally:
        await connection.close()


async def test_a_reader_that_begins_again_while_the_file_is_verified_keeps_the_month(
    two_months: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    await two_months.passed("scoring", "feedback")
    loop, quick = asyncio.get_running_loop(), Archive.verify

    def overtaken(archive: Archive, month: date, sections: Sequence[Section], sha256: str) -> None:
        back = two_months.stands("feedback", {("tasks", 3): START})
        asyncio.run_coroutine_threadsafe(back, loop).result()
        quick(archive, month, sections, sha256)

    monkeypatch.setattr(Archive, "verify", overtaken)
    assert await two_months.trim() is None
    assert await two_months.rows("SELECT count(*) FROM outbox_2024_05") == [(60,)]
