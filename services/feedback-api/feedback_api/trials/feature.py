"""Dry runs of routing rules."""

from cchc_shared.directory.service import Directory
from cchc_shared.service.context import Context
from cchc_shared.service.feature import Feature
from feedback_api.routing.domain import Router
from feedback_api.trials.routes import router
from feedback_api.trials.service import Trials


def _open(here: Context) -> Trials:
    return Trials(here.reading, here.calendar, here.use(Router), here.use(Directory))


FEATURE = Feature("trials", provides={Trials: _open}, routers=(router,))
