"""Time, for all exchanges at once: bounds of seconds need no timers of their own, which nearly never come to fire."""

import asyncio
from typing import Final, Protocol

from prometheus_client import Gauge

LOOK_EVERY_SECONDS: Final = 0.1
DELAY: Final = Gauge("cchc_gateway_delay_seconds", "By how much the event loop was late when it was last looked at")


class Watched(Protocol):
    """An exchange under way, which is looked at until it ends."""

    def look(self, now: float) -> None:
        """Do what is due now, by the clock of the event loop."""


class ExchangeWatch:
    """Looks at everything under way ten times a second; rests when there is nothing.

    By how late it comes to look it knows whether the process keeps up: it is `pressed` by a delay of more than
    `bearable` seconds, twice in a row.
    """

    def __init__(self, bearable: float) -> None:
        self.pressed = False
        self._bearable = bearable
        self._due = 0.0
        self._was_late = False
        self._under_way: set[Watched] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._loop: asyncio.AbstractEventLoop

    def begin(self, watched: Watched) -> float:
        """Look at it from now on; the time is returned."""
        self._under_way.add(watched)
        if self._timer is None:
            self._loop = asyncio.get_running_loop()
            self._later()
        return self._loop.time()

    def end(self, watched: Watched) -> None:
        """Look at it no more."""
        self._under_way.discard(watched)

    def _later(self) -> None:
        self._due = self._loop.time() + LOOK_EVERY_SECONDS
        self._timer = self._loop.call_later(LOOK_EVERY_SECONDS, self._look)

    def _look(self) -> None:
        self._timer = None
        now = self._loop.time()
        delay = now - self._due
        DELAY.set(delay)
        late = delay > self._bearable
        self.pressed, self._was_late = late and self._was_late, late
        if self._under_way:
            self._later()
        for each in tuple(self._under_way):
            each.look(now)
