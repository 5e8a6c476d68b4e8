"""Inspections: how units do their duty, what was concluded, and what becomes of it."""

from cchc_shared.contract.provenance import Text
from cchc_shared.service.context import Context
from cchc_shared.service.feature import Feature, Tag
from cchc_shared.service.workflow import Workflow
from tasks_api.inspections.routes import recommendations, router
from tasks_api.inspections.service import Inspections, Recommendations
from tasks_api.inspections.store import InspectionStore, RecommendationStore
from tasks_api.inspections.transitions import RECOMMENDATIONS, TABLE
from tasks_api.units.service import Units

NAME = Text("cuộc kiểm tra này", "this inspection")
RECOMMENDATION = Text("kiến nghị này", "this recommendation")


def open_inspections(here: Context) -> Inspections:
    store = InspectionStore(RecommendationStore(here.clock))
    return Inspections(
        engine=here.engine,
        reading=here.reading,
        clock=here.clock,
        calendar=here.calendar,
        units=here.use(Units),
        store=store,
        workflow=Workflow(NAME, TABLE, store, here.engine, here.clock),
    )


def open_recommendations(here: Context) -> Recommendations:
    store = RecommendationStore(here.clock)
    return Recommendations(
        reading=here.reading,
        clock=here.clock,
        store=store,
        workflow=Workflow(RECOMMENDATION, RECOMMENDATIONS, store, here.engine, here.clock),
    )


FEATURE = Feature(
    "inspections",
    provides={Inspections: open_inspections, Recommendations: open_recommendations},
    routers=(router, recommendations),
    tags=(Tag("inspections", "Kiểm tra công vụ, kết luận, kiến nghị · Inspections, conclusions, recommendations"),),
)
