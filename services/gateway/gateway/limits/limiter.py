"""Counts a request for its caller by its class, and says in its answer how the caller stands."""

from collections.abc import Iterator
from functools import cache
from math import ceil
from typing import Final, NamedTuple

from prometheus_client import Counter

from cchc_shared.http.answers import Header
from cchc_shared.http.problems import Problem
from gateway.limits import problems
from gateway.limits.buckets import Buckets, Standing
from gateway.limits.callers import Caller
from gateway.limits.rules import CallerRules, Class, Kind, Policy

REFUSED: Final = Counter("cchc_limits_refused_total", "Requests over the limit of their caller", ["kind", "class"])

COUNTED: Final = "gateway.counted"
"""In the scope of a request that was counted already: its `Counted`."""


class Counted(NamedTuple):
    """A request that was counted for its caller."""

    caller: Caller
    which: Class
    policy: Policy
    standing: Standing

    @property
    def headers(self) -> list[Header]:
        """`RateLimit` and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers-10)."""
        # Together with Retry-After, `t` names the same instant.
        seconds = max(1, ceil(self.standing.seconds))
        said = b'"%s";r=%d;t=%d' % (_ascii(self.which), self.standing.left, seconds)
        return [(b"ratelimit", said), (b"ratelimit-policy", _policy(self.which, self.policy))]

    def refusal(self) -> Problem | None:
        """429, unless the request was admitted."""
        if self.standing.admitted:
            return None
        REFUSED.labels(self.caller.kind.value, self.which.value).inc()
        return problems.quota_exceeded(self.which, self.standing.seconds)


class Limiter:
    """The limits of one process: the quotas of `rules`, or its part of them where `gateways` processes count alone.

    With `shared`, quotas are whole, and what was taken is handed out to be counted together.
    """

    def __init__(self, rules: CallerRules, *, gateways: int = 1, shared: bool = False) -> None:
        self.rules = rules
        self._buckets = {
            (kind, which): Buckets(_part(rules.limits.of(kind).of(which), 1 if shared else gateways), shared=shared)
            for kind in Kind
            for which in Class
        }

    def count(self, caller: Caller, method: str, path: str, now: float) -> Counted:
        """Count one request; `now` is of the monotonic clock."""
        which = self.rules.classify(method, path)
        buckets = self._buckets[caller.kind, which]
        return Counted(caller, which, buckets.policy, buckets.take(caller.key, now))

    def buckets(self) -> Iterator[tuple[Class, Buckets]]:
        """The buckets of every kind of caller, with their class."""
        for (_, which), buckets in self._buckets.items():
            yield which, buckets


def _part(policy: Policy, gateways: int) -> Policy:
    return Policy(max(1, policy.quota // gateways), policy.seconds)


@cache
def _ascii(which: Class) -> bytes:
    return which.value.encode("ascii")


@cache
def _policy(which: Class, policy: Policy) -> bytes:
    return b'"%s";q=%d;w=%d' % (_ascii(which), policy.quota, policy.seconds)
