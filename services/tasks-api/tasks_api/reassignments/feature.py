"""Reassignments: open work of units that ended moves to their heirs."""

from cchc_shared.service.context import Context
from cchc_shared.service.feature import Feature
from tasks_api.city import City
from tasks_api.consultations.service import Consultations
from tasks_api.inspections.service import Recommendations
from tasks_api.reassignments.routes import router
from tasks_api.reassignments.service import Reassignments
from tasks_api.reassignments.store import Movers
from tasks_api.reassignments.timers import RUNNING
from tasks_api.submissions.service import Submissions
from tasks_api.tasks.domain import Receiving
from tasks_api.tasks.service import Tasks
from tasks_api.units.service import Units


def open_reassignments(here: Context) -> Reassignments:
    tasks = here.use(Tasks)
    movers = Movers(
        calendar=here.calendar,
        receiving=Receiving(here.calendar, tasks.rules.receiving_working_days.value),
        tasks=tasks.store,
        consultations=here.use(Consultations).store,
        recommendations=here.use(Recommendations).store,
        submissions=here.use(Submissions).store,
    )
    return Reassignments(
        engine=here.engine,
        reading=here.reading,
        clock=here.clock,
        calendar=here.calendar,
        city=City.load(here.profile),
        units=here.use(Units),
        movers=movers,
    )


FEATURE = Feature("reassignments", provides={Reassignments: open_reassignments}, routers=(router,), sweeps=(RUNNING,))
