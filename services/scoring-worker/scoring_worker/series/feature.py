"""Keeps indices that others publish of whole provinces."""

from cchc_shared.service.context import Context
from cchc_shared.service.feature import Feature, Tag
from scoring_worker.series.routes import router
from scoring_worker.series.service import Series


def _open(here: Context) -> Series:
    return Series(here.engine, here.clock)


FEATURE = Feature(
    "series",
    provides={Series: _open},
    routers=(router,),
    tags=(Tag("series", "Chỉ số do nơi khác công bố · Indices that others publish"),),
)
