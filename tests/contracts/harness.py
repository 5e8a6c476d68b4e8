"""What the stream's contract is tested with: producers, a handler in whose table doubles show, and a world of both."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Identity, Integer, Row, Table, Text, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cchc_shared.contract.events import TOPICS, Event
from cchc_shared.storage.database import create_engine, metadata
from cchc_shared.storage.ddl.outbox_2 import CREATE_FEED
from cchc_shared.storage.ddl.outbox_3 import CREATE_AHEAD
from cchc_shared.stream import outbox, positions
from cchc_shared.stream.consumer import Consumer
from cchc_shared.stream.inbox import Handler, Inbox
from cchc_shared.stream.outbox import outbox_table, partition_of
from cchc_shared.stream.record import Position, Slot, Source
from cchc_shared.stream.tables import stream_tables
from tests.contracts.transports import KafkaTransport, PostgresTransport, Transport
from tests.support.databases import Database
from tests.support.events import report_event, task_event
from tests.support.waiting import LIMIT_SECONDS, until

__all__ = ["until"]

NOW = datetime(2024, 5, 6, 2, 0, tzinfo=UTC)
PATIENCE = 1.0


def task(subject: str, version: int) -> Event:
    """An event of the topic `tasks`."""
    return task_event(subject, version)


def report(subject: str, version: int) -> Event:
    """An event of the topic `feedback`."""
    return report_event(subject, version)


def name_of(event: Event) -> str:
    return f"{event.data.AGGREGATE}:{event.subject}"


def histories(subjects: Iterable[str], versions: int) -> list[Event]:
    """`versions` events of each subject; every third subject is a report, the others are tasks."""
    make = [(report if number % 3 == 2 else task, subject) for number, subject in enumerate(subjects)]
    return [maker(subject, version) for version in range(1, versions + 1) for maker, subject in make]


def neighbours(count: int) -> list[str]:
    """Subjects that share one partition: only there can one event be passed over for another."""
    return [name for number in range(count * 40) if partition_of(name := f"N-{number}") == 0][:count]


def expected(events: Iterable[Event]) -> dict[str, list[int]]:
    """The effect of complete histories: of each aggregate every version once, in order."""
    found = defaultdict(list)
    for event in events:
        found[name_of(event)].append(event.version)
    return {name: sorted(versions) for name, versions in found.items()}


class Producer:
    """Writes as services do: state and event in one transaction, the aggregate's row first."""

    def __init__(self, engines: Mapping[str, AsyncEngine]) -> None:
        self.engines = engines

    async def write(self, events: Sequence[Event]) -> None:
        """One transaction for each topic."""
        for topic, engine in self.engines.items():
            async with engine.begin() as conn:
                await outbox.write(conn, [event for event in events if topic == event.data.TOPIC])

    async def change(self, conn: AsyncConnection, make: Callable[[str, int], Event], subject: str) -> Event:
        """The next event of an aggregate, after its row is locked and counted up."""
        version = await conn.scalar(
            text(
                """INSERT INTO aggregate VALUES (:id, 1)
                   ON CONFLICT (id) DO UPDATE SET version = aggregate.version + 1 RETURNING version"""
            ),
            {"id": subject},
        )
        event = make(subject, version)
        await outbox.write(conn, [event])
        return event

    async def raw(self, event: Event, *, type: str | None = None, payload: str | None = None) -> None:  # noqa: A002
        """A row that no service of ours would write."""
        given = {"type": "coalesce(:type, type)", "payload": "coalesce(CAST(:payload AS json), payload)"}
        columns = ", ".join(given.get(column, column) for column in outbox.COLUMNS.split(", "))
        insert = f"INSERT INTO outbox ({outbox.COLUMNS}) SELECT {columns} FROM {outbox.RECORDS}"
        row = {"events": outbox.array([outbox.record(event)]), "type": type, "payload": payload}
        async with self.engines[event.data.TOPIC].begin() as conn:
            await conn.execute(text(insert), row)

    async def ends(self) -> dict[Slot, Position]:
        """Where the last event of each slot stands, whether or not it may be read already."""
        found: dict[Slot, Position] = {}
        for topic, engine in self.engines.items():
            async with engine.connect() as conn:
                rows = await conn.execute(
                    text(
                        """SELECT DISTINCT ON (partition) partition, CAST(CAST(xid AS text) AS bigint) AS xid, seq
                           FROM outbox ORDER BY partition, xid DESC, seq DESC"""
                    )
                )
                found |= {(topic, row.partition): (row.xid, row.seq) for row in rows}
        return found


class Recorder:
    """Writes down each event that takes effect. `fault` may return an error to be raised for an event."""

    def __init__(self, member: str = "a", fault: Callable[[Event], Exception | None] = lambda _: None) -> None:
        self.member = member
        self.fault = fault
        self.events: list[Event] = []

    async def apply(self, conn: AsyncConnection, events: Sequence[Event]) -> None:
        for event in events:
            if (error := self.fault(event)) is not None:
                raise error
        await conn.execute(
            text(
                """INSERT INTO seen (aggregate, version, member)
                   SELECT a, v, :member FROM unnest(CAST(:names AS text[]), CAST(:versions AS int[])) n(a, v)"""
            ),
            {
                "member": self.member,
                "names": [name_of(event) for event in events],
                "versions": [event.version for event in events],
            },
        )


