"""How late the event loop is says whether the gateway keeps up."""

import asyncio
import time

from gateway.forwarding.watch import ExchangeWatch
from tests.support.upstreams import eventually


class UnderWay:
    """Something to look at."""

    def look(self, now: float) -> None:
        pass


async def test_a_delay_twice_in_a_row_is_pressure_and_it_passes() -> None:
    watch, under_way = ExchangeWatch(0.2), UnderWay()
    watch.begin(under_way)

    async def held_up() -> None:
        while True:
            time.sleep(0.45)  # noqa: ASYNC251 - this is the fault
            await asyncio.sleep(0)

    fault = asyncio.create_task(held_up())
    assert await asyncio.to_thread(eventually, lambda: watch.pressed)
    fault.cancel()
    assert await asyncio.to_thread(eventually, lambda: not watch.pressed)
    watch.end(under_way)
