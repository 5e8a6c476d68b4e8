"""Where several gateways add up what callers have spent: notify's PostgreSQL, or a server of Redis's protocol."""

import asyncio
from collections.abc import Awaitable, Sequence
from typing import Final, NamedTuple, Protocol, cast

import msgspec
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from gateway.upstreams.faults import UpstreamFault
from gateway.upstreams.upstream import Upstream

ANSWER_SECONDS: Final = 2.0
AT_ONCE: Final = 500
"""Callers in one question: a server of Redis does nothing else meanwhile, and notify takes no more."""


class Spent(NamedTuple):
    """What a caller was let do since the store was told last, and its quota: both in seconds in which it comes back."""

    key: str
    seconds: float
    window: int


class StoreAway(Exception):
    """The store cannot be asked now. Whether it heard what it was told is not known."""


class Store(Protocol):
    """Adds up what all gateways tell it, by its own clock; nobody owes more than two windows."""

    async def add(self, told: Sequence[Spent]) -> Sequence[float]:
        """In how many seconds all comes back to each, after this was added. No caller comes twice, and there are
        `AT_ONCE` at most. Raises `StoreAway`."""

    async def close(self) -> None:
        """Close its connections."""


class _Said(msgspec.Struct):
    seconds: list[float]


class NotifyStore:
    """notify's database, by way of notify: the gateway knows no database."""

    PATH: Final = "/internal/limits/add"

    def __init__(self, notify: Upstream) -> None:
        self._notify = notify

    async def add(self, told: Sequence[Spent]) -> Sequence[float]:
        """As `Store` has it."""
        items = [{"key": each.key, "spent": each.seconds, "window": each.window} for each in told]
        try:
            async with asyncio.timeout(ANSWER_SECONDS):  # a restart is not waited out: it is told again in a second
                body = msgspec.json.encode({"items": items})
                said = await self._notify.fetch(self.PATH, seconds=ANSWER_SECONDS, body=body)
            return msgspec.json.decode(said, type=_Said).seconds
        except (OSError, UpstreamFault, msgspec.DecodeError) as error:
            raise StoreAway(type(error).__name__) from error

    async def close(self) -> None:
        """Its connections are the gateway's."""


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
"""For each key: adds what was spent (in ms) to when all will have come back, and answers in how many ms that is."""


class RedisStore:
    """A server of Redis's protocol (Valkey is one). Keys live as long as their callers owe something."""

    def __init__(self, url: str) -> None:
        self._server = Redis.from_url(
            url,
            socket_timeout=ANSWER_SECONDS,
            socket_connect_timeout=ANSWER_SECONDS,
            retry=Retry(NoBackoff(), 0),
            max_connections=1,
        )

    async def add(self, told: Sequence[Spent]) -> Sequence[float]:
        """As `Store` has it."""
        numbers: list[float] = []
        for each in told:
            numbers += (each.seconds * 1000, each.window * 1000)
        try:
            asked = self._server.eval(_SCRIPT, len(told), *(f"cchc:limits:{each.key}" for each in told), *numbers)
            return [float(each) / 1000 for each in await cast("Awaitable[list[bytes]]", asked)]
        except (RedisError, OSError) as error:
            raise StoreAway(type(error).__name__) from error

    async def close(self) -> None:
        """Close the connection."""
        await self._server.aclose()
