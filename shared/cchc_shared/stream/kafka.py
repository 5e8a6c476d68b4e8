"""The Kafka transport: the only module that knows aiokafka.

Events travel as CloudEvents in binary mode: the envelope in `ce_*` headers, the data as the value, the aggregate's id
as the key. Topics are named `cchc.<topic>`; another prefix keeps two installations on one Kafka apart. Kafka shares
partitions among the members of a group; where a member goes on is what the database says, and offsets are committed to
Kafka only so that others can see the lag.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

import msgspec
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRebalanceListener, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import (
    CorruptRecordException,
    MessageSizeTooLargeError,
    PolicyViolationError,
    TopicAlreadyExistsError,
    for_code,
)
from sqlalchemy.ext.asyncio import AsyncEngine
from structlog import get_logger

from cchc_shared.contract.events import TOPIC_PREFIX
from cchc_shared.stream import positions
from cchc_shared.stream.classification import Parked
from cchc_shared.stream.outbox import PARTITIONS
from cchc_shared.stream.record import START, Advance, Batch, Envelope, Position, Record, Slot, read_envelope
from cchc_shared.stream.watch import Behind

log = get_logger()

SOURCE = b"/cchc/"
COMMIT_SECONDS = 5.0
CLOSE_SECONDS = 3.0
DESCRIBE_SECONDS = 60.0
"""How long a topic that was just created may stay unknown to the broker that is asked."""
MESSAGE_BYTES = 1 << 20
"""Largest message that topics are created with: far above the largest event that a producer may write."""
MAX_VERSION = 1 << 31
MAX_AGGREGATE = 500
"""What an envelope may claim: beyond it the tables that tell versions could not keep it."""


def to_headers(record: Record) -> list[tuple[str, bytes]]:
    """The envelope as CloudEvents headers; `aggregatetype`, `aggregateversion`, `recordedtime` are extensions."""
    envelope = msgspec.to_builtins(record.envelope)  # moments and ids as text
    headers = [
        *_common(record.topic, record.type, record.aggregate.partition(":")[0]),
        ("ce_id", envelope["id"].encode()),
        ("ce_subject", envelope["subject"].encode()),
        ("ce_time", envelope["occurred_at"].encode()),
        ("ce_recordedtime", envelope["recorded_at"].encode()),
        ("ce_aggregateversion", str(record.version).encode()),
    ]
    if "traceparent" in envelope:
        headers.append(("ce_traceparent", envelope["traceparent"].encode()))
    return headers


@lru_cache(maxsize=1024)
def _common(topic: str, event_type: str, aggregate_type: str) -> tuple[tuple[str, bytes], ...]:
    """The headers that all events of a type share."""
    return (
        ("ce_specversion", b"1.0"),
        ("content-type", b"application/json"),
        ("ce_source", SOURCE + topic.encode()),
        ("ce_type", event_type.encode()),
        ("ce_aggregatetype", aggregate_type.encode()),
    )


def from_message(message: Any, topic: str) -> Record:
    """A message of `topic` as a record. What its headers lack is a fault of the record, not an error here."""
    position = (message.offset, 0)
    try:
        given = {name: value.decode() for name, value in message.headers}
        version = int(given["ce_aggregateversion"])
        if not 0 < version < MAX_VERSION or "\0" in "".join(given.values()):
            raise ValueError("version out of range, or a NUL character")
        subject = given["ce_subject"]
        headers = {
            "id": given["ce_id"],
            "subject": subject,
            "occurred_at": given["ce_time"],
            "recorded_at": given["ce_recordedtime"],
        }
        if "ce_traceparent" in given:
            headers["traceparent"] = given["ce_traceparent"]
        aggregate = f"{given['ce_aggregatetype']}:{subject}"
        if len(aggregate) > MAX_AGGREGATE:
            raise ValueError("aggregate id too long")
        envelope, fault = read_envelope(headers)
        kind, payload = given["ce_type"], message.value or b""
        return Record(topic, message.partition, position, aggregate, version, kind, payload, envelope, fault)
    except (AttributeError, KeyError, ValueError) as error:
        return _unreadable(message, topic, position, f"envelope: {error!r}")


def _unreadable(message: Any, topic: str, position: Position, fault: str) -> Record:
    headers = {_printable(name.encode()): _printable(value or b"") for name, value in message.headers}
    aggregate = f"{headers.get('ce_aggregatetype', '')}:{headers.get('ce_subject', '')}"
    if "ce_aggregatetype" not in headers or "ce_subject" not in headers or len(aggregate) > MAX_AGGREGATE:
        # Without a readable aggregate nothing can be behind it: it parks under its own position.
        aggregate = f"?:{topic}/{message.partition}/{message.offset}"
    kind = headers.get("ce_type", "")
    return Record(topic, message.partition, position, aggregate, None, kind, message.value or b"", headers, fault)


def _printable(raw: bytes) -> str:
    """Text that PostgreSQL can keep, whatever the bytes were."""
    return raw.decode("utf-8", "backslashreplace").replace("\0", "\\0")


REFUSALS: Final = (MessageSizeTooLargeError, CorruptRecordException, PolicyViolationError)
"""Answers of a broker that will be the same however often a record is sent."""


class ForeignTopic(Exception):
    """The stored positions speak of another topic than the one that bears the name now."""


class KafkaSource:
    """Reads `topics` as a member of the consumer group `group`, from the positions stored with the effects.

    Each partition begins with the last event that took effect: is it no longer what stands there, the topic was made
    anew, and `ForeignTopic` is raised rather than events passed over.
    """

    def __init__(
        self,
        bootstrap: str,
        engine: AsyncEngine,
        topics: Sequence[str],
        group: str,
        *,
        session_seconds: float = 10.0,
        prefix: str = TOPIC_PREFIX,
    ) -> None:
        self._engine = engine
        # Positions are kept under Kafka's own names of the topics: those of the PostgreSQL transport mean something
        # else, and a consumer that changes transports must begin at the beginning, not somewhere.
        self._topics = [prefix + topic for topic in topics]
        self._at: dict[Slot, Position] = {}
        self._marks: dict[Slot, UUID] = {}
        """The events that must come first, by the partitions that have not given any yet."""
        self._placed = False
        self._committed_at = 0.0
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=bootstrap,
            group_id=group,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            session_timeout_ms=int(session_seconds * 1000),
            heartbeat_interval_ms=int(session_seconds * 300),
            max_partition_fetch_bytes=1 << 20,
            fetch_max_wait_ms=50,
            request_timeout_ms=10_000,
        )

    async def start(self) -> None:
        # Subscribed before the start, so that the group is joined once.
        self._consumer.subscribe(self._topics, listener=_Assignment(self._displace))
        await self._consumer.start()
        for topic in self._topics:
            count = len(self._consumer.partitions_for_topic(topic) or ())
            if count and count != PARTITIONS:
                raise ForeignTopic(f"{topic} has {count} partitions, not {PARTITIONS}")

    async def stop(self) -> None:
        await self._consumer.stop()

    async def rewind(self) -> None:
        self._placed = True  # before the wait: should partitions move meanwhile, they are placed again
        stored = await positions.load(self._engine, self._topics)
        marks = await positions.marks(self._engine, self._topics)
        self._at, self._marks = {}, {}
        for partition in self._consumer.assignment():
            slot = (partition.topic, partition.partition)
            self._at[slot] = stored.get(slot, START)
            if slot in marks:
                self._marks[slot] = marks[slot]
            self._consumer.seek(partition, max(0, self._at[slot][0] + (slot not in marks)))

    async def next(self, limit: int, wait: float) -> Batch | None:
        if not self._placed:
            await self.rewind()
        await self._show_progress()
        # getmany() waits without bound while the group rebalances or the broker is away: a timeout of ours around it.
        found: Mapping[TopicPartition, Sequence[Any]] = await asyncio.wait_for(
            self._consumer.getmany(timeout_ms=int(wait * 1000), max_records=limit), timeout=wait + 20
        )
        if not self._placed:  # partitions moved while we waited: these records may stand anywhere
            return None
        records: list[Record] = []
        advances: dict[Slot, Advance] = {}
        for partition, messages in found.items():
            slot = (partition.topic, partition.partition)
            read = [from_message(message, slot[0]) for message in messages]
            if slot in self._marks:
                read = await self._after_mark(partition, read)
            if read:
                advances[slot] = Advance(self._at[slot], read[-1].position, _id(read[-1]))
                self._at[slot] = read[-1].position
                records += read
        return Batch(records, advances) if records else None

    async def _after_mark(self, partition: TopicPartition, read: list[Record]) -> list[Record]:
        """What follows the event that stands at the stored position; retention may have removed that one."""
        slot = (partition.topic, partition.partition)
        at, mark = self._at[slot], self._marks[slot]
        if read[0].position == at and _id(read[0]) == mark:
            del self._marks[slot]
            return read[1:]
        first = (await asyncio.wait_for(self._consumer.beginning_offsets([partition]), timeout=10))[partition]
        if first > at[0] and read[0].position[0] >= first:
            del self._marks[slot]
            return read
        raise ForeignTopic(_MADE_ANEW.format(topic=slot[0], partition=slot[1], offset=at[0], event=mark))

    async def lag(self) -> dict[Slot, int]:
        if not self._placed:
            await self.rewind()
        at = dict(self._at)
        if not at:
            return {}
        partitions = [TopicPartition(*slot) for slot in at]
        # What retention has removed cannot be waited for. Both at once: they queue behind the fetch that is waiting.
        both = asyncio.gather(self._consumer.beginning_offsets(partitions), self._consumer.end_offsets(partitions))
        starts, ends = await asyncio.wait_for(both, timeout=10)
        for one in partitions:
            slot = (one.topic, one.partition)
            if ends[one] <= at[slot][0]:  # a shorter log than the one that was read
                event = self._marks.get(slot, "?")
                raise ForeignTopic(_MADE_ANEW.format(topic=slot[0], partition=slot[1], offset=at[slot][0], event=event))
        return {
            tuple(one): max(0, ends[one] - max(starts[one], at[one.topic, one.partition][0] + 1)) for one in partitions
        }

    def _displace(self) -> None:
        self._at, self._marks = {}, {}
        self._placed = False

    async def _show_progress(self) -> None:
        """Tell Kafka how far effects are stored, for those who watch the group's lag there. Nothing depends on it."""
        now = asyncio.get_running_loop().time()
        offsets = {TopicPartition(*slot): at[0] + 1 for slot, at in self._at.items() if at[0] >= 0}
        if not offsets or now - self._committed_at < COMMIT_SECONDS:
            return
        self._committed_at = now
        try:
            await asyncio.wait_for(self._consumer.commit(offsets), timeout=2)
        except Exception as error:  # noqa: BLE001
            log.info("lag not shown", error=type(error).__name__)


