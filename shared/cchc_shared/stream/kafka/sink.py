"""Writing events to topics."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from aiokafka import AIOKafkaProducer
from aiokafka.errors import CorruptRecordException, MessageSizeTooLargeError, PolicyViolationError

from cchc_shared.contract.events import TOPIC_PREFIX
from cchc_shared.stream.classification import Parked
from cchc_shared.stream.kafka.messages import to_headers
from cchc_shared.stream.record import Record, Slot

SEND_SECONDS = 10.0
"""How long what is sent at once may take: the relay's transaction is open meanwhile (`PUBLISHING`)."""
CLOSE_SECONDS = 3.0
REFUSALS: Final = (MessageSizeTooLargeError, CorruptRecordException, PolicyViolationError)
"""Answers of a broker that will be the same however often a record is sent."""


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

        Raises if one is not, or not in time: then all are sent again. What the broker will never take is returned, with
        what stands behind it in its aggregate: the others are sent.
        """
        async with asyncio.timeout(SEND_SECONDS):
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
