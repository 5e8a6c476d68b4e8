"""The two ways from the producers' outboxes to a consumer, as tests of the stream's contract drive them."""

import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Protocol

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from cchc_shared.contract.events import TOPICS
from cchc_shared.stream import positions
from cchc_shared.stream.consumer import Consumer, Effect
from cchc_shared.stream.kafka import KafkaSink, KafkaSource, ensure_topics
from cchc_shared.stream.outbox import PARTITIONS
from cchc_shared.stream.postgres import PostgresSource
from cchc_shared.stream.record import Position, Slot, Source
from relay.publish import Publish
from tests.support.waiting import until

LEASE = 1.0


class Transport(Protocol):
    """One way from the producers' outboxes to a consumer."""

    @property
    def topics(self) -> Sequence[str]:
        """Under these names positions are kept."""

    def source(self, member: str) -> Source:
        """A member of the one consumer under test."""

    async def ends(self, written: Mapping[Slot, Position]) -> Mapping[Slot, Position] | None:
        """Where the last record of each slot stands; None while something that was written is on its way there."""

    async def carried(self) -> Mapping[Slot, Position]:
        """How far what was written is on its way: it moves."""


@dataclass
class PostgresTransport:
    engine: AsyncEngine
    topics: Sequence[str] = TOPICS

    def source(self, member: str) -> Source:
        return PostgresSource(self.engine, TOPICS, member, ttl=LEASE)

    async def ends(self, written: Mapping[Slot, Position]) -> Mapping[Slot, Position] | None:
        return written

    async def carried(self) -> Mapping[Slot, Position]:
        return {}


@dataclass
class KafkaTransport:
    """Topics of its own on the session's broker, with a relay to them."""

    engine: AsyncEngine
    relay_engine: AsyncEngine
    bootstrap: str
    prefix: str = field(default_factory=lambda: f"t{uuid.uuid4().hex[:10]}.")

    @property
    def topics(self) -> Sequence[str]:
        return [self.prefix + topic for topic in TOPICS]

    def source(self, _: str) -> Source:
        return KafkaSource(
            self.bootstrap, self.engine, TOPICS, self.prefix + "scoring", session_seconds=6, prefix=self.prefix
        )

    def relay(self, member: str = "relay", effect: Effect | None = None) -> Consumer:
        """A relay; the fixture runs one already."""
        return Consumer(
            member,
            engine=self.relay_engine,
            source=lambda: PostgresSource(self.relay_engine, TOPICS, member, ttl=LEASE),
            effect=effect or Publish(self.sink),
        )

    async def forget_published(self) -> None:
        """The next relay publishes everything again."""
        async with self.relay_engine.begin() as conn:
            await conn.execute(text("UPDATE stream_position SET major = -1, minor = -1"))

    async def make_topics_anew(self, partitions: int = PARTITIONS) -> None:
        """The topics are gone with all that they held; others bear their names."""
        await self._remove_topics()
        admin = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap)
        await admin.start()
        try:

            async def gone() -> bool:
                return not set(self.topics) & set(await admin.list_topics())

            await until(gone)
            made = await admin.create_topics([NewTopic(topic, partitions, 1) for topic in self.topics])
            assert not any(error[1] for error in made.topic_errors), made

            async def known() -> bool:
                described = await admin.describe_topics(list(self.topics))
                return all(len(topic["partitions"]) == partitions for topic in described)

            await until(known)
        finally:
            await admin.close()

    async def take_at_most(self, size: int) -> None:
        """The broker refuses larger messages in these topics."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap)
        await admin.start()
        try:
            limit = {"max.message.bytes": str(size)}
            await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, name, limit) for name in self.topics])
        finally:
            await admin.close()

    async def carried(self) -> Mapping[Slot, Position]:
        return await positions.load(self.relay_engine, TOPICS)

    async def ends(self, written: Mapping[Slot, Position]) -> Mapping[Slot, Position] | None:
        sent = await positions.load(self.relay_engine, TOPICS)
        if any(sent[slot] != at for slot, at in written.items()):
            return None
        found = await self.probe.end_offsets([TopicPartition(self.prefix + topic, number) for topic, number in sent])
        return {(partition.topic, partition.partition): (end - 1, 0) for partition, end in found.items() if end}

    @asynccontextmanager
    async def open(self) -> AsyncIterator["KafkaTransport"]:
        await ensure_topics(self.bootstrap, TOPICS, prefix=self.prefix)
        self.sink = KafkaSink(self.bootstrap, prefix=self.prefix)
        self.probe = AIOKafkaConsumer(bootstrap_servers=self.bootstrap)
        self.raw = AIOKafkaProducer(bootstrap_servers=self.bootstrap)
        async with AsyncExitStack() as stack:
            for client in (self.sink, self.probe, self.raw):
                await client.start()
                stack.push_async_callback(client.stop)
            yield self
            await self._remove_topics()

    async def _remove_topics(self) -> None:
        """A broker with thousands of partitions grows slow."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap)
        await admin.start()
        try:
            await admin.delete_topics(list(self.topics))
        finally:
            await admin.close()
