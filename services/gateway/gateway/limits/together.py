"""Several gateways count together, in a server that speaks the protocol of Redis (Valkey is one).

No request waits for it: each gateway counts for itself, and about once a second tells what it has let callers do and
learns what all together have. In between a caller may get more than its quota, at most once for each gateway, and owes
it afterwards. While the server is away each gateway counts for itself, and nobody is refused because of it.
"""

import asyncio
import time
from collections.abc import Awaitable, Iterator, Sequence
from hashlib import blake2b
from itertools import islice
from typing import Final, NamedTuple, cast

from prometheus_client import Gauge
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from structlog import get_logger

from gateway.limits.buckets import Buckets
from gateway.limits.limiter import Limiter

log = get_logger()

EVERY_SECONDS: Final = 1.0
ANSWER_SECONDS: Final = 2.0
AT_ONCE: Final = 500
"""Callers in one question: the server does nothing else meanwhile."""
AWAY: Final = Gauge("cchc_limits_store_away", "1 while gateways cannot count callers together")

_SCRIPT: Final = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local left = {}
for i, key in ipairs(KEYS) do
  local spent, window = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
  local full = math.max(tonumber(redis.call('GET', key) or '0'), now)
  full = math.min(full + spent, now + 2 * window)
  redis.call('SET', key, string.format('%.3f', full), 'PX', math.max(1, math.ceil(full - now)))
  left[i] = string.format('%.3f', full - now)
end
return left
"""
"""For each key: adds what was spent (in ms of its rate) to when all will have come back, and answers in how many ms
that is; no more than two windows. The server's clock is the only one."""


class _Spent(NamedTuple):
    """What one caller was let do since the server was told last."""

    buckets: Buckets
    caller: str
    key: str
    requests: int


class Together:
    """Tells the server at `url` what the limiter counted, and the limiter what all have, until it is cancelled."""

    def __init__(self, limiter: Limiter, url: str) -> None:
        self._limiter = limiter
        self._server = Redis.from_url(
            url,
            socket_timeout=ANSWER_SECONDS,
            socket_connect_timeout=ANSWER_SECONDS,
            retry=Retry(NoBackoff(), 0),
            max_connections=1,
        )
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
        """Close the connection to the server."""
        await self._server.aclose()

    async def exchange(self) -> None:
        """Tell and learn once. What the server could not be told is forgotten: it was counted here."""
        spent = self._spent()
        while some := list(islice(spent, AT_ONCE)):
            try:
                left = await self._reported(some)
            except (RedisError, OSError) as error:
                self._note(away=True, reason=type(error).__name__)
                for _ in spent:  # hand out the rest too, and drop it
                    pass
                return
            now = time.monotonic()
            for each, milliseconds in zip(some, left, strict=True):
                each.buckets.learn(each.caller, float(milliseconds) / 1000, now)
            self._note(away=False)

    async def _reported(self, some: Sequence[_Spent]) -> list[bytes]:
        numbers: list[float] = []
        for each in some:
            policy = each.buckets.policy
            numbers += (each.requests * each.buckets.interval * 1000, policy.seconds * 1000)
        asked = self._server.eval(_SCRIPT, len(some), *(each.key for each in some), *numbers)
        return await cast("Awaitable[list[bytes]]", asked)

    def _spent(self) -> Iterator[_Spent]:
        for which, buckets in self._limiter.buckets():
            for caller, requests in buckets.hand_out().items():
                yield _Spent(buckets, caller, _key(which, caller), requests)

    def _note(self, *, away: bool, reason: str = "") -> None:
        AWAY.set(away)
        if away and not self._away:
            log.warning("limits are counted apart", why="the shared store is away", reason=reason)
        elif self._away and not away:
            log.info("limits are counted together again")
        self._away = away


def _key(which: str, caller: str) -> str:
    """A name that says nothing of the caller; it lives as long as the caller owes something."""
    return f"cchc:limits:{which}:{blake2b(caller.encode(), digest_size=16).hexdigest()}"