_MADE_ANEW = (
    "{topic}/{partition}: what stands at offset {offset} is not event {event}, which was read there. The topic was "
    "made anew, and events would be passed over: remove its positions to read it from its beginning (see the "
    "operator's guide, moving)"
)


def _id(record: Record) -> UUID | None:
    return record.envelope.id if isinstance(record.envelope, Envelope) else None


class KafkaLog:
    """What stands in the topics after given positions; it belongs to no group and moves nothing."""

    def __init__(self, bootstrap: str, topics: Sequence[str], *, prefix: str = TOPIC_PREFIX) -> None:
        self._bootstrap = bootstrap
        self._slots = [(prefix + topic, number) for topic in topics for number in range(PARTITIONS)]
        self._consumer: AIOKafkaConsumer | None = None

    async def behind(self, at: Mapping[Slot, Position]) -> Behind:
        """Raises whatever the client raises while the broker is away."""
        if self._consumer is None:
            consumer = AIOKafkaConsumer(
                bootstrap_servers=self._bootstrap, enable_auto_commit=False, request_timeout_ms=10_000
            )
            self._consumer = consumer
            try:
                await asyncio.wait_for(consumer.start(), timeout=10)
            except BaseException:
                await self.close()
                raise
        partitions = [TopicPartition(*slot) for slot in self._slots]
        self._consumer.assign(partitions)
        both = asyncio.gather(self._consumer.beginning_offsets(partitions), self._consumer.end_offsets(partitions))
        starts, ends = await asyncio.wait_for(both, timeout=10)
        nexts = {one: max(starts[one], at.get(tuple(one), START)[0] + 1) for one in partitions}
        behind = [one for one in partitions if ends[one] > nexts[one]]
        if not behind:
            return Behind()
        self._consumer.assign(behind)
        for one in behind:
            self._consumer.seek(one, nexts[one])
        found = await asyncio.wait_for(self._consumer.getmany(*behind, timeout_ms=5000), timeout=15)
        first = [from_message(messages[0], one.topic).envelope for one, messages in found.items() if messages]
        moments = [envelope.recorded_at for envelope in first if isinstance(envelope, Envelope)]
        return Behind(sum(ends[one] - nexts[one] for one in behind), min(moments, default=None))

    async def close(self) -> None:
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            closing = asyncio.create_task(consumer.stop())
            await asyncio.wait([closing], timeout=CLOSE_SECONDS)


