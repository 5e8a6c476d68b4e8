"""The two clocks of a report, shown."""

from cchc_shared.service.context import Context
from cchc_shared.service.feature import Feature
from feedback_api.clocks.routes import router
from feedback_api.clocks.service import Clocks
from feedback_api.deadlines.domain import Deadlines


def _open(here: Context) -> Clocks:
    return Clocks(here.reading, here.clock, here.use(Deadlines))


FEATURE = Feature("clocks", provides={Clocks: _open}, routers=(router,))