@dataclass
class World:
    """One database, one transport, and what a test asks of them."""

    engine: AsyncEngine
    producer: Producer
    transport: Transport

    def consumer(
        self,
        member: str = "a",
        handler: Handler | None = None,
        *,
        source: Callable[[], Source] | None = None,
        batch_size: int = 1000,
        hang_seconds: float = 30.0,
    ) -> Consumer:
        return Consumer(
            member,
            engine=self.engine,
            source=source or (lambda: self.transport.source(member)),
            effect=Inbox(handler or Recorder(member), patience=PATIENCE),
            batch_size=batch_size,
            hang_seconds=hang_seconds,
        )

    async def rows(self, statement: str, **parameters: object) -> Sequence[Row[Any]]:
        async with self.engine.connect() as conn:
            return (await conn.execute(text(statement), parameters)).all()

    async def effects(self) -> dict[str, list[int]]:
        """Versions by aggregate, in the order in which they took effect."""
        found: dict[str, list[int]] = defaultdict(list)
        for row in await self.rows("SELECT aggregate, version FROM seen ORDER BY id"):
            found[row.aggregate].append(row.version)
        return dict(found)

    async def parked(self) -> list[tuple[str, int | None, str]]:
        """Aggregate, version and reason of what waits."""
        rows = await self.rows(
            "SELECT aggregate, version, reason FROM parked_event WHERE resolution IS NULL ORDER BY id"
        )
        return [(row.aggregate, row.version, row.reason) for row in rows]

    async def ends(self) -> Mapping[Slot, Position] | None:
        """Where the consumer will stand when it has read all that was written; None while that is not yet carried."""
        return await self.transport.ends(await self.producer.ends())

    async def caught_up(self) -> None:
        """Everything that was written was read, and its position is stored."""

        async def behind() -> object:
            ends = await self.ends()
            if ends is None:
                return "not yet carried", await self.transport.carried()
            stored = await positions.load(self.engine, self.transport.topics)
            return {slot: (stored[slot], at) for slot, at in ends.items() if stored[slot] != at}

        await until(behind, lambda rest: not rest)

    async def rewind(self) -> None:
        """The consumer starts from the beginning again."""
        async with self.engine.begin() as conn:
            await conn.execute(text("UPDATE stream_position SET major = -1, minor = -1"))

    async def forget(self) -> None:
        """The effects and all that the consumer knows are gone, as after a restore of an empty backup."""
        async with self.engine.begin() as conn:
            await conn.execute(text("TRUNCATE seen, stream_version, stream_position"))


@dataclass
class KafkaWorld(World):
    """For tests of what only that transport has."""

    transport: KafkaTransport


@asynccontextmanager
async def running(*consumers: Consumer) -> AsyncIterator[None]:
    """The consumers run; at the end they stop as on SIGTERM."""
    tasks = [asyncio.create_task(consumer.run()) for consumer in consumers]
    try:
        yield
    finally:
        for consumer in consumers:
            consumer.stop()
        await asyncio.gather(*tasks)


async def prepare(producers: Mapping[str, AsyncEngine], scoring: AsyncEngine, relay: AsyncEngine) -> None:
    """The tables that migrations have not made."""
    for engine in producers.values():
        tables = metadata()
        outbox_table(tables)
        Table("aggregate", tables, Column("id", Text, primary_key=True), Column("version", Integer, nullable=False))
        async with engine.begin() as conn:
            await conn.run_sync(tables.create_all)
            if not await conn.scalar(text("SELECT to_regclass('outbox_feed') IS NOT NULL")):
                for statement in (*CREATE_FEED, *CREATE_AHEAD):
                    await conn.execute(text(statement))
    tables = metadata()
    stream_tables(tables)
    Table(
        "seen",
        tables,
        Column("id", BigInteger, Identity(), primary_key=True),
        Column("aggregate", Text, nullable=False),
        Column("version", Integer, nullable=False),
        Column("member", Text, nullable=False),
    )
    published = metadata()
    stream_tables(published)
    for engine, wanted in ((scoring, tables), (relay, published)):
        async with engine.begin() as conn:
            await conn.run_sync(wanted.create_all)


@asynccontextmanager
async def open_world(database: Database, bootstrap: str | None) -> AsyncIterator[World]:
    """A world in this database: on Kafka where there is one, with a relay at work."""
    if bootstrap is None:
        async with _engines(database) as engines:
            yield World(engines["scoring"], _producer(engines), PostgresTransport(engines["scoring"]))
        return
    async with open_kafka_world(database, bootstrap) as world, running(world.transport.relay()):
        yield world


@asynccontextmanager
async def open_kafka_world(database: Database, bootstrap: str) -> AsyncIterator[KafkaWorld]:
    """A world in this database and on this broker, whose relay is not running."""
    async with (
        _engines(database) as engines,
        KafkaTransport(engines["scoring"], engines["relay"], bootstrap).open() as transport,
    ):
        yield KafkaWorld(engines["scoring"], _producer(engines), transport)


@asynccontextmanager
async def _engines(database: Database) -> AsyncIterator[dict[str, AsyncEngine]]:
    """Schema → its engine, with the tables in place."""
    async with AsyncExitStack() as stack:
        engines = {}
        for schema in (*TOPICS, "scoring", "relay"):
            engines[schema] = create_engine(database.url(schema), pool_size=12, wait_seconds=LIMIT_SECONDS)
            stack.push_async_callback(engines[schema].dispose)
        await prepare({topic: engines[topic] for topic in TOPICS}, engines["scoring"], engines["relay"])
        yield engines


def _producer(engines: Mapping[str, AsyncEngine]) -> Producer:
    return Producer({topic: engines[topic] for topic in TOPICS})
