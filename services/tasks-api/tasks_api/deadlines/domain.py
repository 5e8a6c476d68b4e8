"""What the wording of a deadline says, and the days on which recurring work is due."""

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final, Literal

import msgspec

from cchc_shared.calendar.working_time import WorkingCalendar, last_day_before
from cchc_shared.contract.provenance import Text

Every = Literal["continuous", "daily", "weekly", "monthly", "quarterly", "half_yearly", "yearly"]
Reading = Literal["dated", "recurring", "none", "ambiguous", "blank"]

MONTHS: Final[dict[Every, int]] = {"monthly": 1, "quarterly": 3, "half_yearly": 6, "yearly": 12}
"""Length of a rhythm in months."""

LAST_DAY: Final = 31
"""As the day of a month: its last one, also where the month is shorter."""


class Rhythm(msgspec.Struct, frozen=True, kw_only=True):
    """How often work is due. What is None was not said: the work is due at the end of the week, month, quarter, year.

    `weekday` is 1 for Monday to 7 for Sunday. `day` counts within the month (the last one of a quarter or half-year);
    the last day of a shorter month stands for the days that it lacks. `month` is of a yearly rhythm. `hour` is "HH:MM"
    local time, before which it is due.
    """

    every: Every
    weekday: int | None = None
    day: int | None = None
    month: int | None = None
    hour: str | None = None
    starts_on: date | None = None
    ends_on: date | None = None


class Trigger(msgspec.Struct, frozen=True, kw_only=True):
    """A number of days after an event that has no date yet. Somebody confirms the event; then there is a deadline."""

    days: int
    working: bool
    after: str
    """The event, in the words of the document."""


class Deadline(msgspec.Struct, frozen=True, kw_only=True):
    """What a wording says. Only `dated` has a last day; whoever finds `doubts` shows them to a person.

    `none` has no date, and `doubts` say why; `ambiguous` has none until somebody answers the question in `doubts`.
    """

    reading: Reading
    due_on: date | None = None
    """The inclusive last day."""
    milestones: tuple[date, ...] = ()
    """Every day that is named, in order, where there are several; `due_on` is the last."""
    rhythm: tuple[Rhythm, ...] = ()
    trigger: Trigger | None = None
    elsewhere: bool = False
    """It was read, and names something else than a day: another document, an event."""
    doubts: tuple[Text, ...] = ()

    @property
    def understood(self) -> bool:
        """Whether it says what is due when, or that it says no day. Else somebody has to answer, or to mend it."""
        says = self.due_on is not None or self.trigger is not None or bool(self.rhythm)
        return says or self.elsewhere or self.reading == "blank"


def occurrences(rhythm: Rhythm, since: date, until: date) -> Iterator[date]:
    """The last day of each occurrence from `since` to `until`, both included, in order. Continuous work has none."""
    since = max(since, rhythm.starts_on or since)
    until = min(until, rhythm.ends_on or until)
    if rhythm.every == "continuous":
        return
    if rhythm.every in ("daily", "weekly"):
        yield from _days(rhythm, since, until)
        return
    months = MONTHS[rhythm.every]
    for number in range(12 * since.year + since.month - 1, 12 * until.year + until.month):
        year, month = number // 12, number % 12 + 1
        due_in_month = month == rhythm.month if rhythm.month else month % months == 0
        if due_in_month and since <= (day := day_of(year, month, rhythm.day or LAST_DAY)) <= until:
            yield day


def day_of(year: int, month: int, day: int) -> date:
    """That day of the month, or its last one where it is shorter."""
    return date(year, month, min(day, monthrange(year, month)[1]))


def _days(rhythm: Rhythm, since: date, until: date) -> Iterator[date]:
    weekday = None if rhythm.every == "daily" else rhythm.weekday or 7
    for ordinal in range(since.toordinal(), until.toordinal() + 1):
        day = date.fromordinal(ordinal)
        if weekday is None or day.isoweekday() == weekday:
            yield day


def day_before(day: date) -> date:
    """The last day of what is to be done before that day."""
    return day - timedelta(days=1)


def last_day_of_term(begins: date, days: int, *, working: bool, calendar: WorkingCalendar) -> date:
    """The n-th day after the one from which a term counts. Raises `ValueError` or `OverflowError` outside the calendar.

    A term of calendar days that ends on a day off keeps its day.
    """
    if days < 1:
        raise ValueError("a term has a day at least")
    if not working:
        return begins + timedelta(days=days)
    midnight = calendar.end_of_day(day_before(begins))
    return last_day_before(calendar.add_working_days(midnight, days), calendar.timezone)
