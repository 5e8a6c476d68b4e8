"""Actions on reports."""

from cchc_shared.directory.service import Directory
from cchc_shared.service.context import Context
from cchc_shared.service.feature import Feature
from feedback_api import rulebook
from feedback_api.deadlines.domain import Deadlines
from feedback_api.handling.routes import router
from feedback_api.handling.rules import HandlingRules
from feedback_api.handling.service import Handling
from feedback_api.reports.rules import AskingRules
from feedback_api.reports.store import workflow
from feedback_api.routing.domain import Router


def _open(here: Context) -> Handling:
    return Handling(
        clock=here.clock,
        calendar=here.calendar,
        rules=rulebook.load(here.profile, HandlingRules),
        asking=rulebook.load(here.profile, AskingRules),
        deadlines=here.use(Deadlines),
        router=here.use(Router),
        directory=here.use(Directory),
        workflow=workflow(here),
    )


FEATURE = Feature("handling", provides={Handling: _open}, routers=(router,))
