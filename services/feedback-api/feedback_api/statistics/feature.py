"""Reports counted, with the rate of those answered on time."""

from cchc_shared.service.backlog import backlog
from cchc_shared.service.context import Context
from cchc_shared.service.feature import Feature, Tag
from feedback_api.statistics import repository
from feedback_api.statistics.routes import router
from feedback_api.statistics.service import Statistics


def _open(here: Context) -> Statistics:
    return Statistics(here.engine, here.clock, here.calendar)


BACKLOG = backlog("feedback", repository.count_open)
FEATURE = Feature(
    "statistics",
    provides={Statistics: _open},
    routers=(router,),
    refreshers=(BACKLOG,),
    tags=(Tag("statistics", "Thống kê phản ánh, kiến nghị · Feedback statistics"),),
)
