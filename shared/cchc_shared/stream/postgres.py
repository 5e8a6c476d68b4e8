"""The PostgreSQL transport: consumers read the producers' outbox through its view, and share partitions by leases."""

import asyncio
import time
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cchc_shared.stream import positions
from cchc_shared.stream.archived import ArchivedLog
from cchc_shared.stream.outbox import PARTITIONS
from cchc_shared.stream.record import START, Advance, Batch, Envelope, Position, Record, Slot
from cchc_shared.stream.watch import Behind

IDLE_SECONDS = (0.01, 0.1)
"""Pause between two looks at an outbox that gave nothing: the shortest, and the longest it grows to."""
LAG_BOUND = 10_000

# A topic is the schema of its producer; the view allows no reading past the oldest running transaction. The bounds of
# xid by itself say nothing new, but they keep months closed: $5 those that are behind all slots, which are not even
# opened, the other those behind one. The same snapshot shows whether something was trimmed that this reader has still
# to read: then it is given nothing, and not what comes later.
_UNREAD = """
        FROM {topic}.outbox_feed f
        WHERE f.partition = p.partition AND f.xid >= $5::bigint::text::xid8
          AND f.xid >= greatest(p.xid, 0)::text::xid8
          AND (f.xid, f.seq) > (greatest(p.xid, 0)::text::xid8, p.seq)"""
_SLOTS = "FROM unnest($1::smallint[], $2::bigint[], $3::bigint[]) AS p(partition, xid, seq)"
_READ = f"""
    SELECT e.partition, e.xid, e.seq, e.id, e.aggregatetype, e.aggregateid, e.aggregateversion, e.type,
           e.occurred_at, e.recorded_at, e.traceparent, e.payload::text
    {_SLOTS}
    LEFT JOIN {{topic}}.outbox_trimmed t USING (partition)
    CROSS JOIN LATERAL (SELECT * {_UNREAD} ORDER BY f.xid, f.seq LIMIT $4) e
    WHERE t.partition IS NULL OR (p.xid, p.seq) >= (t.major, t.minor) OR (p.xid, p.seq) = (0, t.events)"""
_LOWEST = "($5::bigint[])[{number}]"
# Whether reading would give anything, with the plan of `_READ`: $1 is the number of each slot's topic, and $5 has the
# lowest `xid` of each topic.
_NEWS = f"""EXISTS (
    SELECT FROM unnest($1::smallint[], $2::smallint[], $3::bigint[], $4::bigint[]) AS p(topic, partition, xid, seq)
    CROSS JOIN LATERAL (
        SELECT {_UNREAD.replace("$5::bigint", _LOWEST)} ORDER BY f.xid, f.seq LIMIT 1) e
    WHERE p.topic = {{number}})"""
_LAG = f"""
    SELECT p.partition,
           (SELECT count(*) FROM (SELECT 1 {_UNREAD} LIMIT $4) AS behind) AS events,
           (SELECT f.recorded_at {_UNREAD} ORDER BY f.xid, f.seq LIMIT 1) AS oldest
    {_SLOTS}"""

_AHEAD = text(
    """SELECT max(major) >= CAST(CAST(pg_snapshot_xmax(pg_current_snapshot()) AS text) AS bigint)
       FROM stream_position WHERE topic = ANY(:topics)"""
)
_HIDDEN = "SELECT ahead FROM {topic}.outbox_ahead"
_FOREIGN = (
    "ahead of this server's transactions: a dump of another server was restored here without `make restore` (see the "
    "operator's guide, Restore)"
)
_BEAT = text(
    """INSERT INTO stream_member (member, expires_at) VALUES (:member, clock_timestamp() + :ttl * interval '1 second')
       ON CONFLICT (member) DO UPDATE SET expires_at = EXCLUDED.expires_at"""
)
_DELETE_EXPIRED = text("DELETE FROM stream_member WHERE expires_at < clock_timestamp()")
_MEMBERS = text("SELECT member FROM stream_member WHERE expires_at >= clock_timestamp() ORDER BY member")
_DEFINE = text(
    """INSERT INTO stream_lease (topic, partition)
       SELECT topic, partition FROM unnest(CAST(:topics AS text[])) topic, generate_series(0, :partitions - 1) partition
       ON CONFLICT DO NOTHING"""
)
_GIVE_BACK = text(
    """UPDATE stream_lease SET owner = NULL, expires_at = NULL
       WHERE owner = :member AND topic = ANY(:topics) AND NOT partition = ANY(CAST(:wanted AS smallint[]))"""
)
_TAKE = text(
    """UPDATE stream_lease SET owner = :member, expires_at = clock_timestamp() + :ttl * interval '1 second'
       WHERE topic = ANY(:topics) AND partition = ANY(CAST(:wanted AS smallint[]))
         AND (owner IS NULL OR owner = :member OR expires_at < clock_timestamp())
       RETURNING topic, partition"""
)
_LEAVE = text("UPDATE stream_lease SET owner = NULL, expires_at = NULL WHERE owner = :member")
_DEPART = text("DELETE FROM stream_member WHERE member = :member")


