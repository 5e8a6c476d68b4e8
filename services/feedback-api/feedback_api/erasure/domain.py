"""What an erasure is, and from when on a report is due for it."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import datetime
from typing import Self

import msgspec

from feedback_api.reports.domain import Erased
from feedback_api.reports.rules import Periods


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


@dataclass(frozen=True, slots=True)
class Ends:
    """Reports that ended by these instants lose their sender, and their words. The second is never the later one."""

    contact: datetime
    text: datetime

    @classmethod
    def at(cls, now: datetime, periods: Periods) -> Self:
        """As they are at `now`, in the time zone that it carries."""
        return cls(months_before(now, periods.contact.months), months_before(now, periods.text.months))

    def of(self, what: Erased) -> datetime:
        return self.contact if what is Erased.CONTACT else self.text

    def due(self, erased: Erased | None, ended_at: datetime) -> list[Erased]:
        """What a report that ended then is to lose now, in order."""
        return [what for what in missing(erased, Erased.TEXT) if ended_at <= self.of(what)]
