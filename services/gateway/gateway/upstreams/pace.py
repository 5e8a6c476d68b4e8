"""How many requests a service takes at once, learned from what it refuses. Pure; time is given.

Additive increase, multiplicative decrease (Chiu and Jain, 1989): a service knows what waits in its queues, and refuses
what would wait too long; the gateway, which refuses for less, sends it fewer from then on.
"""

from typing import Final

LEAST: Final = 8
"""Places that are always left: a service that refuses everything is still asked."""
PAUSE_SECONDS: Final = 0.1
"""What is refused so soon after another was sent before that one was known."""


class Pace:
    """`places` is how many may be at work at once now: `most` at first, and at most."""

    def __init__(self, most: int) -> None:
        self.places = float(most)
        self._most = most
        self._next = 0.0

    def taken(self) -> None:
        """A request was not refused: as many as there are places make one more."""
        if self.places < self._most:
            self.places = min(self._most, self.places + 1 / self.places)

    def refused(self, now: float) -> None:
        """The service's queues are full: half as many from now on. `now` is in seconds of any clock that only goes
        forward."""
        if now >= self._next:
            self.places = max(min(LEAST, self._most), self.places / 2)
            self._next = now + PAUSE_SECONDS
