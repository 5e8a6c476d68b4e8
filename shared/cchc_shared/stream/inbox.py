"""What of a batch takes effect: each event of an aggregate once, in the order of its versions, none passed over.

An event that came before is dropped. One that comes too early waits for those before it (a *gap*). One that cannot be
read or applied is *poison*: it is parked with its bytes, and later events of its aggregate park behind it, while all
other aggregates go on.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import msgspec
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.events import Event, EventData, MalformedEvent, UnknownEventType, decode
from cchc_shared.stream.record import Envelope, Record, read_envelope

Reason = Literal["malformed", "failed", "gap", "behind"]


class Handler(Protocol):
    """What a consumer does with events."""

    async def apply(self, conn: AsyncConnection, events: Sequence[Event]) -> None:
        """Change this service's tables, on this connection, without commit.

        Events come in order per aggregate, none twice and none missing.
        """


@dataclass(slots=True)
class _Known:
    """What the inbox knows of one aggregate."""

    version: int = 0
    held: str | None = None


@dataclass(slots=True)
class Outcome:
    """What became of a batch; counts go to the metrics."""

    applied: int = 0
    duplicates: int = 0
    parked: list[tuple[str, Reason, str]] = field(default_factory=list)
    """Aggregate, reason and error of each event that was newly parked."""
    released: int = 0


@dataclass(slots=True)
class _Parked:
    """An event that this transaction parks, or that an earlier one parked and this one releases."""

    record: Record
    reason: Reason
    error: str | None = None


_Step = tuple[Record, Event]


_LOAD = text(
    """SELECT aggregate, version, held FROM stream_version WHERE aggregate = ANY(:aggregates)
       ORDER BY aggregate FOR NO KEY UPDATE"""
)
_STORE = text(
    """INSERT INTO stream_version (aggregate, version, held)
       SELECT * FROM unnest(CAST(:aggregate AS text[]), CAST(:version AS integer[]), CAST(:held AS text[])) n(a, v, h)
       ORDER BY a
       ON CONFLICT (aggregate) DO UPDATE SET version = EXCLUDED.version, held = EXCLUDED.held"""
)
_STASHED = text(
    """SELECT id, aggregate, version, topic, partition, major, minor, type, headers, payload, error FROM parked_event
       WHERE settled IS NULL AND aggregate = ANY(:aggregates) ORDER BY id"""
)
_PARK = text(
    """INSERT INTO parked_event (aggregate, version, topic, partition, major, minor, type, headers, payload, reason,
                                 error, waits_until)
       VALUES (:aggregate, :version, :topic, :partition, :major, :minor, :type, CAST(:headers AS jsonb), :payload,
               :reason, :error,
               CASE WHEN :reason = 'gap' THEN clock_timestamp() + :patience * interval '1 second' END)
       ON CONFLICT (topic, partition, major, minor) DO UPDATE
       SET reason = EXCLUDED.reason, error = EXCLUDED.error, settled = NULL,
           waits_until = coalesce(parked_event.waits_until, EXCLUDED.waits_until)
       WHERE parked_event.settled IS NOT NULL"""
)
"""Changes an event that was released for a new attempt; one that is parked and comes again stays as it is."""

_RETRIES = text("SELECT aggregate FROM stream_version WHERE retry > 0 ORDER BY aggregate LIMIT 100")
_RETRIED = text("UPDATE stream_version SET retry = 0 WHERE aggregate = ANY(:aggregates)")
_SETTLE = text("UPDATE parked_event SET settled = 'released' WHERE id = ANY(:ids)")


class Inbox:
    """Lets a batch of records take effect through a handler.

    A gap is waited for `patience` seconds before operators are told; it still closes by itself after that.
    """

    def __init__(self, handler: Handler, *, patience: float = 30.0) -> None:
        self._handler = handler
        self._patience = patience

    async def chores(self, conn: AsyncConnection) -> Outcome:
        """What is due about once a second: parked events that an operator wants tried again."""
        retries = list((await conn.execute(_RETRIES)).scalars())
        if not retries:
            return Outcome()
        outcome = await self.process(conn, (), retry=retries)
        await conn.execute(_RETRIED, {"aggregates": retries})
        return outcome

    async def process(self, conn: AsyncConnection, records: Sequence[Record], *, retry: Sequence[str] = ()) -> Outcome:
        """Apply what may be applied and park the rest, on this connection, without commit.

        `retry` names aggregates whose parked events are tried again. Raises only what is worth trying again as a
        whole: a lost connection, a deadlock, a full disk.
        """
        outcome = Outcome()
        by_aggregate: dict[str, list[Record]] = defaultdict(list)
        for record in records:
            by_aggregate[record.aggregate].append(record)
        known = await self._known(conn, [*by_aggregate, *retry])
        stash = await self._stash(conn, [name for name, one in known.items() if one.held == "gap" or name in retry])
        steps: list[_Step] = []
        parked: list[_Parked] = []
        for name in [*by_aggregate, *(name for name in retry if name not in by_aggregate)]:
            one = known.get(name)
            if one is None:
                one = known[name] = _Known()
            if one.held == "gap" or name in retry:
                one.held = None
            candidates = [*stash.get(name, {}).values(), *by_aggregate.get(name, ())]
            self._sift(one, candidates, steps, parked, outcome)
        await self._apply(conn, steps, known, parked, outcome)
        await self._store(conn, known, parked, stash, outcome)
        return outcome

    async def _known(self, conn: AsyncConnection, names: Sequence[str]) -> dict[str, _Known]:
        rows = await conn.execute(_LOAD, {"aggregates": list(names)})
        return {aggregate: _Known(version, held) for aggregate, version, held in rows}

    async def _stash(self, conn: AsyncConnection, names: Sequence[str]) -> dict[str, dict[int, Record]]:
        stash: dict[str, dict[int, Record]] = defaultdict(dict)
        if names:
            for row in await conn.execute(_STASHED, {"aggregates": list(names)}):
                envelope, fault = read_envelope(row.headers)
                stash[row.aggregate][row.id] = Record(
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
        return stash

    def _sift(
        self, one: _Known, candidates: Sequence[Record], steps: list[_Step], parked: list[_Parked], outcome: Outcome
    ) -> None:
        """Divide one aggregate's records into steps that may be taken and events that must park."""
        for record in candidates if _in_order(candidates) else sorted(candidates, key=_order):
            envelope = record.envelope
            if one.held is None and record.version == one.version + 1 and isinstance(envelope, Envelope):
                try:
                    steps.append((record, _event(envelope, record.version, decode(record.type, record.payload))))
                    one.version += 1
                except (MalformedEvent, UnknownEventType) as error:
                    one.held = "poison"
                    parked.append(_Parked(record, "malformed", str(error)))
            elif record.version is not None and record.version <= one.version:
                outcome.duplicates += 1
            elif one.held is not None:
                parked.append(_Parked(record, "behind", record.fault))
            elif record.version is not None and record.version > one.version + 1:
                one.held = "gap"
                parked.append(_Parked(record, "gap", f"version {one.version + 1} has not come"))
            else:
                one.held = "poison"
                parked.append(_Parked(record, "malformed", record.fault or "no version in the envelope"))

    async def _apply(
        self,
        conn: AsyncConnection,
        steps: list[_Step],
        known: dict[str, _Known],
        parked: list[_Parked],
        outcome: Outcome,
    ) -> None:
        """Apply all steps at once; where that fails, halve until the culprit is alone, and hold its aggregate."""
        ready: list[_Step] = []
        for step in steps:
            record, event = step
            if event.version <= known[record.aggregate].version:
                ready.append(step)
            else:
                parked.append(_Parked(record, "behind"))
        if not ready:
            return
        try:
            async with conn.begin_nested():
                await self._handler.apply(conn, [event for _, event in ready])
        except Exception as error:
            if is_transient(error):
                raise
            if len(ready) > 1:
                middle = len(ready) // 2
                await self._apply(conn, ready[:middle], known, parked, outcome)
                await self._apply(conn, ready[middle:], known, parked, outcome)
                return
            record, event = ready[0]
            # Later steps of this aggregate were counted as taken; from here on they are behind the culprit.
            known[record.aggregate] = _Known(event.version - 1, "poison")
            parked.append(_Parked(record, "failed", f"{type(error).__name__}: {error}"))
            return
        outcome.applied += len(ready)

    async def _store(
        self,
        conn: AsyncConnection,
        known: dict[str, _Known],
        parked: list[_Parked],
        stash: dict[str, dict[int, Record]],
        outcome: Outcome,
    ) -> None:
        names = list(known)
        if names:
            await conn.execute(
                _STORE,
                {
                    "aggregate": names,
                    "version": [known[name].version for name in names],
                    "held": [known[name].held for name in names],
                },
            )
        freed = [key for events in stash.values() for key in events]
        if freed:
            await conn.execute(_SETTLE, {"ids": freed})
        if parked:
            await conn.execute(_PARK, [_row(one, self._patience) for one in parked])
        were = {
            (record.topic, record.partition, record.position) for events in stash.values() for record in events.values()
        }
        now = {(one.record.topic, one.record.partition, one.record.position) for one in parked}
        outcome.released = len(were - now)
        outcome.parked = [
            (one.record.aggregate, one.reason, one.error or "")
            for one in parked
            if (one.record.topic, one.record.partition, one.record.position) not in were
        ]


def _in_order(records: Sequence[Record]) -> bool:
    """Whether the versions are there and grow, as they do unless something is wrong."""
    last = 0
    for record in records:
        if record.version is None or record.version <= last:
            return False
        last = record.version
    return True


def _order(record: Record) -> tuple[int, Any]:
    """By version; a record without one stands where it was carried."""
    return (record.version if record.version is not None else 1 << 31, record.position)


def _event(envelope: Envelope, version: int, data: EventData) -> Event:
    return Event(
        id=envelope.id,
        subject=envelope.subject,
        version=version,
        occurred_at=envelope.occurred_at,
        recorded_at=envelope.recorded_at,
        data=data,
        traceparent=envelope.traceparent,
    )


def is_transient(error: BaseException) -> bool:
    """Whether the same batch may well succeed later: lost connections, conflicts, no room, shutdown."""
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    # COPY goes past SQLAlchemy: its errors are the driver's own.
    state = str(getattr(getattr(error, "orig", error), "sqlstate", None) or "")
    return state.startswith(("08", "40", "53", "55", "57", "58")) or isinstance(error, OSError | TimeoutError)


def _row(one: _Parked, patience: float) -> dict[str, Any]:
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
