"""How fast the relay brings outboxes to Kafka, against a bare producer with the same bytes."""

import asyncio
import statistics
import time
from collections.abc import Iterator, Sequence

import uvloop
from aiokafka import AIOKafkaProducer

from cchc_shared.events import TOPICS, Event, encode
from cchc_shared.outbox import partition_of
from cchc_shared.stream.kafka import PREFIX
from tests.bench import lifecycles
from tests.bench.broker import fill, reachable
from tests.bench.results import Bound, Figure, Result
from tests.bench.stage import Stage
from tests.support.databases import Database

EVENTS = 60_000
ROUNDS = 3
RAW = "raw"


def measure(stage: Stage) -> Iterator[Result]:
    """Outbox → Kafka with stored positions, over aiokafka's producer alone; both acknowledged and idempotent."""
    events = lifecycles.lives(EVENTS)
    with stage.database() as database, stage.kafka() as bootstrap:
        asyncio.run(lifecycles.publish(database, events))
        rates = uvloop.run(_rounds(database, bootstrap, events))
    relay, raw = zip(*rates, strict=True)
    yield Result(
        "relay to Kafka / bare producer",
        [Figure("relay", statistics.median(relay), "/s"), Figure("bare", statistics.median(raw), "/s")],
        statistics.median(ours / theirs for ours, theirs in rates),
        Bound("≥", 0.5),
    )


async def _rounds(database: Database, bootstrap: str, events: Sequence[Event]) -> list[tuple[float, float]]:
    await reachable(bootstrap, [*TOPICS, RAW])
    return [(await fill(database, bootstrap, len(events)), await _produce(bootstrap, events)) for _ in range(ROUNDS)]


async def _produce(bootstrap: str, events: Sequence[Event]) -> float:
    records = [(partition_of(event.subject), event.subject.encode(), encode(event.data)) for event in events]
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap, enable_idempotence=True, acks="all", linger_ms=5, max_batch_size=256 * 1024
    )
    await producer.start()
    try:
        began = time.perf_counter()
        futures = [
            await producer.send(PREFIX + RAW, value, key=key, partition=partition) for partition, key, value in records
        ]
        await asyncio.gather(*futures)
        return len(records) / (time.perf_counter() - began)
    finally:
        await producer.stop()
