"""What the work of units is worth, by the city's weights."""

from cchc_shared.service.context import Context
from cchc_shared.service.feature import Feature, Tag
from tasks_api.kpi.routes import router
from tasks_api.kpi.rules import KpiRules
from tasks_api.kpi.service import Kpi
from tasks_api.units.service import Units


def _open(here: Context) -> Kpi:
    return Kpi(
        reading=here.reading,
        clock=here.clock,
        calendar=here.calendar,
        rules=KpiRules.load(here.profile),
        units=here.use(Units),
    )


FEATURE = Feature(
    "kpi",
    provides={Kpi: _open},
    routers=(router,),
    tags=(Tag("kpi", "Đánh giá kết quả công việc · The worth of work"),),
)
