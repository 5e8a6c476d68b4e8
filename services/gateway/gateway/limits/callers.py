"""Who calls: the subject of a token that was proven, else the address."""

import re
import time
from collections import OrderedDict
from collections.abc import Mapping
from functools import lru_cache
from ipaddress import IPv6Address, ip_address
from typing import Final, NamedTuple

from starlette.types import Scope

from cchc_shared.contract.codes import Role
from cchc_shared.contract.trace import caller as told
from cchc_shared.http.problems import Problem
from cchc_shared.http.tokens import Principal, Tokens
from gateway.limits.buckets import Buckets
from gateway.limits.rules import Kind, Policy

MOST_PROVEN: Final = 20_000
PROVEN_SECONDS: Final = 60.0
"""For so long a token that was proven is not looked at again. If it expires meanwhile, it counts as its owner's."""
_BEARER: Final = re.compile(rb"(?i)bearer +([A-Za-z0-9._~+/-]+=*) *")


class Caller(NamedTuple):
    """Whom a request counts for. `key` is unique among all kinds, and is never written to a log or a metric."""

    key: str
    kind: Kind


class Callers:
    """Tells callers apart by what they cannot forge.

    A token counts for its subject only once it was checked, as services check it. Made-up tokens count for the address
    they come from, and `wrong` of them until no further one is looked at: neither many tokens nor the work of refusing
    them can be had for nothing. Who has a good token shares nothing with others behind the same address.
    """

    def __init__(self, tokens: Tokens, wrong: Policy) -> None:
        self._tokens = tokens
        self._wrong = Buckets(wrong)
        self._proven: OrderedDict[bytes, tuple[float, Caller]] = OrderedDict()

    def known(self, scope: Scope, given: Mapping[bytes, bytes], now: float) -> Caller | None:
        """Whom a request counts for; None: its token has to be `proven` first."""
        header = given.get(b"authorization")
        if header is None:
            return _at(scope)
        until, caller = self._proven.get(header, (0.0, None))
        return caller if until > now else None

    async def proven(self, scope: Scope, given: Mapping[bytes, bytes]) -> Caller:
        """The subject of the token, or the address where it proves nothing."""
        header, address = given.get(b"authorization", b""), _at(scope)
        bearer, now = _BEARER.fullmatch(header), time.monotonic()
        if bearer is None or self._wrong.is_empty(address.key, now):
            return address
        before = told.get()
        try:
            principal = await self._tokens.principal(bearer[1].decode("ascii"))
        except Problem as problem:
            if problem.status == 401:
                self._wrong.take(address.key, now)
            return address
        finally:
            told.set(before)  # what is logged of the caller does not hang on whether it was looked at just now
        caller = _of(principal)
        self._proven[header] = now + PROVEN_SECONDS, caller
        self._proven.move_to_end(header)
        if len(self._proven) > MOST_PROVEN:
            self._proven.popitem(last=False)
        return caller

    def doubts(self, scope: Scope) -> bool:
        """Whether so much that was wrong came from an address that nothing new from there is looked at."""
        return self._wrong.is_empty(_at(scope).key, time.monotonic())

    def was_wrong(self, scope: Scope) -> None:
        """What came from that address proved nothing."""
        self._wrong.take(_at(scope).key, time.monotonic())


def _of(principal: Principal) -> Caller:
    kind: Kind = "system" if principal.has(Role.SYSTEM) else "person"
    return Caller(f"{kind}:{principal.namespace}", kind)


def _at(scope: Scope) -> Caller:
    client = scope["client"]
    return _address(client[0] if client else "")


@lru_cache(4096)
def _address(host: str) -> Caller:
    """An address, or the /64 that it is in: whoever has one address of IPv6 has all of those."""
    try:
        address = ip_address(host)
    except ValueError:  # a proxy that we believe named nobody, or there is none
        return Caller("address:", "address")
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return Caller(f"address:{address.ipv4_mapped}", "address")
        return Caller(f"address:{int(address) >> 64:x}", "address")
    return Caller(f"address:{address}", "address")
