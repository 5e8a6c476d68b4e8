"""What of a batch takes effect: each event of an aggregate once, in the order of its versions, none passed over.

An event that came before is dropped. One that comes too early waits for those before it (a *gap*). One that cannot be
read or applied is *poison*: it is parked with its bytes, and later events of its aggregate park behind it, while all
other aggregates go on.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.contract.events import Event
from cchc_shared.storage.database import is_transient
from cchc_shared.stream.classification import Known, Parked, Reason, Step, classify
from cchc_shared.stream.record import Record, read_envelope


class Handler(Protocol):
    """What a consumer does with events."""

    async def apply(self, conn: AsyncConnection, events: Sequence[Event]) -> None:
        """Change this service's tables, on this connection, without commit.

        Events come in order per aggregate, none twice and none missing.
        """


@dataclass(slots=True)
class Outcome:
    """What became of a batch; counts go to the metrics."""

    applied: int = 0
    duplicates: int = 0
    parked: list[tuple[str, Reason, str]] = field(default_factory=list)
    """Aggregate, reason and error of each event that was newly parked."""
    released: int = 0


_LOAD = text(
    """SELECT aggregate, version, blocked FROM stream_version WHERE aggregate = ANY(:aggregates)
       ORDER BY aggregate FOR NO KEY UPDATE"""
)
_STORE = text(
    """INSERT INTO stream_version (aggregate, version, blocked)
       SELECT * FROM unnest(CAST(:aggregate AS text[]), CAST(:version AS integer[]), CAST(:blocked AS text[]))
            AS n(a, v, b)
       ORDER BY a
       ON CONFLICT (aggregate) DO UPDATE SET version = EXCLUDED.version, blocked = EXCLUDED.blocked"""
)
_PARKED = text(
    """SELECT id, aggregate, version, topic, partition, major, minor, type, headers, payload, error FROM parked_event
       WHERE resolution IS NULL AND aggregate = ANY(:aggregates) ORDER BY id"""
)
_PARK = text(
    """INSERT INTO parked_event (aggregate, version, topic, partition, major, minor, type, headers, payload, reason,
                                 error, waits_until)
       VALUES (:aggregate, :version, :topic, :partition, :major, :minor, :type, CAST(:headers AS jsonb), :payload,
               :reason, :error,
               CASE WHEN :reason = 'gap' THEN clock_timestamp() + :patience * interval '1 second' END)
       ON CONFLICT (topic, partition, major, minor) DO UPDATE
       SET reason = EXCLUDED.reason, error = EXCLUDED.error, resolution = NULL,
           waits_until = coalesce(parked_event.waits_until, EXCLUDED.waits_until)
       WHERE parked_event.resolution IS NOT NULL"""
)
"""Changes an event that was released for a new attempt; one that is parked and comes again stays as it is."""

_RETRIES = text("SELECT aggregate FROM stream_version WHERE retry > 0 ORDER BY aggregate LIMIT 100")
_RETRIED = text("UPDATE stream_version SET retry = 0 WHERE aggregate = ANY(:aggregates)")
_RELEASE = text("UPDATE parked_event SET resolution = 'released' WHERE id = ANY(:ids)")


class Inbox:
    """Lets a batch of records take effect through a handler.

    A gap is waited for `patience` seconds before operators are told; it still closes by itself after that.
    """

    def __init__(self, handler: Handler, *, patience: float = 30.0) -> None:
        self._handler = handler
        self._patience = patience

    async def retry(self, conn: AsyncConnection) -> Outcome:
        """Try the parked events again that an operator asked for, on this connection, without commit."""
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
        waiting = await _load_parked(
            conn, [name for name, one in known.items() if one.blocked == "gap" or name in retry]
        )
        steps: list[Step] = []
        parked: list[Parked] = []
        for name in [*by_aggregate, *(name for name in retry if name not in by_aggregate)]:
            one = known.get(name) or Known()
            if one.blocked == "gap" or name in retry:
                one = Known(one.version)
            candidates = [*waiting.get(name, {}).values(), *by_aggregate.get(name, ())]
            known[name], taken, parking, duplicates = classify(one, candidates)
            steps += taken
            parked += parking
            outcome.duplicates += duplicates
        await self._apply(conn, steps, known, parked, outcome)
        await self._store(conn, known, parked, waiting, outcome)
        return outcome

    async def _known(self, conn: AsyncConnection, names: Sequence[str]) -> dict[str, Known]:
        rows = await conn.execute(_LOAD, {"aggregates": list(names)})
        return {aggregate: Known(version, blocked) for aggregate, version, blocked in rows}

    async def _apply(
        self,
        conn: AsyncConnection,
        steps: list[Step],
        known: dict[str, Known],
        parked: list[Parked],
        outcome: Outcome,
    ) -> None:
        """Apply all steps at once; where that fails, halve until the culprit is alone, and hold its aggregate."""
        ready: list[Step] = []
        for step in steps:
            record, event = step
            if event.version <= known[record.aggregate].version:
                ready.append(step)
            else:
                parked.append(Parked(record, "behind"))
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
            known[record.aggregate] = Known(event.version - 1, "poison")
            parked.append(Parked(record, "failed", f"{type(error).__name__}: {error}"))
            return
        outcome.applied += len(ready)

    async def _store(
        self,
        conn: AsyncConnection,
        known: dict[str, Known],
        parked: list[Parked],
        waiting: dict[str, dict[int, Record]],
        outcome: Outcome,
    ) -> None:
        names = list(known)
        if names:
            await conn.execute(
                _STORE,
                {
                    "aggregate": names,
                    "version": [known[name].version for name in names],
                    "blocked": [known[name].blocked for name in names],
                },
            )
        freed = [key for events in waiting.values() for key in events]
        if freed:
            await conn.execute(_RELEASE, {"ids": freed})
        if parked:
            await conn.execute(_PARK, [_row(one, self._patience) for one in parked])
        were = {
            (record.topic, record.partition, record.position)
            for events in waiting.values()
            for record in events.values()
        }
        now = {(one.record.topic, one.record.partition, one.record.position) for one in parked}
        outcome.released = len(were - now)
        outcome.parked = [
            (one.record.aggregate, one.reason, one.error or "")
            for one in parked
            if (one.record.topic, one.record.partition, one.record.position) not in were
        ]


async def _load_parked(conn: AsyncConnection, names: Sequence[str]) -> dict[str, dict[int, Record]]:
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
