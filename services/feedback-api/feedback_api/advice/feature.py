"""Advice for officials, by word lists of the city."""

from cchc_shared.contract.yaml_text import read_document
from cchc_shared.service.context import Context
from cchc_shared.service.feature import Feature
from feedback_api import rulebook
from feedback_api.advice.domain import Adviser
from feedback_api.advice.routes import router
from feedback_api.advice.rules import AdviceRules
from feedback_api.advice.service import Advice
from feedback_api.handling.rules import HandlingRules
from feedback_api.similar.rules import FILE
from feedback_api.similar.service import Similar
from feedback_api.standard_replies.service import StandardReplies


def _open(here: Context) -> Advice:
    rules = read_document(here.profile / FILE, AdviceRules)
    handling = rulebook.load(here.profile, HandlingRules)
    rules.suggestions.check_codes(handling.refusals.reasons, handling.categories.names)
    return Advice(
        reading=here.reading,
        clock=here.clock,
        calendar=here.calendar,
        adviser=Adviser(rules),
        same_text=rules.marks.same_text,
        closing=handling.closing,
        similar=here.use(Similar),
        replies=here.use(StandardReplies),
    )


FEATURE = Feature("advice", provides={Advice: _open}, routers=(router,))
