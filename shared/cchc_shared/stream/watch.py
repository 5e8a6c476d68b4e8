"""Measures from outside how far a reader of events is behind, so that it works when the reader is dead or frozen."""

import time
from collections.abc import Mapping
from datetime import datetime
from typing import Final, NamedTuple, Protocol

from prometheus_client import Gauge
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from cchc_shared.calendar.clock import Clock
from cchc_shared.stream.record import Position, Slot

CLOCKS_SECONDS: Final = 120.0
"""How far the clock of who records an event may be from ours, as with tokens."""
REASONS: Final = ("malformed", "failed", "gap", "behind", "conflict")

BACKLOG = Gauge(
    "cchc_stream_backlog_events", "Events not applied yet; beyond 10,000 of a partition not counted", ["consumer"]
)
OLDEST = Gauge("cchc_stream_oldest_seconds", "Age of the oldest event that is not applied yet", ["consumer"])
PARKED = Gauge("cchc_stream_parked_events", "Events that are parked now", ["consumer", "reason"])
HELD = Gauge("cchc_stream_held_seconds", "How long one open transaction has hidden newer events from readers", [])

_SNAPSHOT = text(
    """SELECT CAST(CAST(pg_snapshot_xmin(now) AS text) AS bigint) AS oldest,
              CAST(CAST(pg_snapshot_xmax(now) AS text) AS bigint) AS next
       FROM pg_current_snapshot() now"""
)
_PARKED = text("SELECT reason, count(*) AS events FROM parked_event WHERE resolution IS NULL GROUP BY reason")


class Behind(NamedTuple):
    """The backlog of a reader: how many events, and when the first of them was recorded."""

    events: int = 0
    oldest: datetime | None = None

    def and_(self, other: "Behind") -> "Behind":
        """Both together."""
        moments = [each for each in (self.oldest, other.oldest) if each is not None]
        return Behind(self.events + other.events, min(moments, default=None))


class Log(Protocol):
    """A transport, asked what stands in it after given positions."""

    async def behind(self, at: Mapping[Slot, Position]) -> Behind:
        """Partitions that were never read are not in `at`: they stand at the start."""

    async def close(self) -> None:
        """Let go of what was opened."""


class LagWatch:
    """Looks at one reader. `positions` is the table or view that holds where it stands, `topics` by the names there."""

    def __init__(
        self,
        engine: AsyncEngine,
        consumer: str,
        log: Log,
        clock: Clock,
        *,
        positions: str = "stream_position",
        parks: bool = True,
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._consumer = consumer
        self._log = log
        self._positions = text(f"SELECT topic, partition, major, minor FROM {positions}")
        self._parks = parks
        self.waiting_seconds = self.held_seconds = 0.0
        self._oldest: datetime | None = None
        self._oldest_transaction = 0
        self._seen = self._since = time.monotonic()

    async def look(self) -> None:
        """Renew the gauges."""
        async with self._engine.connect() as conn:
            at = {(row.topic, row.partition): (row.major, row.minor) for row in await conn.execute(self._positions)}
            snapshot = (await conn.execute(_SNAPSHOT)).one()
            parked = [(row.reason, row.events) for row in await conn.execute(_PARKED)] if self._parks else []
        self._hold(snapshot.oldest, snapshot.next)
        for reason, events in [*((each, 0) for each in REASONS if self._parks), *parked]:
            PARKED.labels(self._consumer, reason).set(events)
        behind = await self._log.behind(at)
        BACKLOG.labels(self._consumer).set(behind.events)
        OLDEST.labels(self._consumer).set(self._wait(behind.oldest))

    def _wait(self, oldest: datetime | None) -> float:
        """The age of the oldest event, by when it was recorded; takes note of how long it has waited for sure.

        That is for as long as this watch sees it, or as its age says beyond what clocks may differ.
        """
        now = time.monotonic()
        if oldest is None or oldest != self._oldest:
            self._oldest, self._seen = oldest, now
        age = 0.0 if oldest is None else max(0.0, (self._clock.now() - oldest).total_seconds())
        self.waiting_seconds = max(now - self._seen, age - CLOCKS_SECONDS)
        return age

    def _hold(self, oldest: int, following: int) -> None:
        """Events are hidden from the oldest transaction that is open on the server, in whatever database of it."""
        now = time.monotonic()
        if oldest != self._oldest_transaction or oldest == following:
            self._oldest_transaction, self._since = oldest, now
        self.held_seconds = now - self._since
        HELD.set(self.held_seconds)
