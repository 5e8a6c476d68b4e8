"""The published keys of one issuer: fetched once for all who wait, kept while the issuer is away, exchanged as it
exchanges them."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from time import monotonic
from typing import Final

from jwt import PyJWK
from structlog import get_logger

from cchc_shared.identity import refusals
from cchc_shared.identity.fetching import KeysAway, KeySet, fetch
from cchc_shared.identity.issuers import Issuer
from cchc_shared.identity.refusals import Refused

MAX_AGE: Final = 300.0
"""Seconds after which keys are fetched again, so that a withdrawn one ends."""
BURST: Final = 5.0
PAUSE: Final = 2.0
"""Requests alone cause at most `BURST` fetches at once, and one in so many seconds afterwards: anyone can make up the
name of a key. An issuer that exchanges its keys several times in a row is still followed at once."""

log = get_logger()


class PublishedKeys:
    """The keys that the tokens of one issuer are checked with."""

    def __init__(self, issuer: Issuer, fetch: Callable[[Issuer], Awaitable[KeySet]] = fetch) -> None:
        self._issuer = issuer
        self._fetch = fetch
        self._keys: KeySet = {}
        self._fetching = asyncio.Lock()
        self._began = self._came = self._counted = monotonic() - MAX_AGE
        """When the last fetch began, when keys last came, and when `_left` was last counted."""
        self._left = BURST
        self._renewal: asyncio.Task[None] | None = None

    async def key(self, key_id: str, algorithm: str) -> PyJWK:
        """The key of that name, for that algorithm.

        Raises `Refused` when the issuer does not publish it, `KeysAway` when that cannot be found out now.
        """
        arrived = monotonic()
        wanted = (key_id, algorithm)
        if wanted in self._keys:
            self._renew_in_time(arrived)
            return self._keys[wanted]
        async with self._fetching:  # whoever waits here is served by the fetch of the one before, if it began later
            if wanted not in self._keys and self._began < arrived:
                await self._fetch_now()
                if not self._keys:  # who has just started can serve nobody without them: it asks once more
                    await self._fetch_now()
        if wanted in self._keys:
            return self._keys[wanted]
        if self._came < self._began or not self._keys:
            raise KeysAway("no keys came")
        raise Refused(refusals.UNKNOWN_KEY)

    def _renew_in_time(self, now: float) -> None:
        """Begins to fetch keys that have become old. Meanwhile, and while the issuer is away, they stay good."""
        idle = self._renewal is None or self._renewal.done()
        if now - self._came > MAX_AGE and idle and self._allowance() >= 1:
            self._renewal = asyncio.create_task(self._renew())

    async def _renew(self) -> None:
        async with self._fetching:
            if monotonic() - self._came > MAX_AGE:
                with suppress(KeysAway):
                    await self._fetch_now()

    def _allowance(self) -> float:
        now = monotonic()
        self._left = min(BURST, self._left + (now - self._counted) / PAUSE)
        self._counted = now
        return self._left

    async def _fetch_now(self) -> None:
        if self._allowance() < 1:
            raise KeysAway("they were fetched too often")
        self._left -= 1
        before, self._began = self._began, monotonic()
        try:
            self._keys = await self._fetch(self._issuer)
            self._came = monotonic()
        except asyncio.CancelledError:
            self._began = before  # its caller left: whoever waits begins anew
            raise
        except KeysAway as error:
            log.warning("token keys not fetched", issuer=self._issuer.namespace or "default", why=str(error))
