"""Plans: documents that assign many tasks at once, and their progress."""

from cchc_shared.service.context import Context
from cchc_shared.service.feature import Feature, Tag
from tasks_api.city import City
from tasks_api.plans.routes import router
from tasks_api.plans.rules import PlanRules
from tasks_api.plans.service import Plans
from tasks_api.tasks.rules import TaskRules
from tasks_api.units.service import Units


def open_plans(here: Context) -> Plans:
    rules = TaskRules.load(here.profile)
    return Plans(
        engine=here.engine,
        clock=here.clock,
        calendar=here.calendar,
        city=City.load(here.profile),
        rules=PlanRules.load(here.profile),
        deadlines=rules.deadline_reader(here.calendar),
        due_soon_days=rules.due_soon_days.value,
        units=here.use(Units),
    )


FEATURE = Feature(
    "plans",
    provides={Plans: open_plans},
    routers=(router,),
    tags=(Tag("plans", "Kế hoạch và tiến độ thực hiện · Plans and their progress"),),
)