class _Assignment(ConsumerRebalanceListener):  # type: ignore[misc]
    """Hears that partitions move. What follows is done by the reader: aiokafka swallows what a listener raises."""

    def __init__(self, moved: Callable[[], None]) -> None:
        self._moved = moved

    def on_partitions_revoked(self, _: Any) -> None:
        self._moved()

    def on_partitions_assigned(self, _: Any) -> None:
        self._moved()


class KafkaSink:
    """Writes records to Kafka, in order per partition, acknowledged by all replicas."""

    def __init__(self, bootstrap: str, *, prefix: str = TOPIC_PREFIX) -> None:
        self._bootstrap = bootstrap
        self._prefix = prefix
        self._producer: AIOKafkaProducer | None = None

    async def start(self) -> None:
        self._producer = AIOKafkaProducer(
            bootstrap_servers=self._bootstrap,
            enable_idempotence=True,
            acks="all",
            linger_ms=5,
            max_batch_size=256 * 1024,
            request_timeout_ms=10_000,
        )
        await self._producer.start()

    async def stop(self) -> None:
        producer, self._producer = self._producer, None
        if producer is not None:
            # A producer whose broker is away takes its time, and swallows what would hurry it.
            closing = asyncio.create_task(producer.stop())
            await asyncio.wait([closing], timeout=CLOSE_SECONDS)

    async def send(self, records: Sequence[Record]) -> list[Parked]:
        """Send them all; returns when every one is acknowledged.

        Raises if one is not: then all are sent again. What the broker will never take is returned, with what stands
        behind it in its aggregate: the others are sent.
        """
        try:
            await self._send_all(records)
        except REFUSALS:
            return await self._one_by_one(records)
        return []

    async def _one_by_one(self, records: Sequence[Record]) -> list[Parked]:
        """Slow, and seldom: some are sent twice. Each error of the broker speaks of one record."""
        refused: dict[str, Parked] = {}
        behind = []
        for record in records:
            if record.aggregate in refused:
                behind.append(Parked(record, "behind"))
                continue
            try:
                await self._send_all([record])
            except REFUSALS as error:
                refused[record.aggregate] = Parked(record, "failed", f"{type(error).__name__}: {error}")
        return [*refused.values(), *behind]

    async def _send_all(self, records: Sequence[Record]) -> None:
        by_partition: dict[Slot, list[Record]] = defaultdict(list)
        for record in records:
            by_partition[record.topic, record.partition].append(record)
        try:
            if self._producer is None:
                await self.start()
            await asyncio.gather(*(self._send(slot, records) for slot, records in by_partition.items()))
        except BaseException:
            # An idempotent producer that lost count refuses everything from then on: the next attempt gets a new one.
            await self.stop()
            raise

    async def _send(self, slot: Slot, records: Sequence[Record]) -> None:
        """One partition's records, in batches of our own making: a call for each would cost three times as much."""
        producer = self._producer
        if producer is None:
            raise ConnectionError("the producer was closed")
        topic, partition = self._prefix + slot[0], slot[1]
        batch, sent = producer.create_batch(), []
        for record in records:
            key, headers = record.aggregate.partition(":")[2].encode(), to_headers(record)
            if batch.append(timestamp=None, key=key, value=record.payload, headers=headers) is None:  # it is full
                sent.append(await producer.send_batch(batch, topic, partition=partition))
                batch = producer.create_batch()
                batch.append(timestamp=None, key=key, value=record.payload, headers=headers)
        batch.close()  # nothing more will come: no reason to linger
        sent.append(await producer.send_batch(batch, topic, partition=partition))
        await asyncio.sleep(0)  # the broker begins with these while other partitions' are being built
        await asyncio.gather(*sent)


