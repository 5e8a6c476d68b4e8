"""What is sent, what an answer means, when it is tried again, and when a webhook is disabled. Pure."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Final, NamedTuple
from uuid import UUID
from zlib import crc32

import msgspec

from cchc_shared.contract.rules import RuleBroken
from notify.audience.domain import TYPES_TOLD, Scope
from notify.webhooks.rules import WebhookRules

GONE: Final = 410
"""The receiver wants no more of it (Standard Webhooks)."""
_SUCCESS: Final = range(200, 300)
_JITTER_PARTS: Final = 1000


class DisabledFor(StrEnum):
    """Why a webhook is sent nothing."""

    ASKED = "asked"
    GONE = "gone"
    FAILING = "failing"


class DeliveryState(StrEnum):
    """What became of an event that is to be sent."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    GIVEN_UP = "given_up"


class Failure(StrEnum):
    """Why there is no answer at all."""

    TIMEOUT = "timeout"
    NO_ADDRESS = "no_address"
    ADDRESS_REFUSED = "address_refused"
    TLS = "tls"
    CONNECTION = "connection"


class Webhook(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the table `webhook`. Without `units` it is sent what concerns any unit of its system's scope."""

    id: UUID
    system: str
    url: str
    event_types: Sequence[str]
    units: Sequence[str]
    disabled_for: DisabledFor | None = None
    disabled_at: datetime | None = None
    failing_since: datetime | None = None
    secret_number: int = 1
    previous_until: datetime | None = None
    """Until then the secret before this one signs too."""
    created_at: datetime
    created_by: str

    def numbers(self, now: datetime) -> Sequence[int]:
        """The numbers of the secrets that sign now, the newest first."""
        rotating = self.previous_until is not None and now < self.previous_until
        return (self.secret_number, self.secret_number - 1) if rotating else (self.secret_number,)


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """One event for one webhook, taken to be sent for the `attempts`th time."""

    id: int
    webhook_id: UUID
    event_id: UUID
    body: str
    attempts: int


class Answer(NamedTuple):
    """What came of one attempt: a status, or else why there is none."""

    status: int | None = None
    failure: Failure | None = None
    retry_after: timedelta | None = None

    @property
    def taken(self) -> bool:
        """Only 2xx is success: a redirect is none (Standard Webhooks)."""
        return self.status in _SUCCESS


class Verdict(NamedTuple):
    """What becomes of a delivery after an attempt; `next_at` says when it is tried again."""

    state: DeliveryState
    next_at: datetime | None = None


def verdict(delivery: Delivery, answer: Answer, now: datetime, rules: WebhookRules) -> Verdict:
    """What becomes of it. The pauses are those of the rules, a little longer by chance that its id decides.

    So many that failed at once do not come back at once. The receiver may ask for a longer pause, within a bound.
    """
    if answer.taken:
        return Verdict(DeliveryState.DELIVERED)
    if delivery.attempts > len(rules.pauses):
        return Verdict(DeliveryState.GIVEN_UP)
    share = crc32(delivery.event_id.bytes) % _JITTER_PARTS / _JITTER_PARTS
    pause = rules.pauses[delivery.attempts - 1] * (1 + share / 10)
    if answer.retry_after is not None:
        pause = max(pause, min(answer.retry_after, rules.longest_pause))
    return Verdict(DeliveryState.WAITING, now + pause)


def disabling(webhook: Webhook, answer: Answer, now: datetime, rules: WebhookRules) -> DisabledFor | None:
    """Why it is to be disabled after this answer; None: it is not."""
    if answer.status == GONE:
        return DisabledFor.GONE
    failing = webhook.failing_since
    if not answer.taken and failing is not None and now - failing >= rules.disabled_after:
        return DisabledFor.FAILING
    return None


def retry_after(text: str, now: datetime) -> timedelta | None:
    """What a header Retry-After asks for: seconds or a date (RFC 9110, 10.2.3). None where it says neither."""
    if text.isascii() and text.isdigit():
        return timedelta(seconds=min(int(text[:10]), 10**9))
    try:
        when = parsedate_to_datetime(text)
    except ValueError:
        return None
    # A date without a zone is meant in UTC: the form of RFC 9110 ends with GMT.
    return max((when if when.tzinfo else when.replace(tzinfo=UTC)) - now, timedelta())


def check_wanted(event_types: Sequence[str], units: Sequence[str], scope: Scope) -> None:
    """Raise `RuleBroken` where more is wanted than the scope of the system lets it be told."""
    unknown = sorted(name for name in event_types if TYPES_TOLD.get(name) not in scope.things)
    if unknown:
        raise RuleBroken(
            "event_types",
            "có loại sự kiện mà phạm vi của hệ thống này không có",
            "has an event type that is not in the scope of this system",
        )
    if scope.units is not None and not scope.units.issuperset(units):
        raise RuleBroken(
            "units", "có đơn vị ngoài phạm vi của hệ thống này", "has a unit that is not in the scope of this system"
        )
