"""Runs timed work: what a service does because a time has come, not because a request came.

A state is a function of time, and timed work only records what is already true. So a late run does no harm: effects
hold as of their due time. Any number of instances may run; each due thing takes effect once, in one transaction with
its event.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal, NamedTuple

from prometheus_client import Counter, Gauge, Histogram
from sqlalchemy.ext.asyncio import AsyncConnection
from structlog import get_logger

from cchc_shared.service.context import Context
from cchc_shared.service.health import READY, Health
from cchc_shared.storage import timers as table
from cchc_shared.storage.database import is_transient
from cchc_shared.storage.timers import Due

log = get_logger()

LATE = Histogram(
    "cchc_timer_late_seconds",
    "From the due time to the commit of its effect",
    ["kind"],
    buckets=(0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600, 86_400),
)
WAITING = Gauge("cchc_timer_waiting", "Timers that are due and have not fired", ["kind"])
FIRED = Counter("cchc_timer_fired_total", "Timers by what became of them", ["kind", "outcome"])

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
IDLE_SECONDS: Final = 1.0
AT_ONCE: Final = 500
LONGEST_PAUSE: Final = timedelta(hours=1)
STILL_SECONDS: Final = 30.0
FAILING_SECONDS: Final = 5.0
"""A turn that fails once is tried again; one that has failed for so long is told to the operator."""


@dataclass(frozen=True)
class Timer:
    """One-off timers of a kind, set with `storage.timers.schedule` in the transaction of what makes them due.

    `fire` applies them as of their due times, on the connection it is given, without commit. It must look whether each
    is still to be done: what it was set for may have ended meanwhile.
    """

    kind: str
    fire: Callable[[AsyncConnection, Sequence[Due], Context], Awaitable[None]]


class Swept(NamedTuple):
    """Result of one sweep: how many things it moved, and the due time of the oldest."""

    moved: int
    oldest: datetime | None = None


@dataclass(frozen=True)
class Sweep:
    """Due things that a table of the feature's own knows by their due time, so that no timer need be kept for each.

    `run` claims some with SKIP LOCKED and applies them, without commit; it is called again until it moves nothing.
    """

    kind: str
    run: Callable[[AsyncConnection, datetime, Context], Awaitable[Swept]]


@dataclass(frozen=True)
class Tick:
    """Work that runs once in each slot of `every`, in whichever instance comes first.

    Slots begin at multiples of `every` since 1970 (UTC). After a time without a worker, `missed` slots are run `each`,
    one transaction a slot, or only the `last` of them.
    """

    kind: str
    every: timedelta
    run: Callable[[AsyncConnection, datetime, Context], Awaitable[None]]
    missed: Literal["each", "last"] = "last"


@dataclass(frozen=True)
class Refresher:
    """Work that renews something in each process, such as a copy in memory: at its start, then after every `every`."""

    name: str
    every: timedelta
    run: Callable[[Context], Awaitable[None]]


class TimerLoop:
    """Runs the timers, sweeps and ticks of one worker, one after the other, until it is told to stop."""

    def __init__(self, here: Context, timers: Sequence[Timer], sweeps: Sequence[Sweep], ticks: Sequence[Tick]) -> None:
        self._here = here
        self._turns: list[tuple[str, Callable[[], Awaitable[bool]]]] = [
            *((timer.kind, lambda timer=timer: self._fire(timer)) for timer in timers),
            *((sweep.kind, lambda sweep=sweep: self._sweep(sweep)) for sweep in sweeps),
            *((tick.kind, lambda tick=tick: self._tick(tick)) for tick in ticks),
        ]
        kinds = [kind for kind, _ in self._turns]
        if len(set(kinds)) < len(kinds):  # two features would take each other's timers
            raise ValueError(f"a kind stands for one thing: {kinds}")
        self._stopping = asyncio.Event()
        self._progress = time.monotonic()
        self._failing: dict[str, float] = {}
        """Since when each kind fails that has not been run since."""
        self._ran: dict[str, datetime] = {}
        """The last slot of each tick that is known to have been run."""

    def health(self) -> Health:
        """Not ready when the loop stands still, or when a kind of timed work fails again and again."""
        now = time.monotonic()
        if now - self._progress > STILL_SECONDS:
            return Health(ready=False, why="việc theo giờ đứng yên · timed work stands still")
        failing = sorted(kind for kind, since in self._failing.items() if now - since > FAILING_SECONDS)
        if failing:
            return Health(ready=False, why=f"việc theo giờ bị lỗi · timed work fails: {', '.join(failing)}")
        return READY

    def stop(self) -> None:
        """Ask the loop to end after the transaction at work."""
        self._stopping.set()

    async def run(self) -> None:
        """Fire what is due, again and again, until `stop`."""
        while not self._stopping.is_set():
            began = time.monotonic()
            worked = await self.round()
            # What is behind is caught up beside requests and not in their place: half of the time is theirs.
            pause = min(time.monotonic() - began, IDLE_SECONDS) if worked else IDLE_SECONDS
            try:
                async with asyncio.timeout(pause):
                    await self._stopping.wait()
            except TimeoutError:
                pass

    async def round(self) -> bool:
        """Give every kind one transaction; whether any of them found something to do."""
        worked = False
        for kind, turn in self._turns:
            if self._stopping.is_set():
                break
            self._progress = time.monotonic()
            try:
                worked |= await turn()
                self._failing.pop(kind, None)
            except Exception as error:  # noqa: BLE001 - one kind's fault must not stop the others
                self._failing.setdefault(kind, time.monotonic())
                FIRED.labels(kind, "error").inc()
                log.warning("timer not run", kind=kind, error=f"{type(error).__name__}: {error}"[:200])
        return worked

    async def _fire(self, timer: Timer) -> bool:
        now = self._here.clock.now()
        async with self._here.engine.begin() as conn:
            waiting = await table.waiting(conn, timer.kind, now, now + LONGEST_PAUSE)
            WAITING.labels(timer.kind).set(waiting)
            due = await table.claim(conn, timer.kind, now, AT_ONCE) if waiting else ()
            failed = await self._failed(conn, timer, due, now) if due else set()
        done = [one for one in due if one not in failed]
        for one in done:
            self._late(timer.kind, one.due_at)
        FIRED.labels(timer.kind, "fired").inc(len(done))
        return bool(due)

    async def _failed(self, conn: AsyncConnection, timer: Timer, due: Sequence[Due], now: datetime) -> set[Due]:
        """Fire these; where that fails, halve until the culprit stands alone, and put it off. Returns the culprits."""
        try:
            async with conn.begin_nested():
                await timer.fire(conn, due, self._here)
        except Exception as error:
            if is_transient(error):
                raise
            if len(due) > 1:
                middle = len(due) // 2
                first = await self._failed(conn, timer, due[:middle], now)
                return first | await self._failed(conn, timer, due[middle:], now)
            await table.postpone(conn, timer.kind, due[0], now + _pause(due[0].attempts))
            FIRED.labels(timer.kind, "postponed").inc()
            log.warning("timer postponed", kind=timer.kind, attempts=due[0].attempts + 1, error=type(error).__name__)
            return {due[0]}
        return set()

    async def _sweep(self, sweep: Sweep) -> bool:
        now = self._here.clock.now()
        async with self._here.engine.begin() as conn:
            moved, oldest = await sweep.run(conn, now, self._here)
        if oldest is not None:
            self._late(sweep.kind, oldest)
        FIRED.labels(sweep.kind, "fired").inc(moved)
        return moved > 0

    async def _tick(self, tick: Tick) -> bool:
        now = self._here.clock.now()
        current = _slot(now, tick.every)
        if self._ran.get(tick.kind, EPOCH) >= current:
            return False
        async with self._here.engine.begin() as conn:
            last = await table.last_slot(conn, tick.kind, current)
            if last is None:  # it was run, or another instance runs it and may fail
                if await table.was_run(conn, tick.kind, current):
                    self._ran[tick.kind] = current
                return False
            slot = current if tick.missed == "last" else last + tick.every
            await tick.run(conn, slot, self._here)
            await table.store_slot(conn, tick.kind, slot)
        self._late(tick.kind, slot)
        FIRED.labels(tick.kind, "fired").inc()
        return True

    def _late(self, kind: str, due_at: datetime) -> None:
        """Call it after the commit."""
        LATE.labels(kind).observe((self._here.clock.now() - due_at).total_seconds())


async def refresh(refresher: Refresher, here: Context) -> None:
    """Renew at once and then after every pause, for as long as the process lives; what was renewed last stays good."""
    while True:
        try:
            await refresher.run(here)
        except Exception as error:  # noqa: BLE001 - it is tried again
            log.warning("not refreshed", what=refresher.name, error=type(error).__name__)
        await asyncio.sleep(refresher.every.total_seconds())


def _slot(now: datetime, every: timedelta) -> datetime:
    return EPOCH + (now - EPOCH) // every * every


def _pause(attempts: int) -> timedelta:
    return min(timedelta(seconds=2 ** min(attempts, 12)), LONGEST_PAUSE)
