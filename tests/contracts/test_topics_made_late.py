"""A topic that is made while its consumers are at work is looked at as one that was there before."""

from collections.abc import Sequence

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from tests.contracts.harness import KafkaWorld, running, until
from tests.contracts.test_system_faults import refused


async def left(admin: AIOKafkaAdminClient, topics: Sequence[str]) -> set[str]:
    return set(topics) & set(await admin.list_topics())


async def test_a_topic_with_few_partitions_made_after_the_start(
    kafka_world: KafkaWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cchc_shared.stream.kafka.source.METADATA_SECONDS", 0.5)
    transport = kafka_world.transport
    admin = AIOKafkaAdminClient(bootstrap_servers=transport.bootstrap)
    await admin.start()
    try:
        await admin.delete_topics(list(transport.topics))
        await until(lambda: left(admin, transport.topics), lambda names: not names)
        consumer = kafka_world.consumer()
        async with running(consumer):
            await admin.create_topics([NewTopic(topic, 3, 1) for topic in transport.topics])
            await refused(consumer, "has 3 partitions, not 12")
    finally:
        await admin.close()
