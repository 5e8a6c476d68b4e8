"""Consultations: units are asked for their opinion on a task."""

from cchc_shared.contract.provenance import Text
from cchc_shared.service.context import Context
from cchc_shared.service.feature import Feature, Tag
from cchc_shared.service.workflow import Workflow
from tasks_api.consultations.routes import router
from tasks_api.consultations.rules import ConsultationRules
from tasks_api.consultations.service import Consultations
from tasks_api.consultations.store import ConsultationStore
from tasks_api.consultations.timers import LAPSING
from tasks_api.consultations.transitions import TABLE
from tasks_api.units.service import Units

NAME = Text("việc lấy ý kiến này", "this consultation")


def open_consultations(here: Context) -> Consultations:
    rules = ConsultationRules.load(here.profile)
    store = ConsultationStore(here.clock, here.calendar, rules, here.use(Units))
    return Consultations(
        engine=here.engine,
        reading=here.reading,
        clock=here.clock,
        calendar=here.calendar,
        rules=rules,
        store=store,
        workflow=Workflow(NAME, TABLE, store, here.engine, here.clock),
    )


FEATURE = Feature(
    "consultations",
    provides={Consultations: open_consultations},
    routers=(router,),
    sweeps=(LAPSING,),
    tags=(Tag("consultations", "Lấy ý kiến các đơn vị · Consultations of units"),),
)
