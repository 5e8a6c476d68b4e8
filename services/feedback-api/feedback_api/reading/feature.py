"""Lists, reading and history of reports."""

from cchc_shared.service.context import Context
from cchc_shared.service.feature import Feature
from cchc_shared.service.timers import Sweep
from feedback_api.deadlines.domain import Deadlines
from feedback_api.reading.routes import router
from feedback_api.reading.service import Reading
from feedback_api.reading.timers import forget, make_words


def _open(here: Context) -> Reading:
    return Reading(here.reading, here.clock, here.calendar, here.use(Deadlines))


FEATURE = Feature(
    "reading",
    provides={Reading: _open},
    routers=(router,),
    sweeps=(Sweep("feedback.words", make_words), Sweep("feedback.out_of_sight", forget)),
)
