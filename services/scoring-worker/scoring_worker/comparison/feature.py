"""Compares scores. Its path stands before that of a unit's score, which would take it."""

from cchc_shared.service.context import Context
from cchc_shared.service.feature import Feature
from scoring_worker.comparison.routes import of_seasons, router
from scoring_worker.comparison.service import Comparisons


def _open(here: Context) -> Comparisons:
    return Comparisons(here.reading, here.clock)


FEATURE = Feature("comparison", provides={Comparisons: _open}, routers=(router, of_seasons))
