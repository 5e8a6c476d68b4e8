"""Numeric targets of plans, and the values that units report."""

from cchc_shared.service.context import Context
from cchc_shared.service.feature import Feature, Tag
from tasks_api.city import City
from tasks_api.targets.routes import router
from tasks_api.targets.service import Targets
from tasks_api.units.service import Units


def _open(here: Context) -> Targets:
    return Targets(
        engine=here.engine,
        reading=here.reading,
        clock=here.clock,
        calendar=here.calendar,
        city=City.load(here.profile),
        units=here.use(Units),
    )


FEATURE = Feature(
    "targets",
    provides={Targets: _open},
    routers=(router,),
    tags=(Tag("targets", "Chỉ tiêu của kế hoạch · Targets of plans"),),
)
