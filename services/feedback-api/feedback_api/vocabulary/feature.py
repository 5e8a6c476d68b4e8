"""The vocabulary of reports."""

from cchc_shared.service.context import Context
from cchc_shared.service.feature import Feature
from feedback_api import rulebook
from feedback_api.vocabulary.routes import router
from feedback_api.vocabulary.rules import VocabularyRules
from feedback_api.vocabulary.schemas import VocabularyOut
from feedback_api.vocabulary.views import vocabulary


def _open(here: Context) -> VocabularyOut:
    return vocabulary(rulebook.load(here.profile, VocabularyRules))


FEATURE = Feature("vocabulary", provides={VocabularyOut: _open}, routers=(router,))
"""Made once: it is as lasting as the process."""
