"""Bearer tokens: checked against the issuer's published keys, which are fetched and cached."""

import asyncio
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import jwt

from cchc_shared.contract.codes import Role
from cchc_shared.contract.trace import caller
from cchc_shared.http import kinds
from cchc_shared.http.problems import Problem

AUDIENCE = "cchc"
ALGORITHMS = ["EdDSA", "ES256", "RS256"]
CACHED_TOKENS = 10_000
KEYS_MAX_AGE = 300.0
KEYS_MIN_AGE = 5.0
LEEWAY_SECONDS = 120.0
"""How far an issuer's clock may be from ours, for `exp`, `nbf` and `iat`."""
MOST_CHARACTERS = 255


@dataclass(frozen=True, slots=True)
class Principal:
    """A caller whose token was checked. `unit` is the code of the unit a member of staff works for."""

    sub: str
    roles: frozenset[Role]
    unit: str | None

    @property
    def namespace(self) -> str:
        """Whose idempotency keys are the caller's own: nobody else is answered by them."""
        return self.sub

    def has(self, *roles: Role) -> bool:
        """Whether the caller holds at least one of the roles."""
        return not self.roles.isdisjoint(roles)

    def acting_as(self, *roles: Role) -> Role | None:
        """The role that the caller acts in, of those that would do: the first that the caller holds."""
        return next((role for role in roles if role in self.roles), None)


def unauthenticated(vi: str = "", en: str = "") -> Problem:
    """401: no token, or one that proves nothing."""
    return Problem(kinds.UNAUTHENTICATED, vi=vi, en=en, headers={"WWW-Authenticate": "Bearer"})


class Tokens:
    """Checks tokens against the issuer's published keys, and remembers those it has checked until they expire."""

    def __init__(self, jwks_url: str, issuer: str) -> None:
        self._url = jwks_url
        self._issuer = issuer
        self._keys: dict[str, jwt.PyJWK] = {}
        self._fetched = -KEYS_MAX_AGE
        self._fetching = asyncio.Lock()
        self._checked: dict[str, tuple[float, Principal, str]] = {}
        """Until when each token is good, whose it is, and what logs say of its bearer: the roles."""

    async def principal(self, token: str) -> Principal:
        """The caller behind a token. Raises a 401 problem."""
        known = self._checked.get(token)
        if known is not None and known[0] > time.time():
            caller.set(known[2])
            return known[1]
        try:
            key = await self._key(str(jwt.get_unverified_header(token).get("kid", "")))
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=ALGORITHMS,
                audience=AUDIENCE,
                issuer=self._issuer,
                leeway=LEEWAY_SECONDS,
                options={"require": ["exp", "sub", "iss", "aud"]},
            )
            principal = _principal(claims)
        except jwt.ExpiredSignatureError as error:
            raise unauthenticated("Mã truy cập đã hết hạn.", "The token has expired.") from error
        except (jwt.PyJWTError, ValueError) as error:
            raise unauthenticated("Mã truy cập không hợp lệ.", "The token is not valid.") from error
        if len(self._checked) >= CACHED_TOKENS:
            self._checked.clear()
        roles = "+".join(sorted(principal.roles))
        self._checked[token] = (float(claims["exp"]) + LEEWAY_SECONDS, principal, roles)
        caller.set(roles)
        return principal

    async def _key(self, kid: str) -> jwt.PyJWK:
        if kid not in self._keys or time.monotonic() - self._fetched > KEYS_MAX_AGE:
            async with self._fetching:
                age = time.monotonic() - self._fetched
                # Refetch the keys for an unknown `kid`, but at most once per `KEYS_MIN_AGE`: otherwise anyone could
                # make us call the issuer by sending made-up key ids.
                if age > KEYS_MAX_AGE or (kid not in self._keys and age > KEYS_MIN_AGE):
                    await self._fetch()
        try:
            return self._keys[kid]
        except KeyError as error:
            raise unauthenticated("Không nhận ra nơi cấp mã truy cập.", "The token's issuer is not known.") from error

    async def _fetch(self) -> None:
        try:
            if self._url.startswith("file://"):
                document = jwt.PyJWKSet.from_json(_read(self._url.removeprefix("file://")))
            else:
                async with httpx.AsyncClient(timeout=3) as client:
                    response = await client.get(self._url)
                    response.raise_for_status()
                    document = jwt.PyJWKSet.from_json(response.text)
        except (httpx.HTTPError, OSError) as error:
            if self._keys:  # keys we had stay good while their issuer is away
                return
            raise Problem(kinds.TOKEN_KEYS_UNAVAILABLE, headers={"Retry-After": "2"}) from error
        self._keys = {str(key.key_id): key for key in document.keys}
        self._fetched = time.monotonic()


def _read(path: str) -> str:
    return Path(path).read_text(encoding="utf-8")


def _principal(claims: dict[str, Any]) -> Principal:
    roles, unit = claims.get("roles", []), claims.get("unit")
    if not isinstance(roles, list) or not (unit is None or isinstance(unit, str)):
        raise ValueError("roles must be a list and unit a string")
    # An empty subject would be taken for a caller without a token, whose keys and ids are kept under the empty name.
    if not all(0 < len(name) <= MOST_CHARACTERS and name.isprintable() for name in (claims["sub"], unit or "-")):
        raise ValueError("sub and unit must be short printable texts")
    return Principal(sub=claims["sub"], roles=frozenset(Role(role) for role in roles), unit=unit)
