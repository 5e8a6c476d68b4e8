"""How fast the relay brings outboxes to Kafka, against a bare producer with the same bytes."""

import asyncio
import statistics
import time
from collections.abc import Iterator, Sequence

import uvloop
from aiokafka import AIOKafkaProducer
from cchc_shared.database import create_engine
from cchc_shared.events import TOPICS, Event, encode
from cchc_shared.outbox import partition_of
from cchc_shared.relay.__main__ import BATCH, Publish
from cchc_shared.stream.kafka import PREFIX, KafkaSink, ensure_topics
from cchc_shared.stream.worker import outbox_source

from tests.bench import lifecycles
from tests.bench.metered import metered_rate
from tests.bench.results import Bound, Figure, Result
from tests.bench.stage import Stage, execute
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
    await _reachable(bootstrap)
    return [
        (await relay(database, bootstrap, len(events)), await _produce(bootstrap, events)) for _ in range(ROUNDS)
    ]


async def relay(database: Database, bootstrap: str, wanted: int) -> float:
    """Relay the outboxes from their beginning; events a second."""
    await execute(database.url("relay"), "TRUNCATE stream_position, stream_lease, stream_member")
    engine = create_engine(database.url("relay"), pool_size=2)
    sink = KafkaSink(bootstrap)
    await sink.start()
    try:
        source = outbox_source(engine, TOPICS)()
        return await metered_rate(engine, source, Publish(sink), wanted, batch_size=BATCH)
    finally:
        await sink.stop()
        await engine.dispose()


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


async def _reachable(bootstrap: str) -> None:
    async with asyncio.timeout(60):
        while True:
            try:
                await ensure_topics(bootstrap, [*TOPICS, RAW])
            except Exception:  # noqa: BLE001 - the broker is starting
                await asyncio.sleep(0.2)
            else:
                return
