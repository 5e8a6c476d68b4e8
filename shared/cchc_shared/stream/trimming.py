"""Moving closed months of an outbox to the archive, and removing them once every reader has passed them.

Each step may be tried again, and two workers never take one at the same time: whoever takes it holds a lock of his
session. No transaction is open while files are written or verified, however long that takes: readers would wait for it.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from structlog import get_logger

from cchc_shared.stream.archive import SECTION_EVENTS, Archive, ArchiveDamaged, Section
from cchc_shared.stream.months import months, partition_name
from cchc_shared.stream.outbox import PARTITIONS
from cchc_shared.stream.record import Position

log = get_logger()

RELAY: Final = "relay"
"""The schema of the one reader of outboxes where there is a Kafka."""

# Taken before the months are looked at: who waits for nobody must not go by what another worker has changed since.
_CLAIM = text("SELECT pg_try_advisory_lock(CAST(CAST('outbox_month' AS regclass) AS bigint))")
_RELEASE = text("SELECT pg_advisory_unlock(CAST(CAST('outbox_month' AS regclass) AS bigint))")
# Asked every second, mostly for nothing.
_ENDED = text(
    """SELECT month FROM outbox_month
       WHERE archived_at IS NULL AND to_xid <= CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text) AS bigint)
       ORDER BY month LIMIT 1"""
)
_SECTIONS = text("SELECT sections FROM outbox_month WHERE month = :month")
_EARLIER = text(
    """SELECT coalesce(sum(CAST(section->>'events' AS bigint)), 0)
       FROM outbox_month, jsonb_array_elements(sections) AS section
       WHERE month < :month AND CAST(section->>'partition' AS integer) = :partition"""
)
_ROWS = """
    SELECT row_to_json(e)::text FROM (
        SELECT partition, CAST(CAST(xid AS text) AS bigint) AS xid, seq, id, aggregatetype, aggregateid,
               aggregateversion, type, occurred_at, recorded_at, traceparent, payload
        FROM {name}
        WHERE partition = $1 AND (xid, seq) > ($2::bigint::text::xid8, $3) ORDER BY {name}.xid, seq LIMIT $4
    ) e"""
_RECORD = text("UPDATE outbox_month SET sections = CAST(:sections AS jsonb) WHERE month = :month")
_ARCHIVED = text("UPDATE outbox_month SET archived_at = :now, sha256 = :sha256 WHERE month = :month")
_TRIMMED = text("UPDATE outbox_month SET trimmed_at = :now WHERE month = :month")
_MOVE_ON = text(
    """INSERT INTO outbox_trimmed (partition, events, major, minor) VALUES (:partition, :events, :major, :minor)
       ON CONFLICT (partition) DO UPDATE
       SET events = outbox_trimmed.events + EXCLUDED.events, major = EXCLUDED.major, minor = EXCLUDED.minor"""
)
_READERS = text(
    "SELECT relnamespace::regnamespace::text FROM pg_class WHERE relname = 'stream_passed' AND relkind = 'v'"
)


async def archive_some(engine: AsyncEngine, folder: Path, topic: str, now: datetime) -> int:
    """Write the next section of the oldest closed month, or finish its file; returns how many steps were done."""
    async with engine.connect() as conn:
        if await conn.scalar(_ENDED) is None:
            return 0
    async with _alone(engine) as mine:
        if mine is None or (month := await mine.scalar(_ENDED)) is None:
            return 0
        archive = Archive(folder, topic)
        sections = await _sections(mine, month)
        lines = await _next_lines(mine, partition_name(month), sections)
        try:
            if lines:
                await _write(mine, archive, month, sections, lines)
            else:
                await _finish(mine, archive, month, sections, now)
        except ArchiveDamaged as error:
            log.warning("month archived anew", topic=topic, month=str(month), error=str(error))
            await _store(mine, month, ())
    return 1


async def trim(
    engine: AsyncEngine, folder: Path, topic: str, now: datetime, *, kept: timedelta, relayed: bool
) -> date | None:
    """Remove the oldest month if it ended `kept` ago, is archived, and was passed by all who read this outbox.

    With a Kafka (`relayed`) that is the relay, otherwise every consumer. Returns the month that was removed. Raises
    `ArchiveDamaged` when its file is not what was written.
    """
    async with _alone(engine) as conn:
        if conn is None:
            return None
        month = next((each for each in await months(conn) if each.trimmed_at is None), None)
        if month is None or month.archived_at is None or now < month.turned_at + kept:
            return None
        sections = await _sections(conn, month.month)
        ends = {section.partition: section.last for section in sections}
        reason = await _held_back(conn, topic, ends, relayed=relayed)
        if reason is None:
            await conn.commit()
            await asyncio.to_thread(Archive(folder, topic).verify, month.month, sections, month.sha256)
            reason = await _held_back(conn, topic, ends, relayed=relayed)  # a reader may have begun again meanwhile
        if reason is not None:
            log.info("month kept", topic=topic, month=str(month.month), reason=reason)
            return None
        await _drop(conn, month.month, sections, now)
        await conn.commit()
        log.info("month trimmed", topic=topic, month=str(month.month), events=_events(sections))
        return month.month  # type: ignore[no-any-return]


@asynccontextmanager
async def _alone(engine: AsyncEngine) -> AsyncIterator[AsyncConnection | None]:
    """A connection whose session alone may take steps, for as long as this lasts; None if another worker's does."""
    async with engine.connect() as conn:
        if not await conn.scalar(_CLAIM):
            yield None
            return
        try:
            yield conn
            await conn.execute(_RELEASE)
            await conn.commit()
        except BaseException:
            await conn.invalidate()  # the lock ends with its session
            raise


