"""Bearer tokens: checked against the published keys of the issuer that they name, and remembered while they hold."""

import time
from collections.abc import Sequence
from typing import Final, NamedTuple

from cchc_shared.contract.trace import caller
from cchc_shared.http import kinds
from cchc_shared.http.problems import Problem
from cchc_shared.identity import compact, refusals
from cchc_shared.identity.claims import RESERVED, good_until, principal_of
from cchc_shared.identity.fetching import KeysAway
from cchc_shared.identity.issuers import Issuer
from cchc_shared.identity.keys import MAX_AGE, PublishedKeys
from cchc_shared.identity.principal import Principal
from cchc_shared.identity.refusals import Refused

__all__ = ["Principal", "Tokens", "unauthenticated"]

CACHED_TOKENS: Final = 10_000


def unauthenticated(vi: str = "", en: str = "") -> Problem:
    """401: no token, or one that proves nothing."""
    return Problem(kinds.UNAUTHENTICATED, vi=vi, en=en, headers={"WWW-Authenticate": "Bearer"})


class _Checked(NamedTuple):
    """Until when a token need not be checked again, whose it is, and what logs say of its bearer: the roles."""

    until: float
    principal: Principal
    roles: str


class Tokens:
    """Checks tokens of these issuers, and remembers those it has checked for some minutes."""

    def __init__(self, issuers: Sequence[Issuer]) -> None:
        self._issuers = {issuer.issuer: (issuer, PublishedKeys(issuer)) for issuer in issuers}
        self._taken = RESERVED | {issuer.namespace for issuer in issuers}
        self._checked: dict[str, _Checked] = {}

    async def principal(self, token: str) -> Principal:
        """The caller behind a token. Raises a 401 problem; 503 while the keys of its issuer cannot be had."""
        known = self._checked.get(token)
        if known is None or known.until <= time.time():
            try:
                known = await self._check(token)
            except Refused as refused:
                raise unauthenticated(refused.says.vi, refused.says.en) from refused
            except KeysAway as error:
                raise Problem(kinds.TOKEN_KEYS_UNAVAILABLE, headers={"Retry-After": "2"}) from error
            self._remember(token, known)
        caller.set(known.roles)
        return known.principal

    async def _check(self, token: str) -> _Checked:
        read = compact.read(token)
        named = read.claims.get("iss")
        if not isinstance(named, str) or named not in self._issuers:
            raise Refused(refusals.UNKNOWN_ISSUER)
        issuer, keys = self._issuers[named]
        if read.algorithm not in issuer.algorithms:
            raise Refused(refusals.ALGORITHM)
        key = await keys.key(read.key_id, read.algorithm)
        if not key.Algorithm.verify(read.signed, key.key, read.signature):
            raise Refused(refusals.SIGNATURE)
        now = time.time()
        end = good_until(issuer, read.claims, now)
        principal = principal_of(issuer, read.claims, self._taken)
        # Checked again later, a token ends with the key that its issuer has withdrawn.
        return _Checked(min(end, now + MAX_AGE), principal, "+".join(sorted(principal.roles)))

    def _remember(self, token: str, checked: _Checked) -> None:
        self._checked.pop(token, None)
        if len(self._checked) >= CACHED_TOKENS:
            del self._checked[next(iter(self._checked))]  # the one that was checked longest ago
        self._checked[token] = checked
