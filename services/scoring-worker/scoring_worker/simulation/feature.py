"""Tries other ways of scoring."""

from cchc_shared.service.context import Context
from cchc_shared.service.feature import Feature, Tag
from scoring_worker.simulation.routes import router
from scoring_worker.simulation.service import Simulations


def _open(here: Context) -> Simulations:
    return Simulations(here.reading, here.clock, here.calendar)


FEATURE = Feature(
    "simulation",
    provides={Simulations: _open},
    routers=(router,),
    tags=(Tag("simulations", "Mô phỏng cách chấm · Other ways of scoring"),),
)
