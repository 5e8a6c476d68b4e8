"""Plans: documents that assign many tasks at once, and their progress."""

from anyio import CapacityLimiter

from cchc_shared.files.apart import AT_ONCE
from cchc_shared.service.context import Context
from cchc_shared.service.feature import Feature, Tag
from tasks_api.annexes.rules import AnnexRules
from tasks_api.city import City
from tasks_api.plans.amending import Amending
from tasks_api.plans.importing import Imports
from tasks_api.plans.routes import router
from tasks_api.plans.service import Plans
from tasks_api.tasks.rules import TaskRules
from tasks_api.tasks.service import Tasks
from tasks_api.units.service import Units


def open_plans(here: Context) -> Plans:
    return Plans(
        engine=here.engine,
        clock=here.clock,
        calendar=here.calendar,
        city=City.load(here.profile),
        due_soon_days=TaskRules.load(here.profile).due_soon_days.value,
        units=here.use(Units),
        amending=here.use(Amending),
    )


def open_imports(here: Context) -> Imports:
    return Imports(
        engine=here.engine,
        clock=here.clock,
        calendar=here.calendar,
        city=City.load(here.profile),
        rules=AnnexRules.load(here.profile),
        deadlines=TaskRules.load(here.profile).deadline_reader(here.calendar),
        units=here.use(Units),
        amending=here.use(Amending),
        places=CapacityLimiter(AT_ONCE),
    )


def open_amending(here: Context) -> Amending:
    tasks = here.use(Tasks)
    return Amending(here.calendar, tasks.receiving, tasks.workflow)


FEATURE = Feature(
    "plans",
    provides={Plans: open_plans, Imports: open_imports, Amending: open_amending},
    routers=(router,),
    tags=(Tag("plans", "Kế hoạch và tiến độ thực hiện · Plans and their progress"),),
)
