"""Finds in a sentence how often work recurs, and on which day of the week, month or year."""

import re
from typing import Final, cast, get_args

from tasks_api.deadlines.domain import LAST_DAY, Every, Rhythm, day_before
from tasks_api.deadlines.points import Point
from tasks_api.deadlines.sentence import UNIT, Sentence, rule

EVERY: Final[dict[str, Every]] = {
    "day": "daily", "week": "weekly", "month": "monthly", "quarter": "quarterly", "year": "yearly",
    "3 month": "quarterly", "6 month": "half_yearly", "12 month": "yearly",
}  # fmt: skip
NINE_MONTHS: Final = "9 month"

_SPAN = rf"(?:0?[369] month|12 month|{UNIT})"
_PERIOD = r"(?:0?[69] month|(?:month|quarter|year)(?! \d| I| V))"
_NO_NUMBER = r"(?! (?:\d|I|V))"
LIST: Final = rule(
    rf"(?:(?:periodic|every)(?: [_~])* )+"
    rf"(?P<list>{_SPAN}(?:(?: [,/;_~]| and)+ (?:every )?{_SPAN}{_NO_NUMBER})*){_NO_NUMBER}(?: ,?/? ?time)?"
)
TIMES: Final = rule(
    rf"(?P<list>0?[36] month|12 month)(?: /)?(?: 1)? time"
    rf"|(?:0?1 )?time / (?P<unit>{UNIT}){_NO_NUMBER}|every (?P<each>{UNIT})(?: 1)? time"
)
BARE_LIST: Final = rule(rf"(?P<list>{_PERIOD}(?:(?: [,/]| and)+ {_PERIOD})+){_NO_NUMBER}")
WORD: Final = rule("|".join(get_args(Every)))
YEARS: Final = rule(rf"years{_NO_NUMBER}")

_LEAD: Final = ("before", "by", "until", "in", "last")
_LEADS = r"(?:(?:before|by|until|in|last) )*"
_AND = r"(?: ,| and| ;)"
_OPEN = r"(?: [,(:_~])*"
_WEEKDAYS = rf"{_LEADS}(?:<hour> )?(?:day )?<weekday>(?:{_AND} {_LEADS}<weekday>)*"
WEEKLY: Final = rule(rf"{_WEEKDAYS}(?: first)?(?: ,)? <r.weekly>|<r.weekly>{_OPEN} {_WEEKDAYS}(?: \))?")
_DAYS = rf"(?:<hour> )?(?:day )+\d{{1,2}}(?:{_AND} (?:day )?\d{{1,2}})*"
MONTHLY: Final = rule(
    rf"(?:from (?:day )?\d{{1,2}} )?(?P<words>{_LEADS}{_DAYS})(?: of)?(?: month)?(?: ,)? <r.monthly>"
    rf"|<r.monthly>{_OPEN} (?P<behind>{_LEADS}{_DAYS}(?! [/.-]))(?: \))?"
)
# "Ngày 20 tháng cuối quý": days of a quarter count in its last month.
QUARTER_DAY: Final = rule(
    rf"(?:<r.quarterly>{_OPEN} )?(?P<words>{_LEADS}(?:<hour> )?(?:day )+\d{{1,2}})(?: of)? month last(?: of| this)*"
    r" (?:quarter|<r.quarterly>)(?: this)?(?: \))?"
)
MONTH_END: Final = rule(
    r"(?:in |by |until )*(?:day )?last (?:day )?(?:of )?(?P<rhythm><r.monthly>|<r.quarterly>|<r.yearly>|<r.weekly>)"
)
_POINTS = rf"{_LEADS}(?:<hour> )?<point>(?:(?:{_AND})+ {_LEADS}<point>)*"
YEARLY: Final = rule(rf"(?P<words>{_POINTS})(?: of)?(?: ,)? <r.yearly>|<r.yearly>{_OPEN} (?P<behind>{_POINTS})(?: \))?")
HOUR: Final = rule(r"(?P<hour>\d{1,2}) (?:hour(?: (?P<minute>\d\d))?|: (?P<past>\d\d))(?: hour)?(?: ,)?")
WEEKDAY: Final = rule(r"weekday (?P<number>[2-7])|sunday")


