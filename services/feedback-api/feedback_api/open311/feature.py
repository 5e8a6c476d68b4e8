"""Open311 GeoReport v2."""

from typing import cast

from cchc_shared.service.context import Context
from cchc_shared.service.feature import Feature, Tag
from feedback_api import rulebook
from feedback_api.intake.service import Intake
from feedback_api.open311.access import ApiKeys, Seals
from feedback_api.open311.routes import official_router, router
from feedback_api.open311.rules import Open311Rules
from feedback_api.open311.service import GeoReport
from feedback_api.open311.views import Views
from feedback_api.settings import FeedbackSettings


def _open(here: Context) -> GeoReport:
    settings = cast("FeedbackSettings", here.settings)
    rules = rulebook.load(here.profile, Open311Rules)
    return GeoReport(
        engine=here.engine,
        reading=here.reading,
        clock=here.clock,
        rules=rules,
        views=Views(rules, here.calendar.timezone),
        keys=ApiKeys(settings.open311_keys),
        seals=Seals(settings.keys),
        intake=here.use(Intake),
        kind="test" if settings.environment == "embedded" else "production",
    )


FEATURE = Feature(
    "open311",
    provides={GeoReport: _open},
    routers=(router, official_router),
    tags=(Tag("open311", "Open311 dạng XML và JSON · Open311 GeoReport v2, as XML and as JSON"),),
)
