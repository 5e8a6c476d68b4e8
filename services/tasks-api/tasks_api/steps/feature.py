"""Steps of tasks."""

from cchc_shared.service.context import Context
from cchc_shared.service.feature import Feature, Tag
from tasks_api.steps.routes import router
from tasks_api.steps.service import Steps
from tasks_api.tasks.rules import WorkRules


def _open(here: Context) -> Steps:
    most = WorkRules.load(here.profile).most_steps.value
    return Steps(engine=here.engine, clock=here.clock, calendar=here.calendar, most=most)


FEATURE = Feature(
    "steps",
    provides={Steps: _open},
    routers=(router,),
    tags=(Tag("steps", "Các bước thực hiện nhiệm vụ · Steps of tasks"),),
)
