"""The lunisolar calendar of East Asia: the solar day of a lunar date, computed for a time zone.

A month begins on the local day of a new moon. The month that holds the winter solstice is the eleventh. Where thirteen
months lie between two of those, the first of them in which the sun enters no new twelfth of its way is the leap month.
So the same lunar date may be another day in another zone: Tết of 1985, 2007 and 2030 is not China's new year.

Formulas: Jean Meeus, *Astronomical Formulae for Calculators* (1982), chapter 32, for new moons, and *Astronomical
Algorithms* (1991), chapter 24, for the sun. Kept to 1900-2100: beyond, nobody knows civil time well enough.
"""

from datetime import date
from functools import lru_cache
from math import floor, pi, sin
from typing import Final

MONTH: Final = 29.530588853
"""Days between two new moons, on average."""
FIRST_NEW_MOON: Final = 2415021.076998695
"""Julian date of the new moon with number 0, in January 1900, on average."""
DAY_ONE: Final = 1721425
"""Julian day number of the day before 0001-01-01."""
FIRST_YEAR, LAST_YEAR = 1900, 2100


def solar_day(year: int, month: int, day: int, utc_offset_hours: float) -> date:
    """The day of a lunar date that is not in a leap month. Raises `ValueError` outside 1900-2100 and for no such day.

    `year` is the solar year in which the lunar one begins.
    """
    if not (FIRST_YEAR < year < LAST_YEAR and 1 <= month <= 12):
        raise ValueError(f"no lunar date {year}-{month}-{day}")
    first = _eleventh_month(year - 1 if month < 11 else year, utc_offset_hours)
    last = _eleventh_month(year if month < 11 else year + 1, utc_offset_hours)
    months = (month - 11) % 12
    if last - first == 13 and months >= _leap_month(first, utc_offset_hours):
        months += 1
    starts, ends = (_new_moon_day(first + months + following, utc_offset_hours) for following in (0, 1))
    if not 1 <= day <= ends - starts:
        raise ValueError(f"no lunar date {year}-{month}-{day}")
    return date.fromordinal(starts + day - 1)


@lru_cache(maxsize=512)
def _eleventh_month(year: int, zone: float) -> int:
    """Number of the new moon that begins the month of the winter solstice of a solar year."""
    last_day = date(year, 12, 31).toordinal()
    number = floor((last_day + DAY_ONE - FIRST_NEW_MOON) / MONTH)
    if _new_moon_day(number + 1, zone) <= last_day:
        number += 1
    # Where it begins after the solstice (three quarters of the sun's way), the solstice is in the month before.
    return number if _twelfth_of_the_sun(_new_moon_day(number, zone), zone) < 9 else number - 1


def _leap_month(first: int, zone: float) -> int:
    """How many months after an eleventh month the leap month of its thirteen comes."""
    twelfths = [_twelfth_of_the_sun(_new_moon_day(first + months, zone), zone) for months in range(15)]
    return next(months for months in range(1, 14) if twelfths[months] == twelfths[months + 1])


def _twelfth_of_the_sun(ordinal: int, zone: float) -> int:
    """In which twelfth of its way (0 begins at the spring equinox) the sun stands when a local day begins."""
    since_2000 = (ordinal + DAY_ONE - 0.5 - zone / 24 - 2451545.0) / 36525
    anomaly = _radians(357.52910 + (35999.05030 - (0.0001559 + 0.00000048 * since_2000) * since_2000) * since_2000)
    mean = 280.46645 + (36000.76983 + 0.0003032 * since_2000) * since_2000
    centre = (
        (1.914600 - (0.004817 + 0.000014 * since_2000) * since_2000) * sin(anomaly)
        + (0.019993 - 0.000101 * since_2000) * sin(2 * anomaly)
        + 0.000290 * sin(3 * anomaly)
    )
    return floor((mean + centre) % 360 / 30)


@lru_cache(maxsize=4096)
def _new_moon_day(number: int, zone: float) -> int:
    """Ordinal of the local day on which a new moon falls."""
    t = number / 1236.85  # in Julian centuries since 1900
    mean = (
        2415020.75933
        + MONTH * number
        + (0.0001178 - 0.000000155 * t) * t * t
        + 0.00033 * sin(_radians(166.56 + (132.87 - 0.009173 * t) * t))
    )
    sun = _radians(359.2242 + 29.10535608 * number - (0.0000333 + 0.00000347 * t) * t * t)
    moon = _radians(306.0253 + 385.81691806 * number + (0.0107306 + 0.00001236 * t) * t * t)
    node = _radians(21.2964 + 390.67050646 * number - (0.0016528 + 0.00000239 * t) * t * t)
    true = (
        (0.1734 - 0.000393 * t) * sin(sun)
        + 0.0021 * sin(2 * sun)
        - 0.4068 * sin(moon)
        + 0.0161 * sin(2 * moon)
        - 0.0004 * sin(3 * moon)
        + 0.0104 * sin(2 * node)
        - 0.0051 * sin(sun + moon)
        - 0.0074 * sin(sun - moon)
        + 0.0004 * sin(2 * node + sun)
        - 0.0004 * sin(2 * node - sun)
        - 0.0006 * sin(2 * node + moon)
        + 0.0010 * sin(2 * node - moon)
        + 0.0005 * sin(sun + 2 * moon)
    )
    dynamical_less_civil = -0.000278 + (0.000265 + 0.000262 * t) * t
    return floor(mean + true - dynamical_less_civil + 0.5 + zone / 24) - DAY_ONE


def _radians(degrees: float) -> float:
    return degrees * pi / 180
