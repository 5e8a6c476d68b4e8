"""From spans of the calendar to last days and first days: "before", "until", "from … to …", "N days from …"."""

import re
from datetime import date
from typing import Final, NamedTuple

from cchc_shared.calendar.working_time import WorkingCalendar
from tasks_api.deadlines.domain import Rhythm, Trigger, day_before, day_of, last_day_of_term
from tasks_api.deadlines.points import Point
from tasks_api.deadlines.sentence import Sentence, rule

DURATION: Final = rule(
    r"(?P<number>\d{1,3}) (?:(?P<working>day working|working day)|(?P<unit>day|week|month))(?! (?:\d|first|last|point))"
)
ISSUE: Final = rule(r"from (?:day )?(?:issue(?: document)?|document issue)(?! (?:of|_|\?|document|issue|\d))")
NAMED: Final = rule(r"(?:_|document)(?: of| period)* <point>")
FOLLOWING: Final = rule(r"(?:from )?(?:in )*(?P<point><point>)(?: ,)? following_years")
SINCE: Final = rule(r"(?:since|from now)")
_IN = r"(?:(?:in|until|by after|by) )*"
TERM: Final = rule(
    rf"{_IN}(?P<term><duration>)(?: ,| \()* (?P<start>since|upon|<event>|from <point>)(?: \))?"
    rf"|(?P<first>since|upon|from <point>) , {_IN}(?P<behind><duration>)"
)
CHECKED: Final = rule(r"<weekday>(?: ,)? (?P<point><point>)|(?P<before><point>)(?: ,| \()? <weekday>(?: \))?")
ONWARD: Final = rule(r"(?<!until )(?<!- )(?:in )*(?P<point><point>)(?: ,)? onward")
SPAN: Final = rule(
    r"(?P<lead>(?:before|after) )?(?:from (?:in |first )*)?(?P<first><point>)"
    r" (?:-|until) (?:(?:until|by|last) )*(?P<last><point>)(?: -)?"
)
FROM_DAY: Final = rule(r"(?:from (?:day )?|day )\d{1,2} (?:until|-) (?P<point><point>)")
FROM: Final = rule(r"from (?:(?:from|in|first|[_~]|,) )*(?P<point><point>)")
AFTER: Final = rule(r"after (?:in |last |until )*<point>")
PART: Final = rule(r"(?<!from )first (?:of )?<point>")
HOUR_BEHIND: Final = rule(r"(?P<point><point>)(?: [,(])* (?:(?:before|by|until|in) )*(?P<hour><hour>)(?: \))?")
SHARED_BEFORE: Final = rule(r"before (?:in )*<point>(?: ,? ?and| ,) <point>")
BEFORE: Final = rule(r"(?:(?:in|by|until|last) )*before (?:in )*(?:(?P<hour><hour>) )?(?:in |day )*(?P<point><point>)")
UNTIL: Final = rule(r"(?P<lead>(?:(?:in|by|until|last) )*)(?:(?P<hour><hour>) (?:in )*)?(?P<point><point>)")


class Due(NamedTuple):
    """A last day. `assumed`: its year is not written. `bound`: it may end recurring work, which begins on `first`."""

    on: date
    assumed: bool
    bound: bool
    first: date | None = None


class Placed(NamedTuple):
    """A span in a year: the document's where none is written (`assumed`), or that of another span (`inherited`)."""

    span: Point
    assumed: bool
    inherited: bool


def give_years(sentence: Sentence, issued_on: date) -> None:
    """Give each span without a year that of the next span which has one, or of the one before, or the document's.

    The spans become `Placed`, for what comes next to read.
    """
    references = sentence.references("point")
    points: list[Point] = [sentence.value(each) for each in references]
    years = [each.year for each in points]
    known = any(years)
    for place in range(len(years) - 2, -1, -1):
        years[place] = years[place] or years[place + 1]
    for place in range(1, len(years)):
        years[place] = years[place] or years[place - 1]
    for reference, point, year in zip(references, points, years, strict=True):
        try:
            span = point if point.year else point.within(year or issued_on.year)
        except ValueError:
            sentence.text = sentence.text.replace(reference, sentence.put("unreal", "29/2"))
            continue
        sentence.change(reference, Placed(span, assumed=not known, inherited=known and point.year is None))


def find_terms(sentence: Sentence) -> None:
    """Replace numbers of days by `duration`, and the issue of the document from which they count by `since`."""

    def duration(found: re.Match[str]) -> str:
        unit = "working" if found["working"] else f"{found['unit']}s"
        return sentence.put("duration", (int(found["number"]), unit))

    sentence.rewrite(DURATION, duration)
    sentence.rewrite(ISSUE, lambda _: "since")


def find_last_days(sentence: Sentence, issued_on: date, calendar: WorkingCalendar) -> None:
    """Replace spans and what stands before them by `due` and `start`, and terms by `due` and `trigger`."""
    _Structure(sentence, issued_on, calendar).find()