class ForeignPositions(Exception):
    """Positions or events speak of transactions that this server has not had."""


class PostgresSource:
    """Reads `topics` in the order in which their transactions may be believed.

    What was moved to the archive comes first, from the files below `archive`, to a reader that has not come so far.
    A member that does not renew its lease within `ttl` seconds, because it died or hangs, loses its partitions; should
    it wake, its stored position has moved and its transaction is fenced.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        topics: Sequence[str],
        member: str,
        *,
        ttl: float = 5.0,
        archive: Path | None = None,
    ) -> None:
        self._engine = engine
        self._topics = list(topics)
        self._member = member
        self._ttl = ttl
        self._archived = ArchivedLog(engine, self._topics, archive)
        self._held: dict[Slot, Position] = {}
        self._renewed = float("-inf")
        self._idle = IDLE_SECONDS[0]
        self._quiet = False
        """Whether the last look found nothing, in the slots that are held."""

    async def start(self) -> None:
        async with self._engine.begin() as conn:
            if await conn.scalar(_AHEAD, {"topics": self._topics}):
                raise ForeignPositions(f"stored positions are {_FOREIGN}, and new events would be passed over")
            for topic in self._topics:
                if await conn.scalar(text(_HIDDEN.format(topic=topic))):
                    raise ForeignPositions(f"events of {topic} are {_FOREIGN}, and none of them would be read")
            await conn.execute(_DEFINE, {"topics": self._topics, "partitions": PARTITIONS})
        await self._renew()

    async def stop(self) -> None:
        self._held = {}
        async with self._engine.begin() as conn:
            await conn.execute(_LEAVE, {"member": self._member})
            await conn.execute(_DEPART, {"member": self._member})

    async def rewind(self) -> None:
        stored = await positions.load(self._engine, self._topics)
        self._held = {slot: stored[slot] for slot in self._held}

    async def next(self, limit: int, wait: float) -> Batch | None:
        deadline = time.monotonic() + wait
        while True:
            if time.monotonic() - self._renewed > self._ttl / 3:
                await self._renew()
            records = [] if self._quiet and not await self._has_news() else await self._read(limit)
            self._quiet = not records
            if records:
                self._idle = IDLE_SECONDS[0]
                return self._batch(records)
            left = deadline - time.monotonic()
            # Before it says that there is nothing, too: whoever reads on would look twice in a moment.
            await asyncio.sleep(min(self._idle, max(left, 0.0)))
            if left <= self._idle:
                return None
            self._idle = min(self._idle * 2, IDLE_SECONDS[1])

    async def lag(self) -> dict[Slot, int]:
        counts: dict[Slot, int] = {}
        async with self._engine.connect() as conn:
            for topic, slots in self._by_topic(self._held):
                rows = await _fetch(conn, _LAG.format(topic=topic), *_from(self._held, slots, LAG_BOUND))
                counts.update({(topic, row[0]): row[1] for row in rows})
        return {
            slot: min(behind + self._archived.left(slot, self._held[slot]), LAG_BOUND)
            for slot, behind in counts.items()
        }

    async def _renew(self) -> None:
        """Say that this member lives, and take the partitions that fall to it."""
        await self._archived.refresh()
        async with self._engine.begin() as conn:
            await conn.execute(_BEAT, {"member": self._member, "ttl": self._ttl})
            await conn.execute(_DELETE_EXPIRED)
            members = list((await conn.execute(_MEMBERS)).scalars())
            mine = members.index(self._member)
            wanted = [partition for partition in range(PARTITIONS) if partition % len(members) == mine]
            where = {"member": self._member, "topics": self._topics, "wanted": wanted}
            await conn.execute(_GIVE_BACK, where)
            taken = [(row.topic, row.partition) for row in await conn.execute(_TAKE, where | {"ttl": self._ttl})]
        if set(taken) != set(self._held):
            stored = await positions.load(self._engine, self._topics)
            self._held = {slot: self._held.get(slot, stored[slot]) for slot in taken}
        self._quiet = False  # something may have come to the archive, or slots to this member
        self._renewed = time.monotonic()

    async def _has_news(self) -> bool:
        """Whether reading would give anything: one statement for all topics, since most looks find nothing."""
        topics = self._by_topic(self._held)
        if not topics:
            return False
        asked = " OR ".join(_NEWS.format(topic=topic, number=number) for number, (topic, _) in enumerate(topics, 1))
        numbers = [number for number, (_, slots) in enumerate(topics, 1) for _ in slots]
        partitions, majors, minors, *_ = _from(self._held, [slot for _, slots in topics for slot in slots], 1)
        lowest = [_from(self._held, slots, 1)[-1] for _, slots in topics]
        async with self._engine.connect() as conn:
            (row,) = await _fetch(conn, f"SELECT {asked}", numbers, partitions, majors, minors, lowest)
        return bool(row[0])

    async def _read(self, limit: int) -> list[Record]:
        behind = {slot: at for slot, at in self._held.items() if self._archived.left(slot, at)}
        records: list[Record] = []
        if behind:
            records += await self._archived.next(behind, limit * len(behind) // len(self._held))
        left = len(self._held) - len(behind)
        async with self._engine.connect() as conn:
            for topic, slots in self._by_topic([slot for slot in self._held if slot not in behind]):
                # Each slot may give its share of what is still free: a topic without news leaves its share to others.
                share, left = max(1, (limit - len(records)) // left), left - len(slots)
                rows = await _fetch(conn, _READ.format(topic=topic), *_from(self._held, slots, share))
                records += [_record(topic, row) for row in rows]
        return records

    def _batch(self, records: list[Record]) -> Batch:
        last: dict[Slot, Position] = {(record.topic, record.partition): record.position for record in records}
        advances = {slot: Advance(self._held[slot], upto) for slot, upto in last.items()}
        self._held.update(last)
        return Batch(records, advances)

    def _by_topic(self, wanted: Collection[Slot]) -> list[tuple[str, list[Slot]]]:
        return [(topic, slots) for topic in self._topics if (slots := [slot for slot in wanted if slot[0] == topic])]


class OutboxLog:
    """The outboxes of `topics`, asked by whoever watches a reader of them."""

    def __init__(self, engine: AsyncEngine, topics: Sequence[str]) -> None:
        self._engine = engine
        self._topics = topics

    async def behind(self, at: Mapping[Slot, Position]) -> Behind:
        """What stands there after these positions; beyond `LAG_BOUND` of a slot it is not counted."""
        found = Behind()
        async with self._engine.connect() as conn:
            for topic in self._topics:
                slots = [(topic, number) for number in range(PARTITIONS)]
                places = {slot: at.get(slot, START) for slot in slots}
                for row in await _fetch(conn, _LAG.format(topic=topic), *_from(places, slots, LAG_BOUND)):
                    found = found.and_(Behind(row["events"], row["oldest"]))
        return found

    async def close(self) -> None:
        return None


def _from(
    at: Mapping[Slot, Position], slots: Sequence[Slot], limit: int
) -> tuple[list[int], list[int], list[int], int, int]:
    """What the statements are given: partitions, both halves of their positions, the limit, the lowest `xid`."""
    places = [at[slot] for slot in slots]
    majors = [major for major, _ in places]
    return [slot[1] for slot in slots], majors, [minor for _, minor in places], limit, max(0, min(majors))


async def _fetch(conn: AsyncConnection, statement: str, *arguments: Any) -> list[Any]:
    """Rows straight from the driver: this is read a million times, and nothing of them is mapped."""
    raw = await conn.get_raw_connection()
    rows: list[Any] = await raw.driver_connection.fetch(statement, *arguments)  # type: ignore[union-attr]
    return rows


def _record(topic: str, row: Any) -> Record:
    (partition, xid, seq, event_id, kind, subject, version, event_type, occurred_at, recorded_at, trace, payload) = row
    return Record(
        topic,
        partition,
        (xid, seq),
        f"{kind}:{subject}",
        version,
        event_type,
        payload.encode(),
        Envelope(event_id, subject, occurred_at, recorded_at, trace),
    )


async def current_positions(engine: AsyncEngine, topics: Sequence[str]) -> dict[Slot, Position]:
    """The newest believable position of every partition."""
    newest: dict[Slot, Position] = {(topic, partition): START for topic in topics for partition in range(PARTITIONS)}
    async with engine.connect() as conn:
        for topic in topics:
            trimmed = await conn.execute(text(f"SELECT partition, major, minor FROM {topic}.outbox_trimmed"))
            newest.update({(topic, row.partition): (row.major, row.minor) for row in trimmed})
            rows = await conn.execute(
                text(
                    f"SELECT DISTINCT ON (partition) partition, CAST(CAST(xid AS text) AS bigint) AS xid, seq "
                    f"FROM {topic}.outbox_feed ORDER BY partition, xid DESC, seq DESC"
                )
            )
            newest.update({(topic, row.partition): (row.xid, row.seq) for row in rows})
    return newest


__all__ = ["OutboxLog", "PostgresSource", "current_positions"]
