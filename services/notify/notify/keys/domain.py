"""A key as it is kept, and whether it opens anything now. Pure."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from cchc_shared.contract.rules import RuleBroken
from cchc_shared.identity.api_keys import KeyKind
from notify.keys.rules import KeyRules


class StoredKey(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the table `api_key`: everything of a key but itself."""

    id: str
    system: str
    kind: KeyKind
    digest: bytes
    created_at: datetime
    created_by: str
    expires_at: datetime
    revoked_at: datetime | None = None
    revoked_by: str | None = None
    last_used_at: datetime | None = None

    @property
    def prefix(self) -> str:
        """What is shown of it."""
        return f"cchc_{self.kind}_{self.id}"

    def holds(self, now: datetime) -> bool:
        """Whether it opens anything, as far as it alone says."""
        return self.revoked_at is None and now < self.expires_at


class Refusal(StrEnum):
    """Why a key opens nothing. A wrong secret is an unknown key: nothing else is told to whoever guesses."""

    UNKNOWN = "unknown"
    EXPIRED = "expired"
    REVOKED = "revoked"
    SUSPENDED = "suspended"


def refusal(key: StoredKey, now: datetime, *, suspended: bool) -> Refusal | None:
    """Why a key whose secret is right is refused now; None: it is not."""
    if key.revoked_at is not None:
        return Refusal.REVOKED
    if now >= key.expires_at:
        return Refusal.EXPIRED
    return Refusal.SUSPENDED if suspended else None


def expiry(now: datetime, days: int, rules: KeyRules) -> datetime:
    """When a key of so many days ends. Raises `RuleBroken` beyond what the city allows."""
    most = rules.longest_days.value
    if days > most:
        raise RuleBroken("days", f"nhiều nhất {most} ngày", f"must be at most {most}")
    return now + timedelta(days=days)


def overlap_end(key: StoredKey, now: datetime, hours: int, rules: KeyRules) -> datetime:
    """When a key that is rotated ends: after the overlap, and no later than it would have. Raises `RuleBroken`."""
    most = rules.longest_overlap_hours.value
    if hours > most:
        raise RuleBroken("overlap_hours", f"nhiều nhất {most} giờ", f"must be at most {most}")
    return min(key.expires_at, now + timedelta(hours=hours))


def how_many_hold(keys: Iterable[StoredKey], now: datetime) -> int:
    """How many of them open something now."""
    return sum(key.holds(now) for key in keys)
