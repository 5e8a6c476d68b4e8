"""The circuit of one instance: whether requests may be sent to it, by how the last ones ended. Pure; time is given.

Closed: all may. Open, after so many failures in a row: none may, for some seconds. Half open: one has been sent to see,
and its end decides.
"""

from enum import IntEnum


class State(IntEnum):
    """As metrics show it."""

    CLOSED = 0
    HALF_OPEN = 1
    OPEN = 2


class Circuit:
    """Opens after `failures` in a row, for `seconds`. Times are of any clock that only goes forward."""

    def __init__(self, failures: int, seconds: float) -> None:
        self.state = State.CLOSED
        self._most = failures
        self._seconds = seconds
        self._failures = 0
        self._until = 0.0

    def admits(self, now: float) -> bool:
        """Whether a request may be sent now."""
        return self.state is State.CLOSED or (self.state is State.OPEN and now >= self._until)

    def waits(self, now: float) -> float:
        """Seconds until a request may be sent; none is known while one is out to see."""
        return max(0.0, self._until - now) if self.state is State.OPEN else 0.0

    def begin(self, now: float) -> bool:
        """A request that was admitted is sent; says whether it is the one that is to see. That one has to end here."""
        if self.state is State.CLOSED:
            return False
        if not self.admits(now):
            raise RuntimeError("it was not admitted")
        self.state = State.HALF_OPEN
        return True

    def succeeded(self) -> None:
        """Some request was answered: whatever was, the instance answers now."""
        self.state, self._failures = State.CLOSED, 0

    def failed(self, now: float) -> None:
        """Some request was not answered. One that began before the circuit opened says nothing new."""
        self._failures += 1
        if self.state is State.HALF_OPEN or (self.state is State.CLOSED and self._failures >= self._most):
            self.state, self._until = State.OPEN, now + self._seconds

    def gave_up(self, now: float) -> None:
        """The one that was to see ended by itself: the next may see."""
        if self.state is State.HALF_OPEN:
            self.state, self._until = State.OPEN, now
