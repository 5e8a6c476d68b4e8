"""The public map."""

from cchc_shared.service.context import Context
from cchc_shared.service.feature import Feature, Tag
from feedback_api import rulebook
from feedback_api.public_map.routes import router
from feedback_api.public_map.service import PublicMap
from feedback_api.public_map.views import Views
from feedback_api.reports.rules import LabelRules


def _open(here: Context) -> PublicMap:
    return PublicMap(here.reading, Views(here.calendar, rulebook.load(here.profile, LabelRules)))


FEATURE = Feature(
    "public_map",
    provides={PublicMap: _open},
    routers=(router,),
    tags=(Tag("public", "Ai cũng xem được · What everyone may see"),),
)
