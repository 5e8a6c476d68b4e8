"""What keys stand for: asked of notify once for all who wait, and kept for a minute."""

import asyncio
from collections import OrderedDict
from time import monotonic
from typing import Final, NamedTuple

import msgspec
from structlog import get_logger

from cchc_shared.http import kinds
from cchc_shared.http.problems import Problem, overloaded
from cchc_shared.identity.api_keys import ApiKey
from gateway.upstreams.faults import Lost, UpstreamFault
from gateway.upstreams.upstream import Upstream

PATH: Final = "/internal/keys/exchange"
KEPT_SECONDS: Final = 60.0
"""What was revoked, suspended or narrowed goes on for so long at most."""
RENEWED_SECONDS: Final = 30.0
"""Older than this, it is asked for again beside the requests: nobody waits, and a restart of notify is not noticed."""
REFUSED_SECONDS: Final = 5.0
MOST_KEPT: Final = 10_000
MOST_ASKING: Final = 64
ASK_SECONDS: Final = 5.0

log = get_logger()


class Standing(NamedTuple):
    """The token that stands for a key, or why there is none, and until when that holds without being asked again."""

    token: str | None
    refused: str | None
    renew: float
    until: float


class _Said(msgspec.Struct):
    token: str | None = None
    refused: str | None = None


class Exchange:
    """Keys by their digest; the oldest is forgotten first."""

    def __init__(self, notify: Upstream) -> None:
        self._notify = notify
        self._known: OrderedDict[bytes, Standing] = OrderedDict()
        self._asking: dict[bytes, asyncio.Task[Standing]] = {}

    def at_once(self, key: ApiKey) -> Standing | None:
        """What is known of a key; None: it has to be asked for. What is old is asked for again meanwhile."""
        now, known = monotonic(), self._known.get(key.digest)
        if known is None or known.until <= now:
            return None
        if known.renew <= now and len(self._asking) < MOST_ASKING:
            self._ask(key)
        return known

    async def of(self, key: ApiKey) -> Standing:
        """The same, asked for if it must be. Raises a 503 problem while that cannot be found out."""
        known = self.at_once(key)
        if known is not None:
            return known
        if key.digest not in self._asking and len(self._asking) >= MOST_ASKING:
            raise overloaded()
        try:
            # Others wait for the same: whoever hangs up leaves it to them.
            return await asyncio.shield(self._ask(key))
        except (OSError, UpstreamFault, msgspec.DecodeError) as error:
            raise Problem(kinds.TOKEN_KEYS_UNAVAILABLE, headers={"Retry-After": "2"}) from error

    async def close(self) -> None:
        """End what is still asked."""
        for task in list(self._asking.values()):
            task.cancel()

    def _ask(self, key: ApiKey) -> asyncio.Task[Standing]:
        if key.digest not in self._asking:
            task = asyncio.create_task(self._fetch(key), name="exchange of a key")
            self._asking[key.digest] = task
            task.add_done_callback(lambda done: self._asked(key.digest, done))
        return self._asking[key.digest]

    def _asked(self, digest: bytes, done: asyncio.Task[Standing]) -> None:
        del self._asking[digest]
        if not done.cancelled() and (error := done.exception()) is not None:
            log.warning("no exchange of keys", fault=type(error).__name__, reason=str(error))

    async def _fetch(self, key: ApiKey) -> Standing:
        began, body = monotonic(), msgspec.json.encode({"key": key.text})
        try:
            said = await self._notify.fetch(PATH, seconds=ASK_SECONDS, body=body)
        except Lost:  # the connection may have been closing as we wrote; to ask twice does no harm
            said = await self._notify.fetch(PATH, seconds=ASK_SECONDS, body=body)
        found = msgspec.json.decode(said, type=_Said)
        renew, kept = (RENEWED_SECONDS, KEPT_SECONDS) if found.token is not None else (REFUSED_SECONDS, REFUSED_SECONDS)
        standing = Standing(found.token, found.refused, began + renew, began + kept)
        self._known[key.digest] = standing
        self._known.move_to_end(key.digest)
        if len(self._known) > MOST_KEPT:
            self._known.popitem(last=False)
        return standing
