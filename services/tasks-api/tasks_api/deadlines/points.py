"""Finds days, months, quarters, parts of years and years in a sentence."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Final, Literal, NamedTuple

from tasks_api.deadlines.domain import LAST_DAY, day_of
from tasks_api.deadlines.sentence import Sentence, rule

ROMAN: Final = {"I": 1, "II": 2, "III": 3, "IV": 4, "V": 5, "VI": 6}
EARLIEST: Final = 1900
"""Years before it are slips of the pen."""
LEAP_YEAR: Final = 2024
"""Stands for a year that is not known."""

Grain = Literal["day", "month", "quarter", "part", "year", "years"]

_N, _Y = r"\d{1,2}", r"\d{4}"
_Q = r"(?:IV|III|II|I|V|VI|\d{1,2})"
_NEXT_Q = r"(?:IV|III|II|I|0?[1-4])"
_JOINT = r"(?: ?(?:,|-|and|, and|/)) "
_TAIL = rf"(?:(?: [/.,-]| of)*(?: year)?(?: of)?(?: /)? (?P<year>{_Y}))"
# "Đợt 1/2026", "Kế hoạch 12/2026": a number of something, no month; "…/11/2026": a day that was left blank.
_ITSELF = r"(?<!/ )(?<!_ )(?<!numbered )(?<!period )(?<!document )"
_NO_MORE = r"(?! [/.-] \d)"

NUMBERED: Final = rule(r"(?:numbered|period) (?:\d|IV|III|II|I|V|VI)(?! [/.-] \d)")
"""The number of a part of the work, as in "Giai đoạn 1: quý II/2026"."""
ISO: Final = rule(r"(?P<year>\d{4}) - (?P<month>\d{2}) - (?P<day>\d{2})")
FULL: Final = rule(
    rf"(?:day )*(?P<day>{_N}) (?P<mark>[/.-]) (?P<month>{_N}) (?P=mark) (?P<year>{_Y}|\d\d)(?! (?P=mark) \d)"
)
WRITTEN: Final = rule(
    rf"(?:day )+(?P<day>{_N})(?: /)? month (?P<month>{_N})(?: (?:[/,.-]|year|, year|/ year) (?P<year>{_Y}))?{_NO_MORE}"
)
WRITTEN_BARE: Final = rule(rf"(?P<day>{_N}) month (?P<month>{_N})(?: (?:/|year|, year)) (?P<year>{_Y})")
DAYS_OF_MONTH: Final = rule(rf"(?<![/.-] )(?:day )?(?P<first>{_N}) - (?P<day>{_N}) / (?P<month>{_N}) / (?P<year>{_Y})")
PART: Final = rule(
    rf"(?P<months>{_N}) month (?P<which>first|last)(?: of)? year(?: year)?(?:(?: [/,])? (?P<year>{_Y}))?"
)
HALF: Final = rule(rf"half(?: year)? (?P<which>first|last)(?: of)?(?: year)?(?:(?: [/,])? (?P<year>{_Y}))?")
NINE: Final = rule(rf"0?9 month (?:/|year|of year) (?P<year>{_Y})")
MONTHS: Final = rule(rf"month (?P<list>{_N}(?:{_JOINT}(?:month )?{_N})*){_TAIL}")
MONTH_SHORT: Final = rule(rf"month (?P<list>{_N}) [/.-] (?P<short>\d\d){_NO_MORE}")
MONTH_BARE: Final = rule(rf"{_ITSELF}(?P<list>{_N}) (?P<mark>[/.-]) (?P<year>{_Y})(?! (?P=mark) \d)")
MONTHS_OPEN: Final = rule(rf"month (?P<list>{_N}(?:(?: ,| -| and) (?:month )?{_N})*)(?! [/.-] \d)")
QUARTERS: Final = rule(rf"quarter \.? ?(?P<list>{_Q}(?:{_JOINT}(?:quarter (?:\. )?)?{_NEXT_Q})*){_TAIL}")
QUARTER_SHORT: Final = rule(rf"quarter \.? ?(?P<list>{_Q}) [/.-] (?P<short>\d\d){_NO_MORE}")
QUARTERS_OPEN: Final = rule(
    rf"quarter \.? ?(?P<list>{_Q}(?:(?: ,| -| and| , and) (?:quarter )?{_NEXT_Q})*)(?! [/.-] \d)"
)
DAY_MONTH: Final = rule(
    rf"(?:(?:day )+(?P<day>{_N}) (?P<mark>[/.-]) (?P<month>{_N})|{_ITSELF}(?P<bare_day>{_N}) / (?P<bare_month>{_N}))"
    rf"(?! / \d)(?:(?: ,)? year (?P<year>{_Y}))?"
)
YEARS: Final = rule(rf"(?:period )?(?:year )?(?P<first>{_Y}) (?:-|until) (?:year )?(?P<year>{_Y}){_NO_MORE}")
YEAR: Final = rule(rf"(?<!/ )(?:period )?(?P<said>year )?(?P<year>{_Y}){_NO_MORE}")
BRACKETED: Final = rule(rf"(?P<point><point>) \( (?:year )?(?P<year>{_Y}) \)")
THIS_YEAR: Final = rule(r"(?P<lead>(?:in|until|by|last)(?: in| last)*) year(?= [;,._)]|$)|year (?:now|this)")


class Point(NamedTuple):
    """A span of the calendar. `year` is None where the wording gives none: its days are those of a leap year."""

    grain: Grain
    first: date
    last: date
    year: int | None

    def within(self, year: int) -> "Point":
        """The same span of that year. Raises `ValueError` where the year has no such day (29/2)."""
        ends = self.grain in ("month", "part", "quarter") and self.last.month == 2
        last = day_of(year, 2, LAST_DAY) if ends else self.last.replace(year=year)
        return Point(self.grain, self.first.replace(year=year), last, year)


class _Points:
    def __init__(self, sentence: Sentence) -> None:
        self._sentence = sentence

    def find(self) -> None:
        write = self._sentence.rewrite
        write(NUMBERED, lambda _: "_")
        write(ISO, self._day)
        write(DAYS_OF_MONTH, self._days)
        write(FULL, self._day)
        write(WRITTEN, self._day)
        write(WRITTEN_BARE, self._day)
        write(PART, self._part)
        write(HALF, self._half)
        write(NINE, lambda found: self._span("part", _year(found), 1, 9))
        for quarters in (QUARTERS, QUARTER_SHORT):
            write(quarters, self._quarters)
        for months in (MONTHS, MONTH_SHORT, MONTH_BARE):
            write(months, self._months)
        write(YEARS, self._years)
        write(DAY_MONTH, self._day_month)
        write(QUARTERS_OPEN, self._quarters)
        write(MONTHS_OPEN, self._months)
        write(BRACKETED, lambda found: self._within(found["point"], _year(found)))
        write(YEAR, self._whole_year)
        write(THIS_YEAR, lambda found: f"{found['lead'] or ''} {self._span('year', None, 1, 12)}")

    def _day(self, found: re.Match[str]) -> str:
        return self._one_day(found, found["day"], found["month"], _year(found))

    def _day_month(self, found: re.Match[str]) -> str:
        return self._one_day(
            found, found["day"] or found["bare_day"], found["month"] or found["bare_month"], _year(found)
        )

    def _days(self, found: re.Match[str]) -> str:
        return f"{self._one_day(found, found['first'], found['month'], _year(found))} - {self._day(found)}"

    def _one_day(self, found: re.Match[str], day: str, month: str, year: int | None) -> str:
        if year is not None and year < EARLIEST:
            return self._unreal(found)
        try:
            that = date(year or LEAP_YEAR, int(month), int(day))
        except ValueError:
            return self._unreal(found)
        return self._sentence.put("point", Point("day", that, that, year))

    def _part(self, found: re.Match[str]) -> str:
        months = int(found["months"])
        if not 1 <= months <= 12:
            return self._unreal(found)
        first, last = (1, months) if found["which"] == "first" else (13 - months, 12)
        return self._span("part", _year(found), first, last)

    def _half(self, found: re.Match[str]) -> str:
        first, last = (1, 6) if found["which"] == "first" else (7, 12)
        return self._span("part", _year(found), first, last)

    def _months(self, found: re.Match[str]) -> str:
        return self._list(found, "month", [int(each) for each in re.findall(r"\d+", found["list"])], 12)

    def _quarters(self, found: re.Match[str]) -> str:
        named = re.findall(r"[IV]+|\d+", found["list"])
        return self._list(found, "quarter", [ROMAN.get(each) or int(each) for each in named], 4)

    def _list(self, found: re.Match[str], grain: Grain, numbers: Sequence[int], most: int) -> str:
        """One span for numbers that follow one another or are joined by a dash; else each of them."""
        if not all(1 <= each <= most for each in numbers):
            return self._unreal(found)
        length, year = 12 // most, _year(found)
        spans = [(length * (each - 1) + 1, length * each) for each in numbers]
        follows = list(numbers) == list(range(numbers[0], numbers[-1] + 1))
        joined = len(numbers) == 2 and " - " in found["list"] and numbers[0] < numbers[1]
        if len(numbers) > 1 and (follows or joined):
            return self._span("part", year, spans[0][0], spans[-1][1])
        return " , ".join(self._span(grain, year, first, last) for first, last in spans)

    def _within(self, reference: str, year: int | None) -> str:
        point: Point = self._sentence.value(reference)
        if year and not point.year and point.grain != "day":
            self._sentence.change(reference, point.within(year))
            return reference
        return f"{reference} unclear"

    def _whole_year(self, found: re.Match[str]) -> str:
        """A bare number is no year where another span lacks one: "Quý I báo cáo 2026"."""
        if not found["said"] and any(each.year is None for each in self._sentence.values("point")):
            return found[0]
        return self._span("year", _year(found), 1, 12)

    def _years(self, found: re.Match[str]) -> str:
        first, last = int(found["first"]), int(found["year"])
        if not EARLIEST <= first < last:
            return self._unreal(found)
        return self._sentence.put("point", Point("years", date(first, 1, 1), date(last, 12, 31), last))

    def _span(self, grain: Grain, year: int | None, first_month: int, last_month: int) -> str:
        if year is not None and year < EARLIEST:
            return self._sentence.put("unreal", str(year))
        year_or_leap = year or LEAP_YEAR
        first, last = date(year_or_leap, first_month, 1), day_of(year_or_leap, last_month, LAST_DAY)
        return self._sentence.put("point", Point(grain, first, last, year))

    def _unreal(self, found: re.Match[str]) -> str:
        return self._sentence.put("unreal", found[0])


def find_points(sentence: Sentence) -> None:
    """Replace what names a span of the calendar by `point`, and what names none that exists by `unreal`."""
    _Points(sentence).find()


def _year(found: re.Match[str]) -> int | None:
    groups = found.groupdict()
    if short := groups.get("short"):
        return 2000 + int(short)
    year = groups.get("year")
    if year is None:
        return None
    return int(year) if len(year) == 4 else 2000 + int(year)
