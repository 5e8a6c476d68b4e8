"""An outbox that others read, in months that tests end when they like."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncEngine

from cchc_shared.contract.events import Event
from cchc_shared.storage.database import create_engine
from cchc_shared.stream import months, outbox, positions, trimming
from cchc_shared.stream.postgres import PostgresSource, current_positions
from cchc_shared.stream.record import Position, Record, Slot
from tests.support.databases import Database
from tests.support.waiting import until

MAY = date(2024, 5, 1)
JUNE = date(2024, 6, 1)
JULY = date(2024, 7, 1)
KEPT = timedelta(days=90)


@dataclass
class Log:
    """The outbox of `tasks`, its archive, and those who read it."""

    producer: AsyncEngine
    readers: dict[str, AsyncEngine]
    folder: Path
    now: datetime = field(default=datetime(2024, 5, 6, tzinfo=UTC))

    async def write(self, *events: Event) -> None:
        """In one transaction; returns when readers see them."""
        async with self.producer.begin() as conn:
            await outbox.write(conn, events)
        hidden = text("SELECT (SELECT count(*) FROM outbox) - (SELECT count(*) FROM outbox_feed)")
        await until(lambda: self._scalar(hidden), lambda count: count == 0)

    async def turn(self, month: date) -> None:
        """The months before this one end; returns when the last of them is closed."""
        self.now = datetime.combine(month, datetime.min.time(), UTC)
        async with self.producer.begin() as conn:
            await months.turn(conn, month, self.now)
        await until(self.months, lambda rows: all(row.closed for row in rows if row.to_xid is not None))

    async def months(self) -> Sequence[Row[tuple[object, ...]]]:
        async with self.producer.begin() as conn:
            return await months.months(conn)

    async def archive(self) -> int:
        """All that can be; returns in how many steps."""
        steps = 0
        while done := await trimming.archive_some(self.producer, self.folder, "tasks", self.now):
            steps += done
        return steps

    async def trim(self, *, relayed: bool = False) -> date | None:
        """The oldest month, when its time has come."""
        self.now = max(self.now, datetime(2024, 12, 31, tzinfo=UTC))
        return await trimming.trim(self.producer, self.folder, "tasks", self.now, kept=KEPT, relayed=relayed)

    async def passed(self, *readers: str) -> None:
        """These readers have read all that there is."""
        ends = await current_positions(self.readers["scoring"], ["tasks"])
        for reader in readers:
            await self.stands(reader, ends)

    async def stands(self, reader: str, at: dict[Slot, Position]) -> None:
        """This reader has come so far, and no further."""
        engine = self.readers[reader]
        await positions.load(engine, ["tasks"])
        async with engine.begin() as conn:
            for (topic, partition), (major, minor) in at.items():
                await conn.execute(
                    text("UPDATE stream_position SET major = :a, minor = :b WHERE topic = :t AND partition = :p"),
                    {"a": major, "b": minor, "t": topic, "p": partition},
                )

    async def read(self, folder: Path | None = None, *, limit: int = 7) -> list[Record]:
        """What a reader finds who begins at the beginning."""
        source = PostgresSource(self.readers["relay"], ["tasks"], "newcomer", archive=folder or self.folder)
        await source.start()
        records: list[Record] = []
        while batch := await source.next(limit, wait=0.05):
            records += batch.records
        await source.stop()
        return records

    async def rows(self, statement: str) -> list[tuple[object, ...]]:
        async with self.producer.connect() as conn:
            return [tuple(row) for row in await conn.execute(text(statement))]

    async def _scalar(self, statement: object) -> int:
        async with self.producer.connect() as conn:
            return int(await conn.scalar(statement) or 0)  # type: ignore[call-overload]


@pytest.fixture
async def log(database: Database, tmp_path: Path) -> AsyncIterator[Log]:
    producer = create_engine(database.url("tasks"))
    readers = {schema: create_engine(database.url(schema), pool_size=2) for schema in ("scoring", "feedback", "relay")}
    opened = Log(producer, readers, tmp_path / "archive")
    await opened.turn(MAY)
    yield opened
    for engine in (producer, *readers.values()):
        await engine.dispose()


def contents(records: Sequence[Record]) -> dict[int, list[tuple[object, ...]]]:
    """By partition, in order: all that a record says but where it was read."""
    found: dict[int, list[tuple[object, ...]]] = {}
    for one in records:
        said = (one.aggregate, one.version, one.type, one.payload, one.envelope)
        found.setdefault(one.partition, []).append(said)
    return found
