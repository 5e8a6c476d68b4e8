"""A consumer goes on with a fresh source though the old one never comes back from its leaving."""

import asyncio
from contextlib import suppress
from typing import cast

import pytest

from cchc_shared.storage.database import create_engine
from cchc_shared.stream import consumer as module
from cchc_shared.stream.consumer import Consumer, Effect
from cchc_shared.stream.record import Batch, Slot


class Deaf:
    """Fails at once, and swallows every attempt to end its leaving: so does aiokafka when its broker is away."""

    def __init__(self) -> None:
        self.released = asyncio.Event()

    async def start(self) -> None:
        raise ConnectionError

    async def next(self, limit: int, wait: float) -> Batch | None:
        raise AssertionError

    async def rewind(self) -> None:
        raise AssertionError

    async def lag(self) -> dict[Slot, int]:
        raise AssertionError

    async def stop(self) -> None:
        while not self.released.is_set():
            with suppress(asyncio.CancelledError):
                await self.released.wait()


async def test_a_source_that_cannot_leave_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LEAVE_SECONDS", 0.01)
    made: list[Deaf] = []

    def make() -> Deaf:
        made.append(Deaf())
        if len(made) == 3:
            consumer.stop()
        return made[-1]

    no_effect = cast("Effect", None)
    engine = create_engine("postgresql://nobody@127.0.0.1:1/nothing")
    consumer = Consumer("leaving", engine=engine, source=make, effect=no_effect)
    await asyncio.wait_for(consumer.run(), timeout=30)
    assert len(made) == 3
    for source in made:
        source.released.set()
    await asyncio.sleep(0)
    await engine.dispose()
