"""The Kafka carrier: the only module that knows aiokafka.

Events travel as CloudEvents in binary mode: the envelope in `ce_*` headers, the data as the value, the aggregate's id
as the key. Topics are named `cchc.<topic>`. Kafka shares partitions among the members of a group; where a member goes
on is what the database says, and offsets are committed to Kafka only so that others can see the lag.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRebalanceListener, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import TopicAlreadyExistsError, for_code
from sqlalchemy.ext.asyncio import AsyncEngine
from structlog import get_logger

from cchc_shared.outbox import PARTITIONS
from cchc_shared.stream import positions
from cchc_shared.stream.record import START, Advance, Batch, Position, Record, Slot

log = get_logger()

PREFIX = "cchc."
SOURCE = b"/cchc/"
COMMIT_SECONDS = 5.0

_HEADERS = {"ce_id": "id", "ce_subject": "subject", "ce_time": "occurred_at", "ce_recordedtime": "recorded_at"}


def to_headers(record: Record) -> list[tuple[str, bytes]]:
    """The envelope as CloudEvents headers; `aggregatetype`, `aggregateversion`, `recordedtime` are extensions."""
    headers = [
        ("ce_specversion", b"1.0"),
        ("ce_source", SOURCE + record.topic.encode()),
        ("ce_type", record.type.encode()),
        ("ce_aggregatetype", record.aggregate.partition(":")[0].encode()),
        ("ce_aggregateversion", b"" if record.version is None else str(record.version).encode()),
        ("content-type", b"application/json"),
    ]
    headers += [(name, record.headers[ours].encode()) for name, ours in _HEADERS.items() if ours in record.headers]
    if "traceparent" in record.headers:
        headers.append(("ce_traceparent", record.headers["traceparent"].encode()))
    return headers


def from_message(message: Any) -> Record:
    """A message as a record. What its headers lack is a fault of the record, not an error here."""
    topic = message.topic.removeprefix(PREFIX)
    position = (message.offset, 0)
    try:
        given = {name: value.decode() for name, value in message.headers}
        return Record(
            topic,
            message.partition,
            position,
            f"{given['ce_aggregatetype']}:{given['ce_subject']}",
            int(given["ce_aggregateversion"]),
            given["ce_type"],
            message.value or b"",
            {
                "id": given["ce_id"],
                "subject": given["ce_subject"],
                "occurred_at": given["ce_time"],
                "recorded_at": given["ce_recordedtime"],
                **({"traceparent": given["ce_traceparent"]} if "ce_traceparent" in given else {}),
            },
        )
    except (KeyError, ValueError) as error:
        return _unreadable(message, topic, position, f"envelope: {error!r}")


def _unreadable(message: Any, topic: str, position: Position, fault: str) -> Record:
    headers = {name: value.decode("utf-8", "backslashreplace").replace("\0", "\\0") for name, value in message.headers}
    # Without a readable aggregate nothing can be behind it: it parks under its own position.
    known = "ce_aggregatetype" in headers and "ce_subject" in headers
    aggregate = (
        f"{headers['ce_aggregatetype']}:{headers['ce_subject']}"
        if known
        else f"?:{topic}/{message.partition}/{message.offset}"
    )
    kind = headers.get("ce_type", "")
    return Record(topic, message.partition, position, aggregate, None, kind, message.value or b"", headers, fault)


class KafkaSource:
    """Reads `topics` as a member of the consumer group `group`, from the positions stored with the effects."""

    def __init__(
        self,
        bootstrap: str,
        engine: AsyncEngine,
        topics: Sequence[str],
        group: str,
        *,
        member: str | None = None,
        session_seconds: float = 10.0,
    ) -> None:
        self._engine = engine
        self._topics = list(topics)
        self._at: dict[Slot, Position] = {}
        self._committed_at = 0.0
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=bootstrap,
            group_id=group,
            group_instance_id=member,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            session_timeout_ms=int(session_seconds * 1000),
            heartbeat_interval_ms=int(session_seconds * 300),
            max_partition_fetch_bytes=1 << 20,
            fetch_max_wait_ms=100,
            request_timeout_ms=10_000,
        )

    async def start(self) -> None:
        # Subscribed before the start, so that the group is joined once.
        self._consumer.subscribe([PREFIX + topic for topic in self._topics], listener=_Assignment(self))
        await self._consumer.start()

    async def stop(self) -> None:
        await self._consumer.stop()

    async def rewind(self) -> None:
        await self._seek(self._consumer.assignment())

    async def next(self, limit: int, wait: float) -> Batch | None:
        # getmany() waits without bound while the group rebalances or the broker is away: a timeout of ours around it.
        found: Mapping[TopicPartition, Sequence[Any]] = await asyncio.wait_for(
            self._consumer.getmany(timeout_ms=int(wait * 1000), max_records=limit), timeout=wait + 20
        )
        records: list[Record] = []
        advances: dict[Slot, Advance] = {}
        for partition, messages in found.items():
            slot = (partition.topic.removeprefix(PREFIX), partition.partition)
            if not messages or slot not in self._at:
                continue
            records += map(from_message, messages)
            upto = (messages[-1].offset, 0)
            advances[slot] = Advance(self._at[slot], upto)
            self._at[slot] = upto
        await self._show_progress()
        return Batch(records, advances) if records else None

    async def lag(self) -> dict[Slot, int]:
        partitions = [TopicPartition(PREFIX + topic, number) for topic, number in self._at]
        if not partitions:
            return {}
        ends = await asyncio.wait_for(self._consumer.end_offsets(partitions), timeout=10)
        return {
            (tp.topic.removeprefix(PREFIX), tp.partition): max(
                0, end - self._at[tp.topic.removeprefix(PREFIX), tp.partition][0] - 1
            )
            for tp, end in ends.items()
        }

    async def _seek(self, partitions: Any) -> None:
        stored = await positions.load(self._engine, self._topics)
        self._at = {}
        for partition in partitions:
            slot = (partition.topic.removeprefix(PREFIX), partition.partition)
            self._at[slot] = stored.get(slot, START)
            self._consumer.seek(partition, max(0, self._at[slot][0] + 1))

    async def _show_progress(self) -> None:
        """Tell Kafka how far we are, for those who watch the group's lag there. Nothing depends on it."""
        now = asyncio.get_running_loop().time()
        if now - self._committed_at < COMMIT_SECONDS:
            return
        self._committed_at = now
        offsets = {TopicPartition(PREFIX + slot[0], slot[1]): at[0] + 1 for slot, at in self._at.items() if at[0] >= 0}
        try:
            await asyncio.wait_for(self._consumer.commit(offsets), timeout=2)
        except Exception as error:  # noqa: BLE001
            log.info("lag not shown", error=type(error).__name__)


