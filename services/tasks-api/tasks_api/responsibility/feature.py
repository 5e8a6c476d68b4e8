"""The register of responsibility: reviews, disciplines and praises of units and their heads."""

from cchc_shared.service.context import Context
from cchc_shared.service.feature import Feature, Tag
from tasks_api.responsibility.routes import router
from tasks_api.responsibility.service import Register
from tasks_api.units.service import Units


def _open(here: Context) -> Register:
    return Register(
        engine=here.engine, reading=here.reading, clock=here.clock, calendar=here.calendar, units=here.use(Units)
    )


FEATURE = Feature(
    "responsibility",
    provides={Register: _open},
    routers=(router,),
    tags=(Tag("responsibility", "Sổ xem xét trách nhiệm · Register of responsibility"),),
)
