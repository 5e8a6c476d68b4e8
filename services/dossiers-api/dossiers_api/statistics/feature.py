"""Statistics of dossiers."""

from cchc_shared.service.context import Context
from cchc_shared.service.feature import Feature
from dossiers_api.statistics.routes import router
from dossiers_api.statistics.service import Statistics


def _open(here: Context) -> Statistics:
    return Statistics(here.reading, here.clock, here.calendar)


FEATURE = Feature("statistics", provides={Statistics: _open}, routers=(router,))
