"""The outbox: an event is a row, written in the transaction of the state it tells about.

Readers see it through the view `outbox_feed`, which shows a row only when no older transaction can still add one before
it: sequence numbers are taken before commit, so a reader that trusted them would pass over events of slow
transactions. Column names are those that Debezium's outbox router expects, so that change data capture can take the
relay's place.

The table is divided into months (`stream/months.py`), by the transactions that write in each: so readers, who know the
transaction they have come to, open no partition that is behind them.
"""

import zlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Date,
    DateTime,
    FetchedValue,
    Identity,
    Integer,
    MetaData,
    SmallInteger,
    Table,
    Text,
    Uuid,
    event,
    text,
)
from sqlalchemy.dialects.postgresql import JSON, JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.contract.events import Event, encode
from cchc_shared.contract.rules import RuleBroken
from cchc_shared.storage.changes import Xid8
from cchc_shared.storage.copying import copy

EVENT_BYTES = 256 * 1024
"""Largest row of an event: a quarter of what any transport takes, and hundreds of times what an event needs."""
PARTITIONS = 12
"""Partitions of every topic, on either transport: it divides evenly among 1, 2, 3, 4, 6 and 12 workers."""


def partition_of(subject: str) -> int:
    """The partition in which all events of an aggregate stand in order."""
    return zlib.crc32(subject.encode()) % PARTITIONS


def outbox_table(metadata: MetaData) -> Table:
    """A producer's log of events, and what is known of its months. The key of an event is its place in the order."""
    table = Table(
        "outbox",
        metadata,
        Column("partition", SmallInteger, primary_key=True, autoincrement=False),
        Column("xid", Xid8, FetchedValue(), primary_key=True, server_default=text("pg_current_xact_id()")),
        Column("seq", BigInteger, Identity(always=True), primary_key=True),
        Column("id", Uuid, nullable=False),
        Column("aggregatetype", Text, nullable=False),
        Column("aggregateid", Text, nullable=False),
        Column("aggregateversion", Integer, nullable=False),
        Column("type", Text, nullable=False),
        Column("occurred_at", DateTime(timezone=True), nullable=False),
        Column("recorded_at", DateTime(timezone=True), nullable=False),
        Column("traceparent", Text),
        Column("payload", JSON(none_as_null=True), nullable=False),
        postgresql_partition_by="RANGE (xid)",
    )
    event.listen(table, "after_create", _create_open_partition)
    Table(
        "outbox_month",
        metadata,
        Column("month", Date, primary_key=True, comment="First day of the local month in which it began"),
        Column("from_xid", BigInteger, comment="Its first transaction; empty: from the beginning"),
        Column("to_xid", BigInteger, comment="The first transaction after it; empty while it is open"),
        Column("turned_at", DateTime(timezone=True), comment="When it ended"),
        Column(
            "sections",
            JSONB,
            nullable=False,
            server_default=text("'[]'"),
            comment="What its file holds, piece by piece",
        ),
        Column("sha256", Text, comment="Of its file"),
        Column("archived_at", DateTime(timezone=True), comment="When its file was read back and found whole"),
        Column(
            "trimmed_at",
            DateTime(timezone=True),
            comment="When its rows were removed: from then on its file is the log",
        ),
    )
    Table(
        "outbox_trimmed",
        metadata,
        Column("partition", SmallInteger, primary_key=True, autoincrement=False),
        Column("events", BigInteger, nullable=False, comment="How many events only the archive holds"),
        Column("major", BigInteger, nullable=False, comment="Transaction of the last of them"),
        Column("minor", BigInteger, nullable=False),
    )
    return table


def _create_open_partition(_: Table, connection: Connection, **__: Any) -> None:
    connection.execute(text("CREATE TABLE outbox_open PARTITION OF outbox FOR VALUES FROM (MINVALUE) TO (MAXVALUE)"))


class OutboxRow(msgspec.Struct):
    """The columns that a producer gives; the server adds those of the order."""

    partition: int
    id: UUID
    aggregatetype: str
    aggregateid: str
    aggregateversion: int
    type: str
    occurred_at: datetime
    recorded_at: datetime
    traceparent: str | None
    payload: msgspec.Raw


COLUMNS = ", ".join(OutboxRow.__struct_fields__)
RECORDS = """json_to_recordset(CAST(CAST(:events AS text) AS json)) AS e(
    partition smallint, id uuid, aggregatetype text, aggregateid text, aggregateversion integer, type text,
    occurred_at timestamptz, recorded_at timestamptz, traceparent text, payload json)"""
"""For statements that write the state and the event at once: `SELECT {COLUMNS} FROM {RECORDS}`."""

_INSERT = text(f"INSERT INTO outbox ({COLUMNS}) SELECT {COLUMNS} FROM {RECORDS}")


class EventTooLarge(RuleBroken):
    """The event would be too large for a transport. Nothing was written."""

    def __init__(self) -> None:
        size = f"{EVENT_BYTES // 1024} KiB"
        super().__init__("", f"dài quá: ghi nhận được tối đa {size}", f"is too long: at most {size} can be recorded")


def record(event: Event) -> bytes:
    """The event's row as a JSON object; `RECORDS` reads an array of them from `:events`. Raises `EventTooLarge`."""
    row = OutboxRow(
        partition_of(event.subject),
        event.id,
        event.data.AGGREGATE,
        event.subject,
        event.version,
        event.data.TYPE,
        event.occurred_at,
        event.recorded_at,
        event.traceparent,
        msgspec.Raw(encode(event.data)),
    )
    encoded = msgspec.json.encode(row)
    if len(encoded) > EVENT_BYTES:
        raise EventTooLarge
    return encoded


def array(records: Iterable[bytes]) -> str:
    """Many JSON values as one parameter: the driver takes ten times as long over an array of its own."""
    return f"[{b','.join(records).decode()}]"


async def write(conn: AsyncConnection, events: Sequence[Event]) -> None:
    """Write the events in the caller's transaction.

    Call it after the aggregate's row was written or locked: then the order of one aggregate's events is the order in
    which their transactions committed.
    """
    if events:
        await conn.execute(_INSERT, {"events": array(map(record, events))})


async def write_many(conn: AsyncConnection, events: Iterable[Event]) -> None:
    """The same for hundreds of events, at half of what they cost the server. They are far from `EVENT_BYTES`."""
    await copy(conn, "outbox", OutboxRow.__struct_fields__, map(_columns, events))


def _columns(event: Event) -> tuple[Any, ...]:
    data = event.data
    return (
        partition_of(event.subject),
        event.id,
        data.AGGREGATE,
        event.subject,
        event.version,
        data.TYPE,
        event.occurred_at,
        event.recorded_at,
        event.traceparent,
        encode(data).decode(),
    )
