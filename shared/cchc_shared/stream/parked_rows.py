"""Parked events as rows: with their bytes, and with what the envelope said."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.stream.classification import Parked
from cchc_shared.stream.record import Record, read_envelope

_PARKED = text(
    """SELECT id, aggregate, version, topic, partition, major, minor, type, headers, payload, error FROM parked_event
       WHERE resolution IS NULL AND reason <> 'conflict' AND aggregate = ANY(:aggregates) ORDER BY id"""
)
"""A conflict is no event that waits: another one took its place, and only an operator ends it."""

_PARK = text(
    """INSERT INTO parked_event (aggregate, version, topic, partition, major, minor, type, headers, payload, reason,
                                 error, waits_until)
       VALUES (:aggregate, :version, :topic, :partition, :major, :minor, :type, CAST(:headers AS jsonb), :payload,
               :reason, :error,
               CASE WHEN :reason = 'gap' THEN clock_timestamp() + :patience * interval '1 second' END)
       ON CONFLICT (topic, partition, major, minor, aggregate, version) DO UPDATE
       SET type = EXCLUDED.type, headers = EXCLUDED.headers, payload = EXCLUDED.payload,
           reason = EXCLUDED.reason, error = EXCLUDED.error, resolution = NULL,
           waits_until = coalesce(parked_event.waits_until, EXCLUDED.waits_until)
       WHERE parked_event.resolution = 'released'"""
)
"""Changes an event that was released for a new attempt; one that is parked and comes again stays as it is.

The row is that of an event, not of a place: a topic that was made anew carries other events at the same places.
"""


async def load(conn: AsyncConnection, names: Sequence[str]) -> dict[str, dict[int, Record]]:
    """The parked events of these aggregates, by aggregate and by their own id."""
    found: dict[str, dict[int, Record]] = defaultdict(dict)
    if names:
        for row in await conn.execute(_PARKED, {"aggregates": list(names)}):
            envelope, fault = read_envelope(row.headers)
            found[row.aggregate][row.id] = Record(
                row.topic,
                row.partition,
                (row.major, row.minor),
                row.aggregate,
                row.version,
                row.type,
                bytes(row.payload),
                envelope,
                fault if row.version is not None else row.error,
            )
    return found


async def store(conn: AsyncConnection, parked: Sequence[Parked], *, patience: float = 0) -> None:
    """Park these, without commit. A gap says that it may close by itself within `patience` seconds."""
    if parked:
        await conn.execute(_PARK, [_row(one, patience) for one in parked])


def _row(one: Parked, patience: float) -> dict[str, Any]:
    record = one.record
    return {
        "aggregate": record.aggregate,
        "version": record.version,
        "topic": record.topic,
        "partition": record.partition,
        "major": record.position[0],
        "minor": record.position[1],
        "type": record.type,
        "headers": msgspec.json.encode(record.envelope).decode(),
        "payload": record.payload,
        "reason": one.reason,
        "error": one.error and one.error.replace("\0", "\\0")[:2000],
        "patience": patience,
    }
