"""The loop of a consumer: read a batch, store its effect and its position in one transaction, go on.

Nothing here knows which transport it reads. A source that fails, stands still or keeps back what is there is replaced;
a batch that another member has done already is dropped; a batch that is refused is read and tried again with a growing
pause, because skipping is never right.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from structlog import get_logger

from cchc_shared.stream import metrics, positions
from cchc_shared.stream.inbox import Outcome
from cchc_shared.stream.positions import Fenced
from cchc_shared.stream.record import Batch, Record, Slot, Source
from cchc_shared.stream.systemic import Systemic

log = get_logger()

WAIT_SECONDS = 0.2
"""Poll timeout when idle. Also the longest delay before a stop request is noticed."""
LEAVE_SECONDS = 3.0
"""How long a source may take to leave its group."""
SHOWN_SECONDS = 8.0
"""A loop that has stood still for so long says so, long before it is given up."""
PAUSES = (0.1, 5.0)
"""Pause before something that failed is tried again: the first, and the longest it grows to."""

SIGHT = 8
"""So many batches at once are read at most to find an event that takes effect, while nothing does."""


class Effect(Protocol):
    """The effect of records, applied in the transaction that stores their positions."""

    async def process(self, conn: AsyncConnection, records: Sequence[Record], *, vouched: bool) -> Outcome:
        """Let the records take effect. What it raises is worth trying again as a whole.

        `vouched`: since nothing of a batch took effect (`Systemic`), something of another one did.
        """

    async def retry(self, conn: AsyncConnection, *, started: bool) -> Outcome:
        """Do again what an operator asked for since; called about once a second.

        `started` is true until it was done once since the process started: mending a program means a new start of it.
        """


class Consumer:
    """Reads a stream and lets it take effect until it is told to stop.

    `source` makes a fresh source; it is called again when the one at work fails or hangs. Reads that give something
    begin at least `pace` seconds apart: a batch has costs of its own, so that events that trickle in are cheaper in
    larger ones. An event waits that much longer at most, and the first after a pause not at all.
    """

    def __init__(
        self,
        name: str,
        *,
        engine: AsyncEngine,
        source: Callable[[], Source],
        effect: Effect,
        batch_size: int = 1000,
        hang_seconds: float = 30.0,
        pace: float = 0.0,
    ) -> None:
        self.name = name
        self._engine = engine
        self._make_source = source
        self._effect = effect
        self._batch_size = self._limit = batch_size
        self._hang_seconds = hang_seconds
        self._pace = pace
        self._not_before = 0.0
        """When the next read may begin."""
        self._stopping = asyncio.Event()
        self._progress = time.monotonic()
        self._fed: dict[Slot, float] = {}
        """When each held slot last gave something, or had nothing to give."""
        self._refusal: str | None = None
        """Why the last attempt came to nothing; None since one succeeded, or since there was nothing to do."""
        self._vouched: bool | None = None
        """Whether something took effect since nothing did; None while nothing is in doubt."""
        self._started = True
        """Whether nothing was tried again yet since this process started."""

    def stop(self) -> None:
        """Ask the loop to end after the batch at work."""
        self._stopping.set()

    @property
    def alive(self) -> bool:
        """Whether the loop has come round lately."""
        return time.monotonic() - self._progress < self._hang_seconds

    @property
    def refusal(self) -> str | None:
        """What keeps this consumer from its work, in a line for operators; None while it works or has nothing to do."""
        still = time.monotonic() - self._progress
        return f"no progress for {still:.0f} s" if still > SHOWN_SECONDS else self._refusal

    async def run(self) -> None:
        """Consume until `stop`. Returns after the batch at work is committed and the partitions are given back."""
        pause = PAUSES[0]
        while not self._stopping.is_set():
            started = time.monotonic()
            try:
                await self._with_a_source()
            except Exception as error:  # noqa: BLE001 - whatever it is, a fresh source is tried after a pause
                metrics.RESTARTS.labels(self.name).inc()
                self._refused("source replaced", error)
                if time.monotonic() - started > 30:
                    pause = PAUSES[0]
                await self._pause(pause)
                pause = min(pause * 2, PAUSES[1])

    def _refused(self, what: str, error: Exception) -> None:
        self._refusal = _summary(error)
        log.warning(what, consumer=self.name, error=self._refusal)
        if isinstance(error, Systemic):
            self._vouched = False
            # What tells whose fault it is stands behind what fails: it is looked for further and further on.
            self._limit = min(self._limit * 2, self._batch_size * SIGHT)
        else:
            # Should it have been the batch that took too long, a smaller one will not.
            self._limit = max(1, self._limit // 8)

    async def _pause(self, seconds: float) -> None:
        await _first(asyncio.sleep(seconds), self._stopping.wait())

    async def _with_a_source(self) -> None:
        source = self._make_source()
        try:
            await self._watched(source)
        finally:
            await _leave(source)

    async def _watched(self, source: Source) -> None:
        """Run the loop over one source, and give it up when it no longer comes round."""
        self._progress = time.monotonic()
        loop = asyncio.create_task(self._loop(source))
        try:
            while not loop.done():
                await asyncio.wait([loop], timeout=self._hang_seconds / 4)
                if not loop.done() and not self.alive:
                    raise TimeoutError(f"no progress for {self._hang_seconds} s")
            loop.result()
        finally:
            if not loop.done():
                loop.cancel()
                await asyncio.wait([loop], timeout=1)

    async def _loop(self, source: Source) -> None:
        self._fed = dict.fromkeys(self._fed, time.monotonic())
        await source.start()
        round_at, pause = 0.0, PAUSES[0]
        reading = self._read(source)
        try:
            while not self._stopping.is_set():
                self._progress = time.monotonic()
                batch = await reading
                if time.monotonic() >= round_at:
                    await self._retry()
                    await self._show_lag(source, batch)
                    round_at = time.monotonic() + 1.0
                reading = self._read(source)  # the next one comes while this one is written
                if batch is None:
                    continue
                try:
                    done = await self.apply(batch)
                except Exception as error:  # noqa: BLE001 - whatever it is, the same events are read and tried again
                    done = False
                    self._refused("batch refused", error)
                    metrics.BATCHES.labels(self.name, "refused").inc()
                    await self._pause(pause)
                    pause = min(pause * 2, PAUSES[1])
                self._fed.update(dict.fromkeys(batch.advances, time.monotonic()))
                if done:
                    self._refusal, pause = None, PAUSES[0]
                    self._limit = min(self._limit * 2, self._batch_size)
                else:
                    await _end(reading)  # what it read stands behind what is not done, or what others have done
                    await source.rewind()
                    reading = self._read(source)
        finally:
            await _end(reading)

    def _read(self, source: Source) -> "asyncio.Task[Batch | None]":
        return asyncio.create_task(self._next(source))

    async def _next(self, source: Source) -> Batch | None:
        if (early := self._not_before - time.monotonic()) > 0:
            await asyncio.sleep(early)
        batch = await source.next(self._limit, wait=WAIT_SECONDS)
        # A full batch says that more is waiting, of which nothing should wait longer.
        if batch is not None and len(batch.records) < self._limit:
            self._not_before = time.monotonic() + self._pace
        return batch

    async def apply(self, batch: Batch) -> bool:
        """Effect and position of one batch, in one transaction; False when another member has moved a position on."""
        started = time.perf_counter()
        try:
            async with self._engine.begin() as conn:
                await positions.advance(conn, batch.advances)
                outcome = await self._effect.process(conn, batch.records, vouched=self._vouched is True)
        except Fenced:
            metrics.BATCHES.labels(self.name, "fenced").inc()
            log.info("fenced", consumer=self.name)
            return False
        metrics.BATCHES.labels(self.name, "committed").inc()
        metrics.SECONDS.labels(self.name).observe(time.perf_counter() - started)
        self._weigh(outcome)
        self._record_metrics(outcome)
        return True

    def _weigh(self, outcome: Outcome) -> None:
        if any(reason == "failed" for _, reason, _ in outcome.parked):
            self._vouched = None  # each doubt wants a success of its own
        elif outcome.applied and self._vouched is False:
            self._vouched = True

    async def _retry(self) -> None:
        async with self._engine.begin() as conn:
            outcome = await self._effect.retry(conn, started=self._started)
        self._started = False
        self._record_metrics(outcome)

    async def _show_lag(self, source: Source, read: Batch | None) -> None:
        waiting = Counter((record.topic, record.partition) for record in read.records) if read else Counter()
        lag = {slot: behind + waiting[slot] for slot, behind in (await source.lag()).items()}
        if lag and not any(lag.values()):
            self._refusal = None
        self._watch(lag)

    def _watch(self, lag: Mapping[Slot, int]) -> None:
        """Show the lag, and raise when a slot has records and gives none: a client may stop fetching in silence."""
        now = time.monotonic()
        for topic, partition in self._fed.keys() - lag.keys():
            metrics.LAG.remove(self.name, topic, str(partition))
        self._fed = {slot: self._fed.get(slot, now) if behind else now for slot, behind in lag.items()}
        for (topic, partition), behind in lag.items():
            metrics.LAG.labels(self.name, topic, str(partition)).set(behind)
        silent = [slot for slot, fed in self._fed.items() if now - fed > self._hang_seconds]
        if silent:
            raise TimeoutError(f"nothing from {silent} for {self._hang_seconds} s, though there is something")

    def _record_metrics(self, outcome: Outcome) -> None:
        metrics.EVENTS.labels(self.name, "applied").inc(outcome.applied)
        metrics.EVENTS.labels(self.name, "duplicate").inc(outcome.duplicates)
        metrics.EVENTS.labels(self.name, "released").inc(outcome.released)
        for aggregate, reason, error in outcome.parked:
            metrics.EVENTS.labels(self.name, "parked").inc()
            if reason != "behind":
                log.warning("parked", consumer=self.name, aggregate=aggregate, reason=reason, error=error[:200])


def _summary(error: Exception) -> str:
    """First line of the error only: what follows it may quote a row with personal data."""
    return f"{type(error).__name__}: {error}".partition("\n")[0][:300]


async def _first(*waits: Awaitable[object]) -> None:
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()


async def _end(reading: asyncio.Task[Batch | None]) -> None:
    """Stop a read whose records nobody wants; its error, if any, would have come again with the next one."""
    reading.cancel()
    await asyncio.wait([reading], timeout=1)
    if reading.done() and not reading.cancelled():
        reading.exception()  # looked at, or Python complains that nobody did


async def _leave(source: Source) -> None:
    """Give the partitions back if that is possible; others take them over after a while anyway."""
    # Not wait_for: aiokafka's stop swallows the cancellation when its broker is away, and would be waited for for ever.
    leaving = asyncio.create_task(source.stop())
    await asyncio.wait([leaving], timeout=LEAVE_SECONDS)
    if not leaving.done():
        leaving.cancel()
        log.info("left the group uncleanly", error="TimeoutError")
    elif not leaving.cancelled() and (error := leaving.exception()):
        log.info("left the group uncleanly", error=type(error).__name__)
