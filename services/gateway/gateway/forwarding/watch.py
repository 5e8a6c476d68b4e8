"""Time, for all exchanges at once: bounds of seconds need no timers of their own, which nearly never come to fire."""

import asyncio
from typing import Final, Protocol

LOOK_EVERY_SECONDS: Final = 0.1


class Watched(Protocol):
    """An exchange under way, which is looked at until it ends."""

    def look(self, now: float) -> None:
        """Do what is due now, by the clock of the event loop."""


class ExchangeWatch:
    """Looks at everything under way ten times a second; rests when there is nothing."""

    def __init__(self) -> None:
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
        self._timer = self._loop.call_later(LOOK_EVERY_SECONDS, self._look)

    def _look(self) -> None:
        self._timer = None
        if self._under_way:
            self._later()
        now = self._loop.time()
        for each in tuple(self._under_way):
            each.look(now)
