"""How fast the relay brings outboxes to Kafka, against a bare producer with the same bytes."""

import asyncio
import statistics
import time
from collections.abc import Iterator, Sequence
from typing import Any

import uvloop
from aiokafka import AIOKafkaProducer

from cchc_shared.contract.events import TOPIC_PREFIX, TOPICS, Event, encode
from cchc_shared.stream.kafka.messages import to_headers
from cchc_shared.stream.outbox import partition_of
from cchc_shared.stream.record import Envelope, Record
from tests.bench import lifecycles
from tests.bench.broker import fill, reachable
from tests.bench.results import Bound, Figure, Result
from tests.bench.stage import Stage
from tests.support.databases import Database

EVENTS = 60_000
ROUNDS = 3
RAW = "raw"


def measure(stage: Stage) -> Iterator[Result]:
    """Outbox → Kafka with stored positions, over aiokafka's producer alone with ready-made messages; both acknowledged
    and idempotent, and the messages the same."""
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
    messages = [_message(event) for event in events]
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap, enable_idempotence=True, acks="all", linger_ms=5, max_batch_size=256 * 1024
    )
    await producer.start()
    try:
        began = time.perf_counter()
        await asyncio.gather(*[await producer.send(TOPIC_PREFIX + RAW, **message) for message in messages])
        return len(messages) / (time.perf_counter() - began)
    finally:
        await producer.stop()


def _message(event: Event) -> dict[str, Any]:
    partition, data = partition_of(event.subject), event.data
    envelope = Envelope(event.id, event.subject, event.occurred_at, event.recorded_at, event.traceparent)
    aggregate, payload = f"{data.AGGREGATE}:{event.subject}", encode(data)
    record = Record(data.TOPIC, partition, (0, 0), aggregate, event.version, data.TYPE, payload, envelope)
    return {
        "key": event.subject.encode(),
        "value": payload,
        "headers": to_headers(record),
        "partition": partition,
    }
