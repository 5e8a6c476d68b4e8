"""Counts of reports, and the rate of answers on time, in which open overdue reports count as late."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo


class Dimension(StrEnum):
    """A dimension by which reports are counted; the month is the local month of receipt."""

    MONTH = "month"
    CHANNEL = "channel"
    UNIT = "unit"
    KIND = "kind"
    CATEGORY = "category"


FACETS: Final = {Dimension.CHANNEL: 1, Dimension.KIND: 2, Dimension.CATEGORY: 4}
OF_UNITS: Final = 8


def grain(dimensions: Sequence[Dimension], *, by_unit: bool) -> int | None:
    """The number of the cells that are counted by just these dimensions, and by month; None: there are none.

    Reports are counted by any of the facets, duties of units by one of them at most: by two there would be about as
    many cells as reports.
    """
    facets = [FACETS[dimension] for dimension in dimensions if dimension in FACETS]
    if by_unit:
        return OF_UNITS + sum(facets) if len(facets) <= 1 else None
    return sum(facets)


class Span(NamedTuple):
    """A time; None: without a beginning, or without an end. The end is exclusive."""

    since: datetime | None
    until: datetime | None


class Split(NamedTuple):
    """A time as whole local months, and what is left of it before and after them."""

    months: Span | None
    rest: Sequence[Span]


def split(span: Span, zone: ZoneInfo) -> Split:
    """The whole local months of a time."""
    since = None if span.since is None else _first_month(span.since, zone)
    until = None if span.until is None else _month(span.until, zone)
    if since is not None and until is not None and since >= until:
        return Split(None, [span])
    rest = [Span(span.since, since), Span(until, span.until)]
    return Split(Span(since, until), [each for each in rest if each.since != each.until])


def month_of(instant: datetime, zone: ZoneInfo) -> Span:
    """The local month that an instant lies in."""
    begins = _month(instant, zone)
    return Span(begins, _next(begins))


def name_of(month: datetime, zone: ZoneInfo) -> str:
    """A month as answers name it: 2026-11."""
    return f"{month.astimezone(zone):%Y-%m}"


def _month(instant: datetime, zone: ZoneInfo) -> datetime:
    return datetime(*instant.astimezone(zone).timetuple()[:2], 1, tzinfo=zone)


def _next(month: datetime) -> datetime:
    return month.replace(year=month.year + month.month // 12, month=month.month % 12 + 1)


def _first_month(instant: datetime, zone: ZoneInfo) -> datetime:
    """The first month that begins then or later."""
    begins = _month(instant, zone)
    return begins if begins == instant else _next(begins)


@dataclass(frozen=True, slots=True)
class Counts:
    """Reports received in a period, and what had become of them at a moment.

    `on_time` and `late` were answered, or refused when it was too late; `overdue_open` were not, and their due time had
    passed. `missed` are duties of a unit that ended unmet, because the report passed on when it was late already.
    """

    received: int
    resolved: int
    on_time: int
    late: int
    overdue_open: int
    missed: int
    reopened: int
    satisfied: int
    unsatisfied: int

    @property
    def on_time_rate(self) -> float | None:
        """Answered in time among all that were due; None when nothing was. Not answering does not better it."""
        due = self.on_time + self.late + self.overdue_open + self.missed
        return self.on_time / due if due else None

    @property
    def satisfied_rate(self) -> float | None:
        """Satisfied among all who said whether they are; None when nobody did."""
        rated = self.satisfied + self.unsatisfied
        return self.satisfied / rated if rated else None
