"""Applies each event of an aggregate once, in the order of its versions, and skips none.

An event that came before is dropped. One that comes too early waits for those before it (a *gap*). One that cannot be
read or applied is *poison*: it is parked with its bytes, and later events of its aggregate park behind it, while all
other aggregates go on.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.contract.events import Event
from cchc_shared.storage.database import is_systemic, is_transient
from cchc_shared.stream import parked_rows
from cchc_shared.stream.classification import NOTHING, GivenUp, Known, Parked, Reason, Step, classify
from cchc_shared.stream.record import Record
from cchc_shared.stream.systemic import AGGREGATES, judge


class Handler(Protocol):
    """The function that applies events, as a consumer calls it."""

    async def apply(self, conn: AsyncConnection, events: Sequence[Event]) -> None:
        """Change this service's tables, on this connection, without commit.

        Events come in order per aggregate, none twice and none missing.
        """


@dataclass(slots=True)
class Outcome:
    """Result of a batch; counts go to the metrics."""

    applied: int = 0
    duplicates: int = 0
    parked: list[tuple[str, Reason, str]] = field(default_factory=list)
    """Aggregate, reason and error of each event that was newly parked."""
    released: int = 0


# Two members may meet over a new aggregate. Both must lock its row before the handler does anything: the row is made
# first, and whoever comes second waits here.
_CLAIM = text(
    """WITH claimed AS (
           INSERT INTO stream_version (aggregate, version)
           SELECT aggregate, 0 FROM unnest(CAST(:aggregates AS text[])) aggregate ORDER BY aggregate
           ON CONFLICT DO NOTHING RETURNING aggregate
       ), known AS (
           SELECT aggregate, version, blocked, last_id FROM stream_version WHERE aggregate = ANY(:aggregates)
           ORDER BY aggregate FOR NO KEY UPDATE
       ), given_up AS (
           SELECT aggregate, json_agg(json_build_array(first_version, last_version, place)) AS acts
           FROM parked_event_audit
           WHERE aggregate = ANY(:aggregates) AND (first_version IS NOT NULL OR place IS NOT NULL)
           GROUP BY aggregate
       )
       SELECT aggregate, version, blocked, last_id, acts FROM (
           SELECT aggregate, 0 AS version, NULL AS blocked, NULL AS last_id FROM claimed UNION ALL SELECT * FROM known
       ) both_of_them LEFT JOIN given_up USING (aggregate)"""
)
_STORE = text(
    """UPDATE stream_version s SET version = n.version, blocked = n.blocked, last_id = n.last_id
       FROM unnest(CAST(:aggregate AS text[]), CAST(:version AS integer[]), CAST(:blocked AS text[]),
                   CAST(:last_id AS uuid[])) AS n(aggregate, version, blocked, last_id)
       WHERE s.aggregate = n.aggregate"""
)
# What this program could not read or apply, the one that stood here before may have been to blame for.
_ASK_AGAIN = text(
    """UPDATE stream_version SET retry = retry + 1 WHERE aggregate IN (
           SELECT s.aggregate FROM stream_version s
           WHERE s.blocked = 'poison' AND s.retry = 0
             AND EXISTS (SELECT 1 FROM parked_event p
                         WHERE p.aggregate = s.aggregate AND p.resolution IS NULL
                           AND p.reason IN ('failed', 'malformed'))
           ORDER BY s.aggregate FOR NO KEY UPDATE OF s)"""
)
_RETRIES = text("SELECT aggregate FROM stream_version WHERE retry > 0 ORDER BY aggregate LIMIT 100")
_RETRIED = text("UPDATE stream_version SET retry = 0 WHERE aggregate = ANY(:aggregates)")
_RELEASE = text("UPDATE parked_event SET resolution = 'released' WHERE id = ANY(:ids)")


class Inbox:
    """Lets a batch of records take effect through a handler.

    A gap is waited for `patience` seconds before operators are told; it still closes by itself after that. `enough`
    aggregates that fail alike make it stop rather than park, and so does one where nothing succeeds (see `systemic`).
    """

    def __init__(self, handler: Handler, *, patience: float = 30.0, enough: int = AGGREGATES) -> None:
        self._handler = handler
        self._patience = patience
        self._enough = enough

    async def retry(self, conn: AsyncConnection, *, started: bool = False) -> Outcome:
        """Try the parked events again that an operator asked for, on this connection, without commit.

        After a start of the process, all that could not be read or applied.
        """
        if started:
            await conn.execute(_ASK_AGAIN)
        retries = list((await conn.execute(_RETRIES)).scalars())
        if not retries:
            return Outcome()
        outcome = await self.process(conn, (), retry=retries)
        await conn.execute(_RETRIED, {"aggregates": retries})
        return outcome

    async def process(
        self, conn: AsyncConnection, records: Sequence[Record], *, vouched: bool = False, retry: Sequence[str] = ()
    ) -> Outcome:
        """Apply what may be applied and park the rest, on this connection, without commit.

        `retry` names aggregates whose parked events are tried again. Raises only what is worth trying again as a
        whole: a lost connection, a deadlock, a full disk, a fault of the system (`Systemic` among them; see `judge`).
        """
        outcome = Outcome()
        by_aggregate: dict[str, list[Record]] = defaultdict(list)
        for record in records:
            by_aggregate[record.aggregate].append(record)
        before = await _claim(conn, {*by_aggregate, *retry})
        known = {name: one for name, (one, _) in before.items()}
        waiting = await parked_rows.load(
            conn, [name for name, one in known.items() if one.blocked == "gap" or name in retry]
        )
        attempt = _Attempt(known, dict(known))
        for name in [*by_aggregate, *(name for name in retry if name not in by_aggregate)]:
            one, given_up = before[name]
            if one.blocked == "gap" or name in retry:
                one = Known(one.version, None, one.last_id)
            candidates = [*waiting.get(name, {}).values(), *by_aggregate.get(name, ())]
            known[name], taken, parking, duplicates = classify(one, candidates, given_up)
            attempt.steps += taken
            attempt.parked += parking
            outcome.duplicates += duplicates
        outcome.applied = await self._apply(conn, attempt.steps, attempt)
        if records:
            tried = len({record.aggregate for record, _ in attempt.steps})
            judge(tried, outcome.applied, attempt.failed, self._enough, vouched=vouched)
        await self._store(conn, known, attempt.parked, waiting, outcome)
        return outcome

    async def _apply(self, conn: AsyncConnection, steps: Sequence[Step], attempt: "_Attempt") -> int:
        """Apply all steps at once; where that fails, halve until the culprit is alone, and block its aggregate.

        Returns how many took effect.
        """
        ready = [step for step in steps if attempt.is_next(step)] if attempt.failed else steps
        if not ready:
            return 0
        try:
            async with conn.begin_nested():
                await self._handler.apply(conn, [event for _, event in ready])
        except Exception as error:
            if is_transient(error) or is_systemic(error):
                raise
            if len(ready) > 1:
                middle = len(ready) // 2
                return await self._apply(conn, ready[:middle], attempt) + await self._apply(
                    conn, ready[middle:], attempt
                )
            attempt.refuse(ready[0], error)
            return 0
        return len(ready)

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
                    "last_id": [known[name].last_id for name in names],
                },
            )
        freed = [key for events in waiting.values() for key in events]
        if freed:
            await conn.execute(_RELEASE, {"ids": freed})
        if parked:
            await parked_rows.store(conn, parked, patience=self._patience)
        were = {record.place for events in waiting.values() for record in events.values()}
        outcome.released = len(were - {one.record.place for one in parked})
        outcome.parked = [
            (one.record.aggregate, one.reason, one.error or "") for one in parked if one.record.place not in were
        ]


class _Attempt:
    """What one transaction tries: the steps, what became of those that failed, and what parks."""

    def __init__(self, known: dict[str, Known], before: Mapping[str, Known]) -> None:
        self.known = known
        self.steps: list[Step] = []
        self.parked: list[Parked] = []
        self.failed: dict[str, str] = {}
        """The kind of error of each aggregate that was refused."""
        self._before = before

    def is_next(self, step: Step) -> bool:
        """Whether nothing before it failed; otherwise it parks behind what did."""
        record, event = step
        if event.version <= self.known[record.aggregate].version:
            return True
        self.parked.append(Parked(record, "behind"))
        return False

    def refuse(self, step: Step, error: Exception) -> None:
        """Park the culprit. Later steps of its aggregate were counted as taken; from here on they are behind it."""
        culprit, event = step
        before = self._before[culprit.aggregate]
        ids = {before.version: before.last_id}
        ids |= {each.version: each.id for record, each in self.steps if record.aggregate == culprit.aggregate}
        version = event.version - 1
        self.known[culprit.aggregate] = Known(version, "poison", ids.get(version))  # none where that was given up
        self.parked.append(Parked(culprit, "failed", f"{type(error).__name__}: {error}"))
        self.failed[culprit.aggregate] = type(error).__name__


async def _claim(conn: AsyncConnection, names: set[str]) -> dict[str, tuple[Known, GivenUp]]:
    """What is known of each aggregate, its row locked, and what operators gave up of it."""
    found: dict[str, tuple[Known, GivenUp]] = {}
    while missing := sorted(names - found.keys()):  # a row that another member made meanwhile is seen the second time
        for aggregate, version, blocked, last_id, acts in await conn.execute(_CLAIM, {"aggregates": missing}):
            found[aggregate] = Known(version, blocked, last_id), _given_up(acts)
    return found


def _given_up(acts: Sequence[tuple[int | None, int | None, Sequence[Any] | None]] | None) -> GivenUp:
    if not acts:
        return NOTHING
    return GivenUp(
        [(first, last) for first, last, _ in acts if first is not None and last is not None],
        [tuple(place) for _, _, place in acts if place is not None],
    )
