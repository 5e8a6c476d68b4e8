"""Cards of units in seasons."""

from cchc_shared.service.context import Context
from cchc_shared.service.feature import Feature
from scoring_worker.scorecards.routes import router
from scoring_worker.scorecards.service import Scorecards


def _open(here: Context) -> Scorecards:
    return Scorecards(here.engine, here.clock)


FEATURE = Feature("scorecards", provides={Scorecards: _open}, routers=(router,))
