"""How fast events become facts, counts and scores, on each transport: against reading alone, and against one by one."""

import asyncio
import statistics
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

import asyncpg
import uvloop
from aiokafka import AIOKafkaConsumer, TopicPartition
from sqlalchemy.ext.asyncio import AsyncEngine

from cchc_embedded.paths import REPOSITORY
from cchc_shared.calendar.clock import FixedClock
from cchc_shared.contract.events import TOPIC_PREFIX, TOPICS
from cchc_shared.service import gc_tuning
from cchc_shared.service.consuming import outbox_source
from cchc_shared.storage.database import create_engine
from cchc_shared.stream.inbox import Inbox
from cchc_shared.stream.kafka import KafkaSource
from cchc_shared.stream.outbox import PARTITIONS
from cchc_shared.stream.record import Source
from scoring_worker.bootstrap import BATCH, WORKER
from scoring_worker.loading.service import IndexSetLoader, files_of
from scoring_worker.projection.service import Projection
from tests.bench import lifecycles
from tests.bench.broker import fill, reachable
from tests.bench.metered import metered_rate
from tests.bench.results import Bound, Figure, Result
from tests.bench.stage import Stage
from tests.support.databases import Database

EVENTS = 100_000
ONE_BY_ONE = 200
ROUNDS = 3
READ_AT_ONCE = 1_000
"""As many as a consumer reads."""
NOW = datetime(2026, 7, 1, tzinfo=UTC)

_READ = """SELECT partition, xid, seq, id, aggregatetype, aggregateid, aggregateversion, type, occurred_at, recorded_at,
                  traceparent, payload
           FROM {topic}.outbox_feed WHERE partition = $1 AND (xid, seq) > ($2::bigint::text::xid8, $3)
           ORDER BY xid, seq LIMIT $4"""


class Rates(NamedTuple):
    """Events a second of one round."""

    worker: float
    one_by_one: float
    read: float


def measure(stage: Stage) -> Iterator[Result]:
    """The worker's own handler and inbox, every effect in PostgreSQL with fsync; the same events on both transports."""
    with stage.database() as filled, stage.kafka() as bootstrap:
        events = [*lifecycles.units(), *lifecycles.lives(EVENTS)]
        asyncio.run(lifecycles.publish(filled, events))
        uvloop.run(_prepare(filled, bootstrap, len(events)))
        for name, transport in (("PostgreSQL", None), ("Kafka", bootstrap)):
            rounds = [_round(stage, filled, transport, len(events)) for _ in range(ROUNDS)]
            yield from _results(name, rounds)


def _results(transport: str, rounds: Sequence[Rates]) -> Iterator[Result]:
    worker, one_by_one, read = (statistics.median(values) for values in zip(*rounds, strict=True))
    figure = Figure("worker", worker, "/s")
    yield Result(
        f"worker / reading alone, {transport}",
        [figure, Figure("reading", read, "/s")],
        statistics.median(one.worker / one.read for one in rounds),
        Bound("≥", 0.1),
    )
    yield Result(
        f"worker / one transaction per event, {transport}",
        [figure, Figure("one by one", one_by_one, "/s")],
        statistics.median(one.worker / one.one_by_one for one in rounds),
        Bound("≥", 15),
    )


async def _prepare(database: Database, bootstrap: str, count: int) -> None:
    async with opened(database) as engine:
        loader = IndexSetLoader(engine, FixedClock(NOW))
        await loader.load_files(files_of(REPOSITORY / "data" / "index_sets"))
    await reachable(bootstrap, TOPICS)
    await fill(database, bootstrap, count)


def _round(stage: Stage, filled: Database, bootstrap: str | None, count: int) -> Rates:
    with stage.database(filled) as database:
        one_by_one = uvloop.run(work(database, bootstrap, ONE_BY_ONE, single=True))
    with stage.database(filled) as database:
        # Read before and after: what else the machine does must not favour one of the two.
        reads = [uvloop.run(_read(database, bootstrap, count))]
        worker = uvloop.run(work(database, bootstrap, count))
        reads.append(uvloop.run(_read(database, bootstrap, count)))
    return Rates(worker, one_by_one, statistics.mean(reads))


async def work(database: Database, bootstrap: str | None, wanted: int, *, single: bool = False) -> float:
    gc_tuning.raise_threshold(gc_tuning.CONSUMING)  # as in the processes of the services
    async with opened(database) as engine:
        source: Source = (
            outbox_source(engine, TOPICS)()
            if bootstrap is None
            else KafkaSource(bootstrap, engine, TOPICS, f"{WORKER}-{time.monotonic_ns()}")
        )
        effect = Inbox(Projection(ZoneInfo("Asia/Ho_Chi_Minh"), FixedClock(NOW)))
        return await metered_rate(engine, source, effect, wanted, single=single, batch_size=BATCH)


async def _read(database: Database, bootstrap: str | None, count: int) -> float:
    return await (read_outbox(database) if bootstrap is None else _read_topics(bootstrap, count))


async def read_outbox(database: Database) -> float:
    """The same rows straight from the driver, a batch at a time."""
    connection = await asyncpg.connect(database.url("scoring"))
    count = 0
    try:
        began = time.perf_counter()
        for topic in TOPICS:
            for partition in range(PARTITIONS):
                at = (0, 0)
                while rows := await connection.fetch(_READ.format(topic=topic), partition, *at, READ_AT_ONCE):
                    count += len(rows)
                    at = (rows[-1]["xid"], rows[-1]["seq"])
        return count / (time.perf_counter() - began)
    finally:
        await connection.close()


async def _read_topics(bootstrap: str, wanted: int) -> float:
    """The same messages straight from aiokafka."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest", enable_auto_commit=False)
    await consumer.start()
    try:
        consumer.assign(
            [TopicPartition(TOPIC_PREFIX + topic, number) for topic in TOPICS for number in range(PARTITIONS)]
        )
        count, began = 0, 0.0
        while count < wanted:
            found = await consumer.getmany(timeout_ms=1000, max_records=READ_AT_ONCE)
            if not began:  # the first answer also waited for the metadata of the topics
                began, wanted = time.perf_counter(), wanted - sum(map(len, found.values()))
                continue
            count += sum(map(len, found.values()))
        return count / (time.perf_counter() - began)
    finally:
        await consumer.stop()


@asynccontextmanager
async def opened(database: Database) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(database.url("scoring"))
    try:
        yield engine
    finally:
        await engine.dispose()
