"""Splitting a report among units."""

from cchc_shared.directory.service import Directory
from cchc_shared.service.context import Context
from cchc_shared.service.feature import Feature
from feedback_api.deadlines.domain import Deadlines
from feedback_api.parts.routes import router
from feedback_api.parts.service import Parts
from feedback_api.reports.reminders import Reminders
from feedback_api.reports.store import workflow


def _open(here: Context) -> Parts:
    return Parts(
        reading=here.reading,
        clock=here.clock,
        calendar=here.calendar,
        deadlines=here.use(Deadlines),
        reminders=here.use(Reminders),
        directory=here.use(Directory),
        workflow=workflow(here),
    )


FEATURE = Feature("parts", provides={Parts: _open}, routers=(router,))
