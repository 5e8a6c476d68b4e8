"""Reading topics as a member of a group, from positions that are stored with the effects."""

import asyncio
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


class _Assignment(ConsumerRebalanceListener):  # type: ignore[misc]
    """Hears that partitions move. What follows is done by the reader: aiokafka swallows what a listener raises."""

    def __init__(self, moved: Callable[[], None]) -> None:
        self._moved = moved

    def on_partitions_revoked(self, _: Any) -> None:
        self._moved()

    def on_partitions_assigned(self, _: Any) -> None:
        self._moved()
