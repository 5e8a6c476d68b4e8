"""Working time: days off, make-up days and office hours of a city, and deadlines counted in them.

All counting is done in the local time of the calendar's timezone; what comes in and goes out are aware instants.
A day of work is the same length everywhere in the calendar, so that an instant corresponds to one *worked time*:
(working days before its day) × (length of a day) + (time worked that day). Deadlines are additions on that line.
Inside, times are whole microseconds: they add exactly, and faster than `timedelta`.
"""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import accumulate
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from cchc_shared.calendar.days import days_off_by_law
from cchc_shared.calendar.document import CalendarDocument, DaysByLaw, of_day
from cchc_shared.contract.yaml_text import document_of

WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MARGIN_YEARS: Final = 50
"""Years before the first and after the last documented one that can still be counted in, provisionally."""

MICROSECOND: Final = timedelta(microseconds=1)


class WorkingCalendar:
    """Counts working days and hours; every method is exact and takes microseconds."""

    def __init__(self, document: CalendarDocument, law: DaysByLaw) -> None:
        self.document = document
        self.timezone = ZoneInfo(document.timezone)
        self._periods = document.office_hours.periods()
        self._day_length = sum(closes - opens for opens, closes in self._periods)
        first_year, last_year = min(document.years) - MARGIN_YEARS, max(document.years) + MARGIN_YEARS
        self._first = date(first_year, 1, 1).toordinal()
        last = date(last_year, 12, 31).toordinal()
        self._working = _working_days(document, law, self.timezone, self._first, last)
        # Ordinals of the working days, in order; and how many of them are before each day of the range.
        self._days = [self._first + offset for offset, works in enumerate(self._working) if works]
        self._before = list(accumulate(self._working[:-1], initial=0))
        # All that comes in on one day is due at the same few closings.
        self._closing = lru_cache(maxsize=1024)(lambda ordinal: self._instant(ordinal, self._periods[-1][1]))

    @property
    def hours_of_day(self) -> float:
        """Working hours of a working day."""
        return self._day_length * MICROSECOND / timedelta(hours=1)

    @staticmethod
    def load(profile: Path) -> "WorkingCalendar":
        """Read `calendar.yaml` and `days_by_law.yaml` of a city; a faulty document raises `ValueError`."""
        return _made(*((profile / name).read_text("utf-8") for name in ("calendar.yaml", "days_by_law.yaml")))

    def first_undecided(self, since: date) -> date:
        """The first day from `since` on of which it is not decided whether it is worked.

        Until it is, that day is what the law says, and before the law's document weekends only.
        """
        year = since.year
        while year in self.document.years:
            if unsure := [day for day in self.document.years[year].unsure if day >= since]:
                return min(unsure)
            year += 1
        return max(since, date(year, 1, 1))

    def is_provisional(self, start: datetime, end: datetime) -> bool:
        """Whether a decision that is still to come may move a deadline that counts from `start` to `end`."""
        return self.first_undecided(self.local_date(start)) <= last_day_before(end, self.timezone)

    def covers(self, instant: datetime) -> bool:
        """Whether its local day is one in which can be counted."""
        return 0 <= self._local(instant).toordinal() - self._first < len(self._working)

    def is_working_day(self, day: date) -> bool:
        """Whether offices are open that local day; a make-up Saturday is a working day."""
        return self._working[self._offset(day.toordinal())]

    def local_date(self, instant: datetime) -> date:
        """The local day of an instant; not its UTC day, which differs in Hanoi before 7 a.m."""
        return self._local(instant).date()

    def end_of_day(self, day: date) -> datetime:
        """First instant after that local day, in UTC: from then on what was due that day is late."""
        return self._instant(day.toordinal() + 1, 0)

    def add_working_days(self, start: datetime, days: int) -> datetime:
        """End of office hours of the n-th working day after the local day of `start` (n ≥ 1), in UTC."""
        if days < 1:
            raise ValueError("at least one working day must be added")
        today = self._offset(self._local(start).toordinal())
        worked = self._before[today] + self._working[today]
        return self._closing(self._day(worked + days - 1))

    def add_calendar_days(self, start: datetime, days: int) -> datetime:
        """End of the n-th day after the local day of `start` (n ≥ 1), or of the next working day if that one is off.

        Bộ luật Dân sự 2015, Điều 147 khoản 2, Điều 148 khoản 5 and 6: the first day does not count, a term that ends on
        a day off ends with the next working day, and a day ends at midnight.
        """
        if days < 1:
            raise ValueError("at least one day must be added")
        last = self._offset(self._local(start).toordinal() + days)
        return self._instant(self._day(self._before[last]) + 1, 0)

    def add_working_hours(self, start: datetime, hours: float | timedelta) -> datetime:
        """Earliest instant (UTC) at which that much working time has passed since `start`.

        Exactly at a closing time the answer is the closing, not the next opening. Adding nothing outside office
        hours gives the next opening.
        """
        added = (hours if isinstance(hours, timedelta) else timedelta(hours=hours)) // MICROSECOND
        if added < 0:
            raise ValueError("working time can only be added")
        local = self._local(start)
        today = self._offset(local.toordinal())
        if not added:
            return self._open_at_or_after(local, today)
        return self._when_worked(self._worked(local, today) + added)

    def working_hours_before(self, end: datetime, hours: float) -> datetime:
        """Earliest instant (UTC) from which no more than that much working time is left until `end`."""
        left = timedelta(hours=hours) // MICROSECOND
        local = self._local(end)
        return self._when_worked(self._worked(local, self._offset(local.toordinal())) - left)

    def working_time_between(self, a: datetime, b: datetime) -> timedelta:
        """Working time from `a` to `b`; negative when `b` is before `a`."""
        start, end = self._local(a), self._local(b)
        worked = self._worked(end, self._offset(end.toordinal())) - self._worked(start, self._offset(start.toordinal()))
        return worked * MICROSECOND

    def _worked(self, local: datetime, offset: int) -> int:
        """Working time from the start of the range to a local time of the day at `offset`."""
        worked = self._before[offset] * self._day_length
        if self._working[offset]:
            now = of_day(local)
            for opens, closes in self._periods:
                if now <= opens:
                    break
                worked += (now if now < closes else closes) - opens
        return worked

    def _when_worked(self, worked: int) -> datetime:
        """Earliest instant at which that much was worked since the start of the range."""
        days, rest = divmod(worked, self._day_length)
        if not rest:  # a full day ends at its closing time
            days, rest = days - 1, self._day_length
        return self._instant(self._day(days), self._time_of_day(rest))

    def _time_of_day(self, worked: int) -> int:
        """Earliest time of a working day at which that much of it (more than nothing) was worked."""
        for opens, closes in self._periods:
            if worked <= closes - opens:
                return opens + worked
            worked -= closes - opens
        raise AssertionError("more time than a day has")

    def _open_at_or_after(self, local: datetime, offset: int) -> datetime:
        if self._working[offset]:
            now = of_day(local)
            for opens, closes in self._periods:
                if now <= closes:
                    return self._instant(local.toordinal(), max(now, opens))
        following = self._before[offset] + self._working[offset]
        return self._instant(self._day(following), self._periods[0][0])

    def _local(self, instant: datetime) -> datetime:
        if instant.tzinfo is None:
            raise ValueError("an instant needs a timezone")
        return instant.astimezone(self.timezone)

    def _instant(self, ordinal: int, microseconds: int) -> datetime:
        midnight = datetime.fromordinal(ordinal).replace(tzinfo=self.timezone)
        return (midnight + microseconds * MICROSECOND).astimezone(UTC)

    def _offset(self, ordinal: int) -> int:
        offset = ordinal - self._first
        if not 0 <= offset < len(self._working):
            raise ValueError(f"{date.fromordinal(ordinal)} is outside the calendar")
        return offset

    def _day(self, number: int) -> int:
        """Ordinal of the working day with that number."""
        if not 0 <= number < len(self._days):
            raise ValueError("the deadline is outside the calendar")
        return self._days[number]


