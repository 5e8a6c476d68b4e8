"""Surveys of citizens: opened, answered, and sealed into the scores."""

from cchc_shared.service.context import Context
from cchc_shared.service.feature import Feature, Tag
from scoring_worker.surveys.routes import router
from scoring_worker.surveys.service import Surveys
from scoring_worker.surveys.timers import SEALING


def _open(here: Context) -> Surveys:
    return Surveys(here.engine, here.clock)


FEATURE = Feature(
    "surveys",
    provides={Surveys: _open},
    routers=(router,),
    sweeps=(SEALING,),
    tags=(Tag("surveys", "Khảo sát mức độ hài lòng · Surveys of satisfaction"),),
)
