"""Proposals of reports that may tell the same."""

from cchc_shared.contract.yaml_text import read_document
from cchc_shared.service.context import Context
from cchc_shared.service.feature import Feature
from feedback_api import rulebook
from feedback_api.similar.routes import router
from feedback_api.similar.rules import FILE, Categories, SimilarRules
from feedback_api.similar.service import Similar


def _open(here: Context) -> Similar:
    rules = read_document(here.profile / FILE, SimilarRules)
    rules.check_codes(rulebook.load(here.profile, Categories).categories.names)
    return Similar(here.reading, here.clock, here.calendar, rules)


FEATURE = Feature("similar", provides={Similar: _open}, routers=(router,))
