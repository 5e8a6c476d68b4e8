"""The topics themselves."""

import asyncio
from collections.abc import Sequence

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import TopicAlreadyExistsError, for_code

from cchc_shared.contract.events import TOPIC_PREFIX
from cchc_shared.stream.outbox import PARTITIONS

DESCRIBE_SECONDS = 60.0
"""How long a topic that was just created may stay unknown to the broker that is asked."""
MESSAGE_BYTES = 1 << 20
"""Largest message that topics are created with: far above the largest event that a producer may write."""


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


async def remove_topics(bootstrap: str, topics: Sequence[str], *, prefix: str = TOPIC_PREFIX) -> list[str]:
    """Delete those of the topics that are there, with all they hold; their names. Returns when the broker forgot them.

    Raises `TimeoutError` when the broker keeps one.
    """
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        names = {prefix + topic for topic in topics}
        there = sorted(names & set(await admin.list_topics()))
        if there:
            await admin.delete_topics(there)
        async with asyncio.timeout(DESCRIBE_SECONDS):
            while True:
                if not names & set(await admin.list_topics()):
                    return there
                await asyncio.sleep(0.1)
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
