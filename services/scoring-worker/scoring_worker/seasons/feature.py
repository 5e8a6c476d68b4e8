"""Seasons: opened, moved on, published."""

from cchc_shared.contract.provenance import Text
from cchc_shared.service.context import Context
from cchc_shared.service.feature import Feature, Tag
from cchc_shared.service.workflow import Workflow
from scoring_worker.seasons.routes import router
from scoring_worker.seasons.service import Seasons
from scoring_worker.seasons.store import SeasonStore
from scoring_worker.seasons.transitions import TABLE

NAME = Text("đợt chấm điểm", "the season")


def _open(here: Context) -> Seasons:
    store = SeasonStore(here.clock)
    return Seasons(
        engine=here.engine,
        reading=here.reading,
        clock=here.clock,
        calendar=here.calendar,
        store=store,
        workflow=Workflow(NAME, TABLE, store, here.engine, here.clock),
    )


FEATURE = Feature(
    "seasons",
    provides={Seasons: _open},
    routers=(router,),
    tags=(Tag("seasons", "Đợt chấm điểm: tự chấm, thẩm định, hội đồng, công bố · Seasons of scoring"),),
)
