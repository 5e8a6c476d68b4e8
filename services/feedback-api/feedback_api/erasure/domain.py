"""What an erasure is, and from when on a report is due for it."""

from calendar import monthrange
from datetime import datetime

import msgspec

from feedback_api.reports.domain import Erased


class Tombstone(msgspec.Struct, frozen=True, kw_only=True):
    """What was erased, when, and why: by a rule of the city's document, or at an operator's request for a reason."""

    what: Erased
    at: datetime
    rule: str | None = None
    rules_version: str | None = None
    reason: str | None = None
    actor: str | None = None


def months_before(at: datetime, months: int) -> datetime:
    """The same time of day so many months earlier; the last day of that month where it is shorter."""
    years, month = divmod(at.year * 12 + at.month - 1 - months, 12)
    return at.replace(year=years, month=month + 1, day=min(at.day, monthrange(years, month + 1)[1]))


def missing(erased: Erased | None, what: Erased) -> list[Erased]:
    """What is still to be erased, in order: words never go before their sender."""
    wanted = [Erased.CONTACT] if what is Erased.CONTACT else [Erased.CONTACT, Erased.TEXT]
    return wanted if erased is None else [each for each in wanted if each is Erased.TEXT and erased is Erased.CONTACT]
