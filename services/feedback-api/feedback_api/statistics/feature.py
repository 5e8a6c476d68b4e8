"""Reports counted, with the rate of those answered on time."""

from cchc_shared.service.backlog import backlog
from cchc_shared.service.context import Context
from cchc_shared.service.feature import Feature, Tag
from feedback_api.statistics import cells
from feedback_api.statistics.routes import router
from feedback_api.statistics.service import Statistics
from feedback_api.statistics.timers import FILLING, FOLDING


def _open(here: Context) -> Statistics:
    return Statistics(here.reading, here.clock, here.calendar)


BACKLOG = backlog("feedback", cells.count_open)
FEATURE = Feature(
    "statistics",
    provides={Statistics: _open},
    routers=(router,),
    ticks=(FOLDING,),
    sweeps=(FILLING,),
    refreshers=(BACKLOG,),
    tags=(Tag("statistics", "Thống kê phản ánh, kiến nghị · Feedback statistics"),),
)