async def _drop(conn: AsyncConnection, month: date, sections: Sequence[Section], now: datetime) -> None:
    """The month's rows go, and whoever reads is told where they are now."""
    name = partition_name(month)
    if await conn.scalar(text(f"SELECT count(*) FROM {name}")) != _events(sections):
        raise ArchiveDamaged(f"{name} holds other events than its file")
    await conn.execute(text("SET LOCAL lock_timeout = '500ms'"))
    await conn.execute(text(f"DROP TABLE {name}"))
    for section in sections:  # in order: the last of a partition stays
        major, minor = section.last
        moved = {"partition": section.partition, "events": section.events, "major": major, "minor": minor}
        await conn.execute(_MOVE_ON, moved)
    await conn.execute(_TRIMMED, {"now": now, "month": month})


async def _sections(conn: AsyncConnection, month: date) -> list[Section]:
    return msgspec.convert(await conn.scalar(_SECTIONS, {"month": month}), list[Section])


async def _next_lines(conn: AsyncConnection, name: str, sections: Sequence[Section]) -> list[bytes]:
    """The rows that come after the sections: at most as many as one section takes, of one partition."""
    begun = sections[-1].partition if sections else 0
    raw = await conn.get_raw_connection()
    fetch = raw.driver_connection.fetch  # type: ignore[union-attr]
    for partition in range(begun, PARTITIONS):
        after = sections[-1].last if sections and partition == begun else (0, 0)
        if rows := await fetch(_ROWS.format(name=name), partition, *after, SECTION_EVENTS):
            # JSON has a line break nowhere but between its parts.
            return [row[0].replace("\n", " ").encode() for row in rows]
    return []


async def _write(
    conn: AsyncConnection,
    archive: Archive,
    month: date,
    sections: Sequence[Section],
    lines: list[bytes],
) -> None:
    partition = msgspec.json.decode(lines[0])["partition"]
    earlier = int(await conn.scalar(_EARLIER, {"month": month, "partition": partition}) or 0)
    number = 1 + earlier + sum(section.events for section in sections if section.partition == partition)
    await conn.commit()
    written = await asyncio.to_thread(archive.append, month, sections, number, lines)
    await _store(conn, month, () if written is None else (*sections, written))


async def _finish(
    conn: AsyncConnection, archive: Archive, month: date, sections: Sequence[Section], now: datetime
) -> None:
    await conn.commit()
    digest = await asyncio.to_thread(archive.finish, month, sections)
    await conn.execute(_ARCHIVED, {"now": now, "sha256": digest, "month": month})
    await conn.commit()
    log.info("month archived", month=str(month), events=_events(sections))


async def _store(conn: AsyncConnection, month: date, sections: Sequence[Section]) -> None:
    await conn.execute(_RECORD, {"sections": msgspec.json.encode(sections).decode(), "month": month})
    await conn.commit()


def _events(sections: Sequence[Section]) -> int:
    return sum(section.events for section in sections)


async def _held_back(conn: AsyncConnection, topic: str, ends: dict[int, Position], *, relayed: bool) -> str | None:
    """Who has still to read something before these ends; None if all have passed them."""
    schemas = [schema for schema in (await conn.execute(_READERS)).scalars() if (schema == RELAY) == relayed]
    reading = False
    for schema in sorted(schemas):
        query = f"SELECT partition, major, minor FROM {schema}.stream_passed WHERE topic = :topic"
        rows = (await conn.execute(text(query), {"topic": topic})).all()
        reading |= bool(rows)
        at = {row.partition: (row.major, row.minor) for row in rows}
        if rows and any(at.get(partition, (-1, -1)) < end for partition, end in ends.items()):
            return f"{schema} has not read all of it"
    return None if reading else "nobody reads this outbox"
