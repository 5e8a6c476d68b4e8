"""Overviews: what is late, what waits, what was handed on, who is silent, and which papers came back."""

from cchc_shared.service.context import Context
from cchc_shared.service.feature import Feature, Tag
from tasks_api.overviews.routes import router
from tasks_api.overviews.service import Overviews


def _open(here: Context) -> Overviews:
    return Overviews(reading=here.reading, clock=here.clock, calendar=here.calendar)


FEATURE = Feature(
    "overviews",
    provides={Overviews: _open},
    routers=(router,),
    tags=(Tag("overviews", "Tổng quan cho điều phối · Overviews for co-ordination"),),
)