def last_day_before(end: datetime, timezone: ZoneInfo) -> date:
    """The local day of the last moment before an exclusive end: a deadline at midnight belongs to the day it ends."""
    return (end - datetime.resolution).astimezone(timezone).date()


def _working_days(document: CalendarDocument, law: DaysByLaw, zone: ZoneInfo, first: int, last: int) -> list[bool]:
    weekend = {WEEKDAYS.index(name) for name in document.weekend}
    off = {day.toordinal() for year in document.years.values() for day in year.days_off}
    made_up = {day.toordinal() for year in document.years.values() for day in year.make_up_workdays}
    if clash := off & made_up:
        raise ValueError(f"both off and made up: {sorted(map(date.fromordinal, clash))}")
    for year in range(law.effective_from.year, date.fromordinal(last).year + 1):
        if year not in document.years:
            offset = datetime(year, 1, 1, tzinfo=zone).utcoffset() or timedelta()
            by_law = days_off_by_law(law, year, weekend, offset / timedelta(hours=1))
            off.update(day.toordinal() for day in by_law)
    # Day 1 of the calendar was a Monday.
    return [day in made_up or ((day - 1) % 7 not in weekend and day not in off) for day in range(first, last + 1)]


@lru_cache(maxsize=4)
def _made(calendar: str, law: str) -> WorkingCalendar:
    """It counts a century of days once in a process: nothing in it changes."""
    return WorkingCalendar(document_of(calendar, CalendarDocument), document_of(law, DaysByLaw))
