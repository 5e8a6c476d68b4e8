"""Tells a fault of the system from a fault of single events: the first stops the consumer, the second parks.

A handler that refuses one aggregate's event meets a bad event. One that refuses whatever it is given has a bug, or
meets a database that is not as it should be: parking would then hold every aggregate, and nothing would come back by
itself when the cause is mended.
"""

import time
from collections import Counter
from collections.abc import Callable, Mapping

AGGREGATES = 20
"""So many aggregates that fail alike are no accident, if they are most of those that were tried."""
DOUBT_SECONDS = 5.0
"""How long events are waited for that succeed, while nothing does."""


class Systemic(Exception):
    """The fault is not the events': nothing is parked, and the same batch is tried again."""


class Judge:
    """Remembers which aggregates failed since anything succeeded. `enough` = 0 parks whatever fails."""

    def __init__(self, enough: int = AGGREGATES, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._enough = enough
        self._monotonic = monotonic
        self._failing: dict[str, str] = {}
        self._since: float | None = None

    def hear(self, tried: int, failed: Mapping[str, str]) -> None:
        """Take note of one batch: how many aggregates were tried, and the kind of error of each that failed.

        Returns if what failed may park. Raises `Systemic` if it is the system's fault, or if that cannot be told yet.
        """
        if not self._enough or not tried:
            return
        if tried > len(failed):
            self._failing, self._since = {}, None
        if not failed:
            return
        kind, alike = Counter({**self._failing, **failed}.values()).most_common(1)[0]
        if tried > len(failed):
            if alike >= self._enough and alike * 2 > tried:
                raise Systemic(f"{alike} of {tried} aggregates fail with {kind}")
            return
        self._failing |= failed
        self._since = self._monotonic() if self._since is None else self._since
        if alike >= self._enough:
            raise Systemic(f"nothing succeeds: {alike} aggregates fail with {kind}")
        if self._monotonic() - self._since < DOUBT_SECONDS:
            raise Systemic(f"nothing succeeds yet: {len(failed)} failed, {kind}")