class _Assignment(ConsumerRebalanceListener):  # type: ignore[misc]
    def __init__(self, source: KafkaSource) -> None:
        self._source = source

    async def on_partitions_revoked(self, revoked: Any) -> None:
        self._source._at = {}  # noqa: SLF001 - one class in two, because aiokafka wants a listener

    async def on_partitions_assigned(self, assigned: Any) -> None:
        await self._source._seek(assigned)  # noqa: SLF001


class KafkaSink:
    """Writes records to Kafka, in order per partition, acknowledged by all replicas."""

    def __init__(self, bootstrap: str) -> None:
        self._producer = AIOKafkaProducer(
            bootstrap_servers=bootstrap,
            enable_idempotence=True,
            acks="all",
            linger_ms=5,
            max_batch_size=256 * 1024,
            request_timeout_ms=10_000,
        )

    async def start(self) -> None:
        await self._producer.start()

    async def stop(self) -> None:
        await self._producer.stop()

    async def send(self, records: Sequence[Record]) -> None:
        """Send them all; returns when every one is acknowledged. Raises if one is not: then all are sent again."""
        futures = [
            await self._producer.send(
                PREFIX + record.topic,
                record.payload,
                key=record.headers["subject"].encode(),
                partition=record.partition,
                headers=to_headers(record),
            )
            for record in records
        ]
        await asyncio.gather(*futures)


async def ensure_topics(
    bootstrap: str, topics: Sequence[str], *, partitions: int = PARTITIONS, retention_ms: int = -1, replication: int = 1
) -> None:
    """Create the topics that are missing. Raises `ValueError` if one has another number of partitions."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        names = [PREFIX + topic for topic in topics]
        configs = {"retention.ms": str(retention_ms), "cleanup.policy": "delete"}
        existing = set(await admin.list_topics())
        new = [NewTopic(name, partitions, replication, topic_configs=configs) for name in names if name not in existing]
        if new:
            answer = await admin.create_topics(new)
            for topic_error in answer.topic_errors:
                error = for_code(topic_error[1])
                if topic_error[1] and error is not TopicAlreadyExistsError:
                    raise error(topic_error[0])
        for found in await admin.describe_topics(names):
            if found["partitions"] and len(found["partitions"]) != partitions:
                raise ValueError(f"{found['topic']} has {len(found['partitions'])} partitions, not {partitions}")
    finally:
        await admin.close()
