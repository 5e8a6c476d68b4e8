"""Reads the log of topics, for watching a consumer from outside."""

import asyncio
from collections.abc import Mapping, Sequence

from aiokafka import AIOKafkaConsumer, TopicPartition

from cchc_shared.contract.events import TOPIC_PREFIX
from cchc_shared.stream.kafka.messages import from_message
from cchc_shared.stream.outbox import PARTITIONS
from cchc_shared.stream.record import START, Envelope, Position, Slot
from cchc_shared.stream.watch import Behind

CLOSE_SECONDS = 3.0


class KafkaLog:
    """Reads the records of topics after given positions; it joins no group and changes no position."""

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
