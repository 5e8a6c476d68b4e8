"""Months of the local calendar, and the rules by which their figures are closed."""

from calendar import monthrange
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Annotated, NamedTuple, Self

import msgspec

from cchc_shared.contract.provenance import Provenance


class Month(NamedTuple):
    """A month of the local calendar."""

    year: int
    month: int

    @classmethod
    def of(cls, text: str) -> Self:
        """From `2026-11`."""
        year, month = text.split("-")
        return cls(int(year), int(month))

    def __str__(self) -> str:
        return f"{self.year:04}-{self.month:02}"

    @property
    def first_day(self) -> date:
        return date(self.year, self.month, 1)

    @property
    def last_day(self) -> date:
        return date(self.year, self.month, monthrange(self.year, self.month)[1])

    @property
    def following(self) -> "Month":
        return Month(self.year + self.month // 12, self.month % 12 + 1)

    @property
    def former(self) -> "Month":
        return Month(self.year - (self.month == 1), (self.month - 2) % 12 + 1)

    def since_january(self) -> Iterator["Month"]:
        """The months of its year up to itself."""
        return (Month(self.year, month) for month in range(1, self.month + 1))


class ClosingRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A month is closed when this day of the following month is over, in local time, whether it is worked or not."""

    id: str
    effective_from: date
    effective_until: date | None = None
    day: Annotated[int, msgspec.Meta(ge=1, le=28)]
    source: str
    status: Provenance

    def in_force(self, day: date) -> bool:
        return self.effective_from <= day and (self.effective_until is None or day <= self.effective_until)

    def closing_day(self, month: Month) -> date:
        """The day at whose end a month closes."""
        return month.following.first_day.replace(day=self.day)


def closing_rule(rules: Iterable[ClosingRule], month: Month) -> ClosingRule | None:
    """The first rule in force on the first day of a month; None for a month that does not close by itself."""
    return next((rule for rule in rules if rule.in_force(month.first_day)), None)


def months_to_close(rules: Sequence[ClosingRule], closed: Iterable[Month], until: date) -> Iterator[Month]:
    """The months that close at the end of that day or earlier and are not closed, oldest first."""
    done = set(closed)
    first = min(rule.effective_from for rule in rules)
    month = Month(first.year, first.month)
    while month.last_day <= until:
        rule = closing_rule(rules, month)
        if month not in done and rule is not None and rule.closing_day(month) <= until:
            yield month
        month = month.following
