"""Places, for routing and for whoever asks."""

from cchc_shared.directory.service import Directory
from cchc_shared.service.context import Context
from cchc_shared.service.feature import Feature, Tag
from feedback_api.places.domain import Places
from feedback_api.places.routes import router
from feedback_api.places.service import PlaceLookup, load


def _open(here: Context) -> PlaceLookup:
    return PlaceLookup(here.clock, here.calendar, here.use(Places), here.use(Directory))


FEATURE = Feature(
    "places",
    provides={Places: lambda here: load(here.profile), PlaceLookup: _open},
    routers=(router,),
    tags=(Tag("places", "Địa bàn xã, phường · The communes of places"),),
)
