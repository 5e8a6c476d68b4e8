"""A consumer that is given a pace waits for more events where a few came, and not where many wait."""

import asyncio
import time
from typing import Any

import pytest

from cchc_shared.storage.database import create_engine
from cchc_shared.stream.consumer import Consumer
from cchc_shared.stream.record import Batch, Record, Slot

PACE = 0.2


class Source:
    """Gives one record with every read, and notes when it was asked."""

    def __init__(self, reads: int) -> None:
        self._reads = reads
        self.asked: list[float] = []
        self.enough = asyncio.Event()

    async def start(self) -> None:
        pass

    async def next(self, limit: int, wait: float) -> Batch | None:
        del limit, wait
        self.asked.append(time.monotonic())
        if len(self.asked) >= self._reads:
            self.enough.set()
        record = Record("topic", 0, (1, len(self.asked)), "a:1", 1, "type", b"", {})
        return Batch([record], {})

    async def rewind(self) -> None:
        raise AssertionError

    async def lag(self) -> dict[Slot, int]:
        return {}

    async def stop(self) -> None:
        pass


class WithoutDatabase(Consumer):
    async def apply(self, batch: Batch) -> bool:
        del batch
        return True

    async def _retry(self) -> None:
        pass


async def _gaps(batch_size: int, pace: float, reads: int) -> list[float]:
    """Seconds between reads of a consumer whose every read gives one event."""
    source = Source(reads)
    no_effect: Any = None
    engine = create_engine("postgresql://nobody@127.0.0.1:1/nothing")
    consumer = WithoutDatabase(
        "pace", engine=engine, source=lambda: source, effect=no_effect, batch_size=batch_size, pace=pace
    )
    running = asyncio.create_task(consumer.run())
    async with asyncio.timeout(60):
        await source.enough.wait()
        consumer.stop()
        await running
    await engine.dispose()
    return [after - before for before, after in zip(source.asked, source.asked[1:], strict=False)]


async def test_a_small_batch_is_followed_by_the_pace() -> None:
    assert min(await _gaps(batch_size=10, pace=PACE, reads=4)) >= PACE * 0.99


@pytest.mark.parametrize(("batch_size", "pace"), [(1, 3600.0), (10, 0.0)])
async def test_neither_a_full_batch_nor_a_consumer_without_a_pace_waits(batch_size: int, pace: float) -> None:
    assert len(await _gaps(batch_size, pace, reads=50)) >= 49
