"""Reading topics as a member of a group, from positions that are stored with the effects."""

import asyncio
import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from sqlalchemy.ext.asyncio import AsyncEngine
from structlog import get_logger

from cchc_shared.contract.events import TOPIC_PREFIX
from cchc_shared.stream import positions
from cchc_shared.stream.kafka.messages import from_message
from cchc_shared.stream.outbox import PARTITIONS
from cchc_shared.stream.record import START, Advance, Batch, Envelope, Position, Record, Slot

log = get_logger()

COMMIT_SECONDS = 5.0
METADATA_SECONDS = 30.0
"""How old what is known of the topics may become: a topic that was made since is noticed then."""
GUIDE = 'docs/guides/operator.md, "A topic made anew"'


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
        """What stands at the position of each partition, where it is known."""
        self._unproved: set[Slot] = set()
        """Partitions whose mark is still to be found in the log: it is read first."""
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
            metadata_max_age_ms=int(METADATA_SECONDS * 1000),
        )

    async def start(self) -> None:
        # Subscribed before the start, so that the group is joined once.
        self._consumer.subscribe(self._topics, listener=_Assignment(self._displace))
        await self._consumer.start()
        self._count_partitions()

    def _count_partitions(self) -> None:
        """A topic may be made, or made larger, while this member is at work: looked at with each assignment."""
        for topic in self._topics:
            count = len(self._consumer.partitions_for_topic(topic) or ())
            if count and count != PARTITIONS:
                raise ForeignTopic(f"{topic} has {count} partitions, not {PARTITIONS}: see {GUIDE}")

    async def stop(self) -> None:
        await self._consumer.stop()

    async def rewind(self) -> None:
        self._placed = True  # before the wait: should partitions move meanwhile, they are placed again
        stored = await positions.load(self._engine, self._topics)
        marks = await positions.marks(self._engine, self._topics)
        self._at, self._marks, self._unproved = {}, {}, set()
        self._count_partitions()
        for partition in self._consumer.assignment():
            slot = (partition.topic, partition.partition)
            self._at[slot] = stored.get(slot, START)
            if slot in marks:
                self._marks[slot] = marks[slot]
                self._unproved.add(slot)
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
            if slot in self._unproved:
                read = await self._after_mark(partition, messages[0], read)
            elif read[0].position <= self._at[slot]:  # the client was told that its place is gone, and begins anew
                raise self._made_anew(slot)
            if read:
                mark = _id(read[-1]) or _digest(messages[-1])
                advances[slot] = Advance(self._at[slot], read[-1].position, mark)
                self._at[slot], self._marks[slot] = read[-1].position, mark
                records += read
        return Batch(records, advances) if records else None

    async def _after_mark(self, partition: TopicPartition, message: Any, read: list[Record]) -> list[Record]:
        """What follows the event that stands at the stored position; retention may have removed that one."""
        slot = (partition.topic, partition.partition)
        at, mark = self._at[slot], self._marks[slot]
        if read[0].position == at and mark in (_id(read[0]), _digest(message)):
            self._unproved.discard(slot)
            return read[1:]
        first = (await asyncio.wait_for(self._consumer.beginning_offsets([partition]), timeout=10))[partition]
        if first > at[0] and read[0].position[0] >= first:
            self._unproved.discard(slot)
            return read
        raise self._made_anew(slot)

    def _made_anew(self, slot: Slot) -> ForeignTopic:
        event = self._marks.get(slot, "?")
        return ForeignTopic(
            f"{slot[0]}/{slot[1]}: what stands at offset {self._at[slot][0]} is not event {event}, which was read "
            f"there. The topic was made anew, and events would be passed over: see {GUIDE}"
        )

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
            if ends[one] <= at[slot][0] and self._at.get(slot) == at[slot]:  # a shorter log than the one that was read
                raise self._made_anew(slot)
        return {
            tuple(one): max(0, ends[one] - max(starts[one], at[one.topic, one.partition][0] + 1)) for one in partitions
        }

    def _displace(self) -> None:
        self._at, self._marks, self._unproved = {}, {}, set()
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


def _id(record: Record) -> UUID | None:
    return record.envelope.id if isinstance(record.envelope, Envelope) else None


def _digest(message: Any) -> UUID:
    """Stands for a message whose envelope cannot be read, by all its bytes; in the form of an id, as marks have it."""
    whole = hashlib.sha256()
    for part in (message.key, message.value, *(part for name, value in message.headers for part in (name, value))):
        raw = part.encode() if isinstance(part, str) else part or b""
        whole.update(len(raw).to_bytes(8) + raw)
    return UUID(bytes=whole.digest()[:16])


class _Assignment(ConsumerRebalanceListener):  # type: ignore[misc]
    """Hears that partitions move. What follows is done by the reader: aiokafka swallows what a listener raises."""

    def __init__(self, moved: Callable[[], None]) -> None:
        self._moved = moved

    def on_partitions_revoked(self, _: Any) -> None:
        self._moved()

    def on_partitions_assigned(self, _: Any) -> None:
        self._moved()
