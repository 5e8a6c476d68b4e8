"""A consumer run over a known number of records, with a stopwatch."""

import time
from collections.abc import Callable
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from cchc_shared.stream.consumer import Consumer, Effect
from cchc_shared.stream.record import Advance, Batch, Position, Slot, Source


class Metered:
    """A source that gives `wanted` records and then stops its consumer.

    The stopwatch runs from the commit of the first batch to the commit of the last, so that joining a group, or the
    first compilation of a statement, is not measured. `single` hands every record over in a batch of its own.
    """

    def __init__(self, source: Source, wanted: int, *, single: bool = False) -> None:
        self._source = source
        self._wanted = wanted
        self._single = single
        self._waiting: list[Batch] = []
        self._commits: list[tuple[float, int]] = []
        self._given = 0
        self.stop_consumer: Callable[[], None] = lambda: None

    @property
    def rate(self) -> float:
        """Records a second."""
        (began, first), (ended, last) = self._commits[0], self._commits[-1]
        return (last - first) / (ended - began)

    async def next(self, limit: int, wait: float) -> Batch | None:
        if self._given:
            self._commits.append((time.perf_counter(), self._given))
        if self._given >= self._wanted:
            self.stop_consumer()
            return None
        if not self._waiting:
            batch = await self._source.next(limit, wait)
            if batch is not None:
                self._waiting = _singles(batch) if self._single else [batch]
        if not self._waiting:
            return None
        batch = self._waiting.pop(0)
        self._given += len(batch.records)
        return batch

    async def start(self) -> None:
        await self._source.start()

    async def rewind(self) -> None:
        await self._source.rewind()

    async def lag(self) -> dict[Slot, int]:
        return await self._source.lag()

    async def stop(self) -> None:
        await self._source.stop()


def _singles(batch: Batch) -> list[Batch]:
    at: dict[Slot, Position] = {slot: advance.after for slot, advance in batch.advances.items()}
    singles = []
    for record in batch.records:
        slot = (record.topic, record.partition)
        singles.append(Batch([record], {slot: Advance(at[slot], record.position)}))
        at[slot] = record.position
    return singles


async def metered_rate(
    engine: AsyncEngine, source: Source, effect: Effect, wanted: int, *, single: bool = False, **options: Any
) -> float:
    """Records a second of a consumer with this effect, over `wanted` records."""
    metered = Metered(source, wanted, single=single)
    consumer = Consumer("bench", engine=engine, source=lambda: metered, effect=effect, **options)
    metered.stop_consumer = consumer.stop
    await consumer.run()
    return metered.rate