def find_clock(sentence: Sentence) -> None:
    """Replace times of day by `hour` and days of the week by `weekday`."""

    def hour(found: re.Match[str]) -> str:
        hours, minutes = int(found["hour"]), int(found["minute"] or found["past"] or 0)
        if hours > 24 or minutes > 59 or (hours == 24 and minutes):
            return sentence.put("unreal", found[0])
        return sentence.put("hour", f"{hours:02}:{minutes:02}")

    sentence.rewrite(HOUR, hour)
    # "Thứ hai" is Monday, the first day of ISO's week.
    sentence.rewrite(WEEKDAY, lambda found: sentence.put("weekday", int(found["number"] or 8) - 1))


def find_rhythms(sentence: Sentence) -> None:
    """Replace what says how often by `r.<every>`, several of them for a list."""

    def listed(found: re.Match[str]) -> str:
        groups = found.groupdict()
        spans = re.findall(_SPAN, groups.get("list") or groups.get("unit") or groups.get("each") or "")
        return " ".join(named(span.removeprefix("0")) for span in spans)

    def named(span: str) -> str:
        if span == NINE_MONTHS:
            return sentence.put("r.nine", Rhythm(every="yearly", month=9))
        return sentence.put(f"r.{EVERY[span]}", Rhythm(every=EVERY[span]))

    sentence.rewrite(TIMES, listed)
    sentence.rewrite(LIST, listed)
    sentence.rewrite(BARE_LIST, listed)
    sentence.rewrite(YEARS, lambda _: "yearly")
    sentence.rewrite(rule("years"), lambda _: "year")
    sentence.rewrite(WORD, lambda found: sentence.put(f"r.{found[0]}", Rhythm(every=cast(Every, found[0]))))


def attach_days(sentence: Sentence) -> None:
    """Join rhythms with the days that stand beside them; what was joined becomes `rhythm`."""
    sentence.rewrite(QUARTER_DAY, lambda found: _in_month(sentence, found["words"], "quarterly"))
    sentence.rewrite(MONTH_END, lambda found: found["rhythm"])
    sentence.rewrite(WEEKLY, lambda found: _weekly(sentence, found[0]))
    sentence.rewrite(MONTHLY, lambda found: _in_month(sentence, found["words"] or found["behind"], "monthly"))
    sentence.rewrite(YEARLY, lambda found: _yearly(sentence, found))


def _weekly(sentence: Sentence, words: str) -> str:
    hour, made, before = _hour(sentence, words), [], False
    for word in words.split():
        if word in _LEAD:
            before = word == "before" and not hour
        elif word.startswith("weekday:"):
            weekday = sentence.value(word)
            made.append(Rhythm(every="weekly", weekday=(weekday - 1 or 7) if before else weekday, hour=hour))
    return " ".join(sentence.put("rhythm", each) for each in made)


def _in_month(sentence: Sentence, words: str, every: Every) -> str:
    hour = _hour(sentence, words)
    before = "before" in words.split() and not hour
    made = []
    for number in map(int, re.findall(r"(?<!\S)\d{1,2}(?!\S)", words)):
        if not 1 <= number <= LAST_DAY:
            return sentence.put("unreal", words)
        if before and number == 1 and every != "monthly":
            return "unclear"
        made.append(Rhythm(every=every, day=(number - 1 or LAST_DAY) if before else number, hour=hour))
    return " ".join(sentence.put("rhythm", each) for each in made)


def _yearly(sentence: Sentence, found: re.Match[str]) -> str:
    """Days and months of every year; a span with a year of its own bounds the rhythm instead."""
    words = found["words"] or found["behind"]
    points: list[Point] = [sentence.value(each) for each in words.split() if each.startswith("point:")]
    if any(each.year for each in points):
        return found[0]
    hour, made, before = _hour(sentence, words), [], False
    for word in words.split():
        if word in _LEAD:
            before = word == "before"
        elif word.startswith("point:"):
            point: Point = sentence.value(word)
            on_time = bool(before and not hour)
            last = day_before(point.first) if on_time else point.last
            # "Before 1/3" is the last day of February, in leap years too.
            ends_month = on_time and point.first.day == 1
            day = last.day if point.grain == "day" and not ends_month else None
            made.append(Rhythm(every="yearly", month=last.month, day=day, hour=hour))
    return " ".join(sentence.put("rhythm", each) for each in made)


def _hour(sentence: Sentence, words: str) -> str | None:
    return next((sentence.value(each) for each in words.split() if each.startswith("hour:")), None)
