"""Reads the wording of a deadline. What is not understood gets no date and a question, never a guess."""

from datetime import date
from typing import Final

from cchc_shared.calendar.working_time import WorkingCalendar
from tasks_api.deadlines import doubts
from tasks_api.deadlines.asides import set_aside
from tasks_api.deadlines.conclusion import Conclusion
from tasks_api.deadlines.domain import Deadline
from tasks_api.deadlines.points import find_points
from tasks_api.deadlines.rhythms import attach_days, find_clock, find_rhythms
from tasks_api.deadlines.rules import DeadlineRules, PlausibleYears
from tasks_api.deadlines.structure import find_last_days, find_terms, give_years
from tasks_api.deadlines.words import Lexicon, cleaned

LONGEST: Final = 1000
"""Characters; a longer text is no deadline."""


class DeadlineReader:
    """Reads wordings in a city's words; a faulty list of words raises `ValueError`.

    A wording becomes symbols; what is understood is replaced, step by step, by what it means; and any word that is
    left over and is not known to say nothing about time keeps the whole from getting a date.
    """

    def __init__(self, rules: DeadlineRules, years: PlausibleYears, calendar: WorkingCalendar) -> None:
        self._lexicon, self._years, self._calendar = Lexicon(rules), years, calendar

    def read(self, wording: str, issued_on: date) -> Deadline:
        """What the wording of a deadline ("Quý II/2024") says in a document issued on `issued_on`."""
        text = cleaned(wording)
        if len(text) > LONGEST:
            return Deadline(reading="none", doubts=(doubts.TOO_LONG,))
        tokens = self._lexicon.tokens(text)
        if all(each.symbol == "blank" or not (each.symbol[0].isalnum() or each.symbol in "_?") for each in tokens):
            return Deadline(reading="blank", doubts=(doubts.BLANK,))
        sentence = set_aside(tokens, text)
        find_clock(sentence)
        find_rhythms(sentence)
        find_points(sentence)
        attach_days(sentence)
        find_terms(sentence)
        give_years(sentence, issued_on)
        find_last_days(sentence, issued_on, self._calendar)
        return Conclusion(sentence, text, issued_on, self._years, self._lexicon).deadline()
