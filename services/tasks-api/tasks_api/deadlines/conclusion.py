"""From what was understood of a wording, and what was left over, to what it says."""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, Final

import msgspec

from cchc_shared.contract.provenance import Text
from tasks_api.deadlines import doubts
from tasks_api.deadlines.domain import Deadline, Rhythm
from tasks_api.deadlines.rules import PlausibleYears
from tasks_api.deadlines.sentence import Sentence, rule
from tasks_api.deadlines.structure import Due
from tasks_api.deadlines.words import Lexicon

REMARK: Final = rule(r"\((?: (?:\?:\d+|<reason>|[_~]|issue|document|period|time|of|in|and|[,;/.-]|\d+))* \)")
_KNOWN: Final = re.compile(
    r"[^\w?]|_|time|of|in|and|issue|document|period|numbered|this|soon|tentative|onward"
    r"|(?:due|start|rhythm|r\.\w+|trigger|reason|event|clock|off):\d+"
)
_NUMBER: Final = re.compile(r"\d+|duration:\d+")
_KNOWN_QUESTIONS: Final = {
    "later": doubts.LATER,
    "roughly": doubts.ROUGHLY,
    "week": doubts.ROUGHLY,
    "first": doubts.ROUGHLY,
}


class Conclusion:
    """What one wording says."""

    def __init__(self, sentence: Sentence, text: str, issued_on: date, years: PlausibleYears, lexicon: Lexicon) -> None:
        self._text, self._issued_on, self._years, self._lexicon = text, issued_on, years, lexicon
        self._sentence = sentence
        self._dues: list[Due] = sentence.values("due")
        self._starts: list[Due] = sentence.values("start")
        self._remarks = self._drop_remarks()
        self._symbols = sentence.text.split()
        self._left = [each for each in self._symbols if not _KNOWN.fullmatch(each)]

    def deadline(self) -> Deadline:
        """The first of these that applies."""
        if self._sentence.references("unreal"):
            return self._none(doubts.no_such_day(self._text))
        for day in (each.on for each in (*self._dues, *self._starts)):
            if not self._issued_on.year - self._years.before <= day.year <= self._issued_on.year + self._years.after:
                return self._none(doubts.improbable(self._text, day.year))
        return self._question() or self._left_over() or self._elsewhere() or self._recurring() or self._dated()

    def _question(self) -> Deadline | None:
        """Words of the city's lists, and turns of phrase, that leave two readings open."""
        if questions := self._sentence.values("question"):
            return self._ambiguous(self._lexicon.questions[questions[0]])
        if self._has("dated_aside") or (self._dues and self._has("reason", "event", "trigger")):
            return self._ambiguous(doubts.WITH_EVENT)
        for symbol, why in _KNOWN_QUESTIONS.items():
            if symbol in self._left:
                return self._ambiguous(why)
        if self._dues and self._has("onward", "following_years"):
            return self._ambiguous(doubts.GOES_ON)
        return None

    def _left_over(self) -> Deadline | None:
        """What was not understood. Beside a reason or an event it may be anything: there is no date in any case."""
        if self._has("reason", "event", "trigger") and not self._begins_with_rhythm():
            return None
        unknown = self._unknown()
        if unknown and len(unknown) == len(self._left) and not self._has("due", "start", "rhythm", "r"):
            return self._none(doubts.unreadable(self._text))
        if unknown:
            return Deadline(reading="ambiguous", doubts=(doubts.unread(self._text, unknown),))
        if not self._left:
            at_once = "soon" in self._symbols and not self._has(
                "due", "start", "rhythm", "r", "reason", "event", "trigger"
            )
            return self._ambiguous(doubts.AT_ONCE) if at_once else None
        if self._left == ["periodic"]:
            return None
        if self._left == ["upon"]:
            return self._ambiguous(doubts.AT_ONCE)
        numbers = not self._dues and all(_NUMBER.fullmatch(each) for each in self._left)
        return self._ambiguous(doubts.NO_START if numbers else doubts.NOT_ALL)

    def _elsewhere(self) -> Deadline | None:
        """The last day stands elsewhere, or follows from an event; a rhythm of reports beside it is kept."""
        rhythm = self._rhythms()
        if triggers := self._sentence.values("trigger"):
            if len(triggers) > 1:
                return self._ambiguous(doubts.NOT_ALL)
            return self._no_date(doubts.AFTER_EVENT, trigger=triggers[0], rhythm=rhythm)
        if self._has("event"):
            return self._no_date(doubts.AFTER_EVENT, rhythm=rhythm)
        reasons = self._sentence.values("reason")
        if reasons and not self._begins_with_rhythm():
            return self._no_date(self._lexicon.reasons[reasons[0][0]], rhythm=rhythm)
        return None

    def _recurring(self) -> Deadline | None:
        rhythms, starts = self._rhythms(), [each.on for each in self._starts]
        if "periodic" in self._left and not (rhythms or self._dues):
            why = doubts.question(self._text, doubts.WHICH_RHYTHM)
            return Deadline(reading="recurring", doubts=(why,))
        if self._dues and not (rhythms and all(each.bound for each in self._dues)):
            return self._ambiguous(doubts.WITH_RHYTHM) if rhythms else None
        if not rhythms and not starts:
            return None
        if len(self._dues) > 1 or len(starts) > 1:
            return self._ambiguous(doubts.WITH_RHYTHM)
        ends_on = self._dues[0].on if self._dues else None
        starts += [each.first for each in self._dues if each.first]
        starts_on = starts[0] if starts else None
        if starts_on and ends_on and starts_on > ends_on:
            return self._ambiguous(doubts.BACKWARDS)
        bounded = [
            msgspec.structs.replace(each, starts_on=each.starts_on or starts_on, ends_on=ends_on)
            for each in rhythms or (Rhythm(every="continuous"),)
        ]
        return Deadline(reading="recurring", rhythm=tuple(bounded))

    def _dated(self) -> Deadline:
        if not self._dues:
            return self._none(doubts.unreadable(self._text))
        days = sorted({each.on for each in self._dues})
        due_on = days[-1]
        if any(start.on > due_on for start in self._starts):
            return self._ambiguous(doubts.BACKWARDS)
        if due_on < self._issued_on and any(each.assumed for each in self._dues):
            return self._ambiguous(doubts.WHICH_YEAR)
        several = tuple(days) if len(days) > 1 else ()
        return Deadline(reading="dated", due_on=due_on, milestones=several, doubts=tuple(self._warnings(days)))

    def _warnings(self, days: Sequence[date]) -> Iterator[Text]:
        if len(days) > 1:
            yield doubts.several(days)
        if days[-1] < self._issued_on:
            yield doubts.before_issue(self._text)
        yield from map(doubts.hour_not_kept, self._sentence.values("clock"))
        yield from map(doubts.day_off, self._sentence.values("off"))
        if self._remarks:
            yield doubts.unread_remark(self._remarks)
        if "tentative" in self._symbols:
            yield doubts.tentative(self._text)

    def _rhythms(self) -> tuple[Rhythm, ...]:
        """Each rhythm once. "Continuously" adds nothing to another one."""
        found = [self._sentence.value(each) for each in self._symbols if re.match(r"rhythm:|r\.", each)]
        once = list(dict.fromkeys(found))
        return tuple(each for each in once if each.every != "continuous" or len(once) == 1)

    def _begins_with_rhythm(self) -> bool:
        kinds = [each for each in self._symbols if re.match(r"rhythm:|r\.|start:|reason:|event:|trigger:", each)]
        return bool(kinds) and not kinds[0].startswith(("reason", "event", "trigger"))

    def _drop_remarks(self) -> list[str]:
        """Take remarks in brackets away where there is something beside them; returns what they say that is unknown."""
        if not re.search(r"due:|rhythm:|r\.", self._sentence.text):
            return []
        words: list[str] = []

        def unread(found: re.Match[str]) -> str:
            values = [(each, self._sentence.value(each)) for each in found[0].split() if ":" in each]
            words.extend(value[1] if each.startswith("reason") else value for each, value in values)
            words.extend(re.findall(r"(?<!\S)\d+", found[0]))
            return "_"

        self._sentence.rewrite(REMARK, unread)
        return words

    def _unknown(self) -> list[str]:
        return [self._sentence.value(each) for each in self._left if each.startswith("?")]

    def _has(self, *kinds: str) -> bool:
        return any(re.match(rf"{kind}(?![a-z_])", each) for each in self._symbols for kind in kinds)

    def _no_date(self, why: Text, **more: Any) -> Deadline:
        return self._none(doubts.no_date(why), elsewhere=True, **more)

    def _none(self, why: Text, **more: Any) -> Deadline:
        return Deadline(reading="none", doubts=(why,), **more)

    def _ambiguous(self, why: Text) -> Deadline:
        return Deadline(reading="ambiguous", doubts=(doubts.question(self._text, why),))
