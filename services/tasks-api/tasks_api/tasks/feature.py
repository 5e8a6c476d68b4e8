"""Tasks: assignment and follow-up."""

from cchc_shared.contract.provenance import Text
from cchc_shared.service.backlog import backlog
from cchc_shared.service.context import Context
from cchc_shared.service.feature import Feature, Tag
from cchc_shared.service.timers import Sweep
from cchc_shared.service.workflow import Workflow
from tasks_api.city import City
from tasks_api.tasks import repository
from tasks_api.tasks.assignment import Assigning
from tasks_api.tasks.routes import router
from tasks_api.tasks.rules import TaskRules, WorkRules
from tasks_api.tasks.service import Tasks
from tasks_api.tasks.store import TaskStore
from tasks_api.tasks.timers import forget, make_words
from tasks_api.tasks.transitions import TABLE
from tasks_api.units.service import Units

NAME = Text("nhiệm vụ này", "this task")


def open_tasks(here: Context) -> Tasks:
    rules = TaskRules.load(here.profile)
    city = City.load(here.profile)
    store = TaskStore(here.clock, here.calendar, city, rules.due_soon_days.value)
    return Tasks(
        engine=here.engine,
        reading=here.reading,
        clock=here.clock,
        calendar=here.calendar,
        city=city,
        rules=rules,
        work_rules=WorkRules.load(here.profile),
        units=here.use(Units),
        store=store,
        workflow=Workflow(NAME, TABLE, store, here.engine, here.clock),
    )


def open_assigning(here: Context) -> Assigning:
    return Assigning(
        engine=here.engine,
        clock=here.clock,
        calendar=here.calendar,
        city=City.load(here.profile),
        deadlines=TaskRules.load(here.profile).deadline_reader(here.calendar),
        units=here.use(Units),
        store=here.use(Tasks).store,
    )


BACKLOG = backlog("tasks", repository.count_open)
FEATURE = Feature(
    "tasks",
    provides={Tasks: open_tasks, Assigning: open_assigning},
    routers=(router,),
    refreshers=(BACKLOG,),
    sweeps=(Sweep("tasks.words", make_words), Sweep("tasks.out_of_sight", forget)),
    tags=(Tag("tasks", "Giao và theo dõi nhiệm vụ · Assignment and follow-up of tasks"),),
)
