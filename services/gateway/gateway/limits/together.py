"""Several gateways count together, in a store that all of them have.

No request waits for it: each gateway counts for itself, and about once a second tells what it has let callers do and
learns what all together have. In between a caller may get more than its quota, at most once for each gateway, and owes
it afterwards. While the store is away each gateway gives its own part of every quota, so that all of them together
give no more than the whole.
"""

import asyncio
import time
from collections.abc import Iterator
from hashlib import blake2b
from itertools import islice
from typing import Final, NamedTuple

from prometheus_client import Gauge
from structlog import get_logger

from gateway.limits.buckets import Buckets
from gateway.limits.limiter import Limiter
from gateway.limits.stores import AT_ONCE, Spent, Store, StoreAway

log = get_logger()

EVERY_SECONDS: Final = 1.0
AWAY: Final = Gauge("cchc_limits_store_away", "1 while gateways cannot count callers together")


class _Handed(NamedTuple):
    """Whose the answer of the store will be."""

    buckets: Buckets
    caller: str
    spent: Spent


class Together:
    """Tells the store what the limiter counted, and the limiter what all have, until it is cancelled."""

    def __init__(self, limiter: Limiter, store: Store) -> None:
        self._limiter = limiter
        self._store = store
        self._away = False
        AWAY.set(0)

    async def run(self) -> None:
        """Count together for ever."""
        try:
            while True:
                await asyncio.sleep(EVERY_SECONDS)
                await self.exchange()
        finally:
            await self.close()

    async def close(self) -> None:
        """Close the store's connections."""
        await self._store.close()

    async def exchange(self) -> None:
        """Tell and learn once. What the store could not be told is forgotten: it was counted here."""
        told = self._handed_out()
        while some := list(islice(told, AT_ONCE)):
            try:
                left = await self._store.add([each.spent for each in some])
            except StoreAway as away:
                for _ in told:  # hand out the rest too, and drop it
                    pass
                self._note(away=True, reason=str(away))
                return
            now = time.monotonic()
            for each, seconds in zip(some, left, strict=True):
                each.buckets.learn(each.caller, seconds, now)
            self._note(away=False)

    def _handed_out(self) -> Iterator[_Handed]:
        for which, buckets in self._limiter.buckets():
            for caller, requests in buckets.hand_out().items():
                spent = Spent(_key(which, caller), requests * buckets.interval, buckets.policy.seconds)
                yield _Handed(buckets, caller, spent)

    def _note(self, *, away: bool, reason: str = "") -> None:
        AWAY.set(away)
        if away and not self._away:
            log.warning("limits are counted apart", why="the shared store is away", reason=reason)
        elif self._away and not away:
            log.info("limits are counted together again")
        self._away = away
        self._limiter.apart(away)


def _key(which: str, caller: str) -> str:
    """A name that says nothing of the caller."""
    return f"{which}:{blake2b(caller.encode(), digest_size=16).hexdigest()}"