class _Structure:
    def __init__(self, sentence: Sentence, issued_on: date, calendar: WorkingCalendar) -> None:
        self._sentence, self._issued_on, self._calendar = sentence, issued_on, calendar

    def find(self) -> None:
        write = self._sentence.rewrite
        write(NAMED, lambda _: "unclear")
        write(FOLLOWING, self._following)
        write(ONWARD, lambda found: f"from {found['point']}")
        write(TERM, self._term)
        write(SINCE, lambda _: self._sentence.put("start", Due(self._issued_on, assumed=False, bound=True)))
        write(CHECKED, self._checked)
        write(SHARED_BEFORE, lambda _: "unclear")
        write(AFTER, lambda _: "later")
        write(PART, lambda _: "roughly")
        write(SPAN, self._span)
        write(FROM_DAY, lambda found: f"until {found['point']}")
        write(FROM, lambda found: self._start(found["point"]))
        write(HOUR_BEHIND, lambda found: self._until(found["point"], found["hour"], bound=True))
        write(BEFORE, self._before)
        write(UNTIL, lambda found: self._until(found["point"], found["hour"], bound="until" in found["lead"]))

    def _following(self, found: re.Match[str]) -> str:
        span = self._placed(found["point"]).span
        if span.grain != "year":
            return found[0]
        return self._sentence.put("rhythm", Rhythm(every="yearly", starts_on=span.first))

    def _term(self, found: re.Match[str]) -> str:
        count, unit = self._sentence.value(found["term"] or found["behind"])
        start = found["start"] or found["first"]
        if start.startswith("event"):
            if unit == "months":
                return start
            days = 7 * count if unit == "weeks" else count
            event = self._sentence.value(start)
            return self._sentence.put("trigger", Trigger(days=days, working=unit == "working", after=event))
        begins, assumed = self._issued_on, False
        if start.startswith("from"):
            span, assumed, _ = self._placed(start)
            if span.grain != "day":
                return "unclear"
            begins = span.first
        try:
            last = self._add(begins, count, unit)
            off = unit != "working" and not self._calendar.is_working_day(last)
        except (ValueError, OverflowError):  # no days at all, or outside the calendar
            return "unclear"
        due = self._sentence.put("due", Due(last, assumed, bound=True))
        return f"{due} {self._sentence.put('off', last)}" if off else due

    def _add(self, begins: date, count: int, unit: str) -> date:
        """The last day of a term; the day from which it counts is not one of its days."""
        if count < 1:
            raise ValueError("a term has a day at least")
        if unit == "months":
            months = 12 * begins.year + begins.month - 1 + count
            return day_of(months // 12, months % 12 + 1, begins.day)
        days = 7 * count if unit == "weeks" else count
        return last_day_of_term(begins, days, working=unit == "working", calendar=self._calendar)

    def _placed(self, reference: str) -> Placed:
        placed: Placed = self._sentence.value(reference)
        return placed

    def _checked(self, found: re.Match[str]) -> str:
        [weekday] = (self._sentence.value(each) for each in found[0].split() if each.startswith("weekday"))
        span = self._placed(found["point"] or found["before"]).span
        agrees = span.grain == "day" and span.first.isoweekday() == weekday
        return (found["point"] or found["before"]) if agrees else "unclear"

    def _span(self, found: re.Match[str]) -> str:
        if found["lead"] or found[0].endswith(" -"):
            return "unclear"
        first, last = self._placed(found["first"]), self._placed(found["last"])
        begins, ends, assumed = first.span, last.span, first.assumed
        if begins.first > ends.last and first.inherited:  # "Từ 15/12 đến 10/01/2026"
            begins = Point(
                begins.grain, day_of(begins.first.year - 1, begins.first.month, begins.first.day), *begins[2:]
            )
        # "Quý II/2026-2027" may be the second quarter of either year.
        mixed = ends.grain == "year" and begins.grain != "year"
        if mixed or begins.first > ends.last:
            return "unclear"
        return self._sentence.put("due", Due(ends.last, assumed, bound=True, first=begins.first))

    def _start(self, point: str) -> str:
        span, assumed, _ = self._placed(point)
        if span.grain == "years":
            return self._sentence.put("due", Due(span.last, assumed, bound=True, first=span.first))
        return self._sentence.put("start", Due(span.first, assumed, bound=True))

    def _before(self, found: re.Match[str]) -> str:
        hour = self._sentence.value(found["hour"]) if found["hour"] else ""
        if hour and hour != "00:00":
            return self._until(found["point"], found["hour"], bound=True)
        span, assumed, _ = self._placed(found["point"])
        if span.grain in ("part", "years"):
            return "unclear"
        return self._sentence.put("due", Due(day_before(span.first), assumed, bound="until" in found[0].split()))

    def _until(self, point: str, hour: str | None, *, bound: bool) -> str:
        span, assumed, _ = self._placed(point)
        first = span.first if span.grain in ("year", "years") and not bound else None
        due = self._sentence.put("due", Due(span.last, assumed, bound or first is not None, first))
        if hour is None or self._sentence.value(hour) == "24:00":
            return due
        return f"{due} {self._sentence.put('clock', self._sentence.value(hour))}" if span.grain == "day" else "unclear"