async def ensure_topics(
    bootstrap: str,
    topics: Sequence[str],
    *,
    partitions: int = PARTITIONS,
    retention_ms: int = -1,
    replication: int = 1,
    prefix: str = TOPIC_PREFIX,
) -> None:
    """Create the topics that are missing, and return when the broker knows all of them.

    Raises `ValueError` if one has another number of partitions.
    """
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        names = [prefix + topic for topic in topics]
        configs = {
            "retention.ms": str(retention_ms),
            "cleanup.policy": "delete",
            "max.message.bytes": str(MESSAGE_BYTES),
        }
        existing = set(await admin.list_topics())
        new = [NewTopic(name, partitions, replication, topic_configs=configs) for name in names if name not in existing]
        if new:
            answer = await admin.create_topics(new)
            for topic_error in answer.topic_errors:
                error = for_code(topic_error[1])
                if topic_error[1] and error is not TopicAlreadyExistsError:
                    raise error(topic_error[0])
        for topic, count in (await _described(admin, names)).items():
            if count != partitions:
                raise ValueError(f"{topic} has {count} partitions, not {partitions}")
    finally:
        await admin.close()


async def _described(admin: AIOKafkaAdminClient, names: Sequence[str]) -> dict[str, int]:
    """The number of partitions of each topic. A broker may not know yet what the controller has just created."""
    async with asyncio.timeout(DESCRIBE_SECONDS):
        while True:
            found = {topic["topic"]: len(topic["partitions"]) for topic in await admin.describe_topics(names)}
            if all(found.get(name) for name in names):
                return found
            await asyncio.sleep(0.1)
