"""A consumer run over a known number of records, with a stopwatch."""

import time
from collections.abc import Callable

from sqlalchemy.ext.asyncio import AsyncEngine

from cchc_shared.stream.consumer import Consumer, Effect
from cchc_shared.stream.record import Advance, Batch, Position, Slot, Source

FIRST = 200
"""Records in the first batch, which is not measured: it joins the group and compiles the statements."""


class _Singles:
    """A source that hands every record over in a batch of its own."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._waiting: list[Batch] = []
        self.start, self.rewind, self.lag, self.stop = source.start, source.rewind, source.lag, source.stop

    async def next(self, limit: int, wait: float) -> Batch | None:
        if not self._waiting:
            batch = await self._source.next(limit, wait)
            self._waiting = [] if batch is None else _singles(batch)
        return self._waiting.pop(0) if self._waiting else None


def _singles(batch: Batch) -> list[Batch]:
    at: dict[Slot, Position] = {slot: advance.after for slot, advance in batch.advances.items()}
    singles = []
    for record in batch.records:
        slot = (record.topic, record.partition)
        singles.append(Batch([record], {slot: Advance(at[slot], record.position)}))
        at[slot] = record.position
    return singles


class _Metered(Consumer):
    """A consumer that begins with a small batch, notes when each is committed, and stops after `wanted` records."""

    def __init__(
        self, wanted: int, *, engine: AsyncEngine, source: Callable[[], Source], effect: Effect, batch_size: int
    ) -> None:
        super().__init__("bench", engine=engine, source=source, effect=effect, batch_size=batch_size)
        self._wanted = wanted
        self._done = 0
        self._commits: list[tuple[float, int]] = []
        self._limit = min(FIRST, self._batch_size)

    async def apply(self, batch: Batch) -> bool:
        taken = await super().apply(batch)
        self._limit = self._batch_size
        self._done += len(batch.records)
        self._commits.append((time.perf_counter(), self._done))
        if self._done >= self._wanted:
            self.stop()
        return taken

    @property
    def rate(self) -> float:
        """Records a second, from the commit of the first batch to that of the last."""
        (began, first), (ended, last) = self._commits[0], self._commits[-1]
        return (last - first) / (ended - began)


async def metered_rate(
    engine: AsyncEngine, source: Source, effect: Effect, wanted: int, *, batch_size: int, single: bool = False
) -> float:
    """Records a second of a consumer with this effect, over `wanted` records."""
    given: Source = _Singles(source) if single else source
    consumer = _Metered(wanted, engine=engine, source=lambda: given, effect=effect, batch_size=batch_size)
    await consumer.run()
    return consumer.rate
