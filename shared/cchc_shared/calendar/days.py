"""Days off by law in a year that nobody has decided on yet: what a deadline can be reckoned with until then."""

from collections.abc import Set as AbstractSet
from datetime import date, timedelta

from cchc_shared.calendar.document import DaysByLaw, Holiday
from cchc_shared.calendar.lunar import solar_day

DAY = timedelta(days=1)


def days_off_by_law(law: DaysByLaw, year: int, weekend: AbstractSet[int], utc_offset_hours: float) -> set[date]:
    """The days off of that year, without weekends (`weekend` has their numbers, Monday is 0).

    A holiday that falls on a weekend is given back on the next day that would be worked. Years in which the government
    exchanges days, or lays Tết otherwise, differ: such a year is never called decided.
    """
    holidays = {day for holiday in law.holidays for day in _days(holiday, year, utc_offset_hours)}
    off = set(holidays)
    for day in sorted(day for day in holidays if day.weekday() in weekend):
        instead = day + DAY
        while instead.weekday() in weekend or instead in off:
            instead += DAY
        off.add(instead)
    return {day for day in off if day.weekday() not in weekend}


def _days(holiday: Holiday, year: int, utc_offset_hours: float) -> list[date]:
    month, day = map(int, holiday.day.split("-"))
    on = solar_day(year, month, day, utc_offset_hours) if holiday.lunar else date(year, month, day)
    if on < holiday.effective_from or (holiday.effective_until is not None and on > holiday.effective_until):
        return []
    return [on + offset * DAY for offset in range(-holiday.before, holiday.after + 1)]
