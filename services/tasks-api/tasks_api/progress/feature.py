"""Progress of tasks on any day, by what they have in common."""

from cchc_shared.service.context import Context
from cchc_shared.service.feature import Feature, Tag
from tasks_api.city import City
from tasks_api.progress.routes import router
from tasks_api.progress.rules import ProgressRules
from tasks_api.progress.service import ProgressReader
from tasks_api.tasks.rules import TaskRules


def _open(here: Context) -> ProgressReader:
    return ProgressReader(
        reading=here.reading,
        clock=here.clock,
        calendar=here.calendar,
        city=City.load(here.profile),
        levels=ProgressRules.load(here.profile).reader(),
        due_soon_days=TaskRules.load(here.profile).due_soon_days.value,
    )


FEATURE = Feature(
    "progress",
    provides={ProgressReader: _open},
    routers=(router,),
    tags=(Tag("progress", "Tiến độ thực hiện nhiệm vụ · Progress of tasks"),),
)
