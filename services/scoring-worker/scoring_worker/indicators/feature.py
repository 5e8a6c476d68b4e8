"""Takes in numbers of units, and shows them with all their versions."""

from cchc_shared.service.context import Context
from cchc_shared.service.feature import Feature, Tag
from scoring_worker.indicators.routes import router
from scoring_worker.indicators.service import Indicators


def _open(here: Context) -> Indicators:
    return Indicators(here.engine, here.clock)


FEATURE = Feature(
    "indicators",
    provides={Indicators: _open},
    routers=(router,),
    tags=(Tag("indicators", "Số liệu của chỉ tiêu · Numbers of indicators"),),
)
