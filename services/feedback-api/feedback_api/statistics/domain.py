"""Counts of reports, and the rate of answers on time, in which open overdue reports count as late."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
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


class Bounded(NamedTuple):
    """A time with both its ends."""

    since: datetime
    until: datetime


class Split(NamedTuple):
    """A time as whole local months, and as the times that are to be added to them and taken from them."""

    months: Span
    added: Sequence[Bounded]
    removed: Sequence[Bounded]


def split(span: Span, zone: ZoneInfo, now: datetime) -> Split | None:
    """The months that come nearest to it, so that little is left; nothing is received later than `now`.

    None when no month lies between its ends.
    """
    since, until = span
    added: list[Bounded] = []
    removed: list[Bounded] = []
    if since is not None:
        begins, between = _nearest_month(since, zone, now)
        (removed if begins <= since else added).append(between)
        since = begins
    if until is not None:
        ends, between = _nearest_month(until, zone, now)
        (added if ends <= until else removed).append(between)
        until = ends
    if since is not None and until is not None and since >= until:
        return None
    return Split(Span(since, until), _real(added), _real(removed))


def _real(spans: Sequence[Bounded]) -> Sequence[Bounded]:
    return [span for span in spans if span.since < span.until]


def _nearest_month(instant: datetime, zone: ZoneInfo, now: datetime) -> tuple[datetime, Bounded]:
    """The beginning of the month, or of the next, from which the fewest days have passed; and what lies between."""
    month = month_of(instant, zone)
    before, after = Bounded(month.since, instant), Bounded(instant, month.until)
    return (month.since, before) if _passed(before, now) <= _passed(after, now) else (month.until, after)


def month_of(instant: datetime, zone: ZoneInfo) -> Bounded:
    """The local month that an instant lies in."""
    begins = datetime(*instant.astimezone(zone).timetuple()[:2], 1, tzinfo=zone)
    return Bounded(begins, begins.replace(year=begins.year + begins.month // 12, month=begins.month % 12 + 1))


def name_of(month: datetime, zone: ZoneInfo) -> str:
    """A month as answers name it: 2026-11."""
    return f"{month.astimezone(zone):%Y-%m}"


def _passed(span: Bounded, now: datetime) -> timedelta:
    """How much of it is over."""
    return max(min(span.until, now) - span.since, timedelta())


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
