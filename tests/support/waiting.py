"""Waits that are bounded by what the machine does, not by seconds.

A busy machine does everything later. So a wait goes on for as long as what it looks at moves, and fails when nothing
has moved for long: by the clock, and by how often it was looked at, because a machine that hardly lets us look hardly
lets others work. The last bound is only for what moves for ever.

A look costs, too, and takes what others need: what has been waited for long is looked at less often.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

STALLED_SECONDS = 45.0
STALLED_LOOKS = 250
"""About as many as an idle machine takes in that time."""
LIMIT_SECONDS = 600.0
PAUSES = (0.02, 0.2)
"""Seconds between two looks: the shortest, and the longest. Between them, a tenth of what was waited."""
T = TypeVar("T")


class Watch:
    """Fails when what it is shown has not changed for long."""

    def __init__(self) -> None:
        self._began = self._moved = time.monotonic()
        self._seen: object = None
        self._looks = 0

    @property
    def pause(self) -> float:
        """Seconds until it is worth to look again."""
        shortest, longest = PAUSES
        return min(max(shortest, (time.monotonic() - self._began) / 10), longest)

    def look(self, value: object, told: Callable[[], str] = str) -> None:
        """Take note of how things are. Raises `AssertionError`, with what `told` has to say, when nothing moves."""
        now = time.monotonic()
        if value != self._seen:
            self._seen, self._moved, self._looks = value, now, 0
            if now - self._began < LIMIT_SECONDS:
                return
            raise AssertionError(f"still not, after {LIMIT_SECONDS:.0f} s: {value!r}\n{told()}")
        self._looks += 1
        if now - self._moved > STALLED_SECONDS and self._looks > STALLED_LOOKS:
            raise AssertionError(f"nothing moved for {now - self._moved:.0f} s: {value!r}\n{told()}")


async def until(condition: Callable[[], Awaitable[T]], holds: Callable[[T], Any] = bool) -> T:
    """The first value for which `holds`. What `condition` tells is the progress: let it tell more than yes or no."""
    watch = Watch()
    while not holds(value := await condition()):
        watch.look(value)
        await asyncio.sleep(watch.pause)
    return value


def until_now(condition: Callable[[], T], holds: Callable[[T], Any] = bool) -> T:
    """The same where nothing is asynchronous."""
    watch = Watch()
    while not holds(value := condition()):
        watch.look(value)
        time.sleep(watch.pause)
    return value
