"""Shows how stable ranks are."""

from cchc_shared.service.context import Context
from cchc_shared.service.feature import Feature, Tag
from scoring_worker.sensitivity.routes import router
from scoring_worker.sensitivity.service import Sensitivities


def _open(here: Context) -> Sensitivities:
    return Sensitivities(here.reading, here.clock)


FEATURE = Feature(
    "sensitivity",
    provides={Sensitivities: _open},
    routers=(router,),
    tags=(Tag("sensitivity", "Độ ổn định của thứ hạng · How stable ranks are"),),
)
