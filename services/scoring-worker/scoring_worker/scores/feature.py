"""Reads scores."""

from cchc_shared.service.context import Context
from cchc_shared.service.feature import Feature, Tag
from scoring_worker.scores.routes import router
from scoring_worker.scores.service import Scores


def _open(here: Context) -> Scores:
    return Scores(here.engine, here.clock)


FEATURE = Feature(
    "scores",
    provides={Scores: _open},
    routers=(router,),
    tags=(Tag("scores", "Điểm chỉ số và căn cứ của điểm · Scores and what they are made of"),),
)
