"""Deadlines by the rules of the city, for the features that need them."""

from cchc_shared.service.context import Context
from cchc_shared.service.feature import Feature
from feedback_api import rulebook
from feedback_api.deadlines.domain import Deadlines
from feedback_api.deadlines.rules import DeadlineRules


def _open(here: Context) -> Deadlines:
    return Deadlines(rulebook.load(here.profile, DeadlineRules), here.calendar)


FEATURE = Feature("deadlines", provides={Deadlines: _open})
