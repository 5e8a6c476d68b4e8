"""Counts a request for its caller by its class, and says in its answer how the caller stands."""

from collections.abc import Iterator
from math import ceil
from typing import Final, NamedTuple

from prometheus_client import Counter

from cchc_shared.http.answers import Header
from cchc_shared.http.problems import Problem
from gateway.limits import problems
from gateway.limits.buckets import Buckets, Standing
from gateway.limits.callers import Caller
from gateway.limits.rules import CLASSES, KINDS, CallerRules, Class, Kind, Policy

REFUSED: Final = Counter("cchc_limits_refused_total", "Requests over the limit of their caller", ["kind", "class"])

COUNTED: Final = "gateway.counted"
"""In the scope of a request that was counted already: its `Counted`."""


class _Limit(NamedTuple):
    """What one kind of caller may ask of one class, and how that is said in headers."""

    kind: Kind
    which: Class
    buckets: Buckets
    said: bytes
    policy: bytes

    @classmethod
    def of(cls, kind: Kind, which: Class, buckets: Buckets) -> "_Limit":
        name, policy = which.encode("ascii"), buckets.policy
        said, whole = b'"%s";r=%%d;t=%%d' % name, b'"%s";q=%d;w=%d' % (name, policy.quota, policy.seconds)
        return cls(kind, which, buckets, said, whole)


class Counted(NamedTuple):
    """A request that was counted for its caller."""

    caller: Caller
    limit: _Limit
    standing: Standing

    @property
    def headers(self) -> list[Header]:
        """`RateLimit` and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers-10)."""
        # Together with Retry-After, `t` names the same instant.
        said = self.limit.said % (self.standing.left, max(1, ceil(self.standing.seconds)))
        return [(b"ratelimit", said), (b"ratelimit-policy", self.limit.policy)]

    def refusal(self) -> Problem | None:
        """429, unless the request was admitted."""
        if self.standing.admitted:
            return None
        REFUSED.labels(self.limit.kind, self.limit.which).inc()
        return problems.quota_exceeded(self.limit.which, self.standing.seconds)


class Limiter:
    """The limits of one process: the quotas of `rules`, or its part of them where `gateways` processes count alone.

    With `shared`, quotas are whole, and what was taken is handed out to be counted together; while that cannot be,
    each process counts `apart`.
    """

    def __init__(self, rules: CallerRules, *, gateways: int = 1, shared: bool = False) -> None:
        self.rules = rules
        self._gateways = gateways
        part = 1 if shared else gateways
        self._limits: dict[Kind, dict[Class, _Limit]] = {
            kind: {
                which: _Limit.of(kind, which, Buckets(_part(rules.limits.of(kind).of(which), part), shared=shared))
                for which in CLASSES
            }
            for kind in KINDS
        }

    def count(self, caller: Caller, method: str, path: str, now: float) -> Counted:
        """Count one request; `now` is of the monotonic clock."""
        limit = self._limits[caller.kind][self.rules.classify(method, path)]
        return Counted(caller, limit, limit.buckets.take(caller.key, now))

    def apart(self, apart: bool) -> None:
        """Give callers this process's part of what they may ask, or all of it again."""
        for _, buckets in self.buckets():
            buckets.weight = min(self._gateways, buckets.policy.quota) if apart else 1

    def buckets(self) -> Iterator[tuple[Class, Buckets]]:
        """The buckets of every kind of caller, with their class."""
        for limits in self._limits.values():
            for which, limit in limits.items():
                yield which, limit.buckets


def _part(policy: Policy, gateways: int) -> Policy:
    return Policy(max(1, policy.quota // gateways), policy.seconds)
