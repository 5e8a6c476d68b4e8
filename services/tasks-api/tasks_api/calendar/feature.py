"""The working calendar, for everyone who has to compute a deadline."""

from cchc_shared.service.context import Context
from cchc_shared.service.feature import Feature, Tag
from tasks_api.calendar.routes import router
from tasks_api.calendar.service import DeadlineCalculator
from tasks_api.calendar.timers import OUTLOOK
from tasks_api.units.service import Units


def open_deadlines(here: Context) -> DeadlineCalculator:
    return DeadlineCalculator(here.calendar, here.use(Units))


FEATURE = Feature(
    "calendar",
    provides={DeadlineCalculator: open_deadlines},
    routers=(router,),
    refreshers=(OUTLOOK,),
    tags=(Tag("calendar", "Lịch làm việc và thời hạn · Working calendar and deadlines"),),
)
