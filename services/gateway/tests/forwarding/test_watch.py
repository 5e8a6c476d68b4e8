"""The watch over what is under way: it looks at everything a few times a second, and rests when there is nothing."""

import asyncio

from gateway.forwarding.watch import LOOK_EVERY_SECONDS, ExchangeWatch


class Seen:
    def __init__(self) -> None:
        self.times: list[float] = []
        self.again = asyncio.Event()

    def look(self, now: float) -> None:
        self.times.append(now)
        self.again.set()


async def test_what_is_under_way_is_looked_at_until_it_ends() -> None:
    watch, one, two = ExchangeWatch(1), Seen(), Seen()
    began = watch.begin(one)
    watch.begin(two)
    await asyncio.wait_for(two.again.wait(), 20)
    assert one.times == two.times
    assert one.times[0] >= began + LOOK_EVERY_SECONDS / 2
    watch.end(two)
    one.again.clear()
    await asyncio.wait_for(one.again.wait(), 20)
    assert len(one.times) > len(two.times) == 1


async def test_it_rests_and_begins_again() -> None:
    watch, one = ExchangeWatch(1), Seen()
    watch.begin(one)
    watch.end(one)
    await asyncio.sleep(LOOK_EVERY_SECONDS * 3)
    assert not one.times
    watch.begin(one)
    await asyncio.wait_for(one.again.wait(), 20)
