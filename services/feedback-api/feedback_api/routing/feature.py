"""Routing by the rules of the city, for the features that need it."""

from cchc_shared.service.context import Context
from cchc_shared.service.feature import Feature
from feedback_api import rulebook
from feedback_api.places.domain import Places
from feedback_api.routing.domain import Router
from feedback_api.routing.rules import RoutingRules


def _open(here: Context) -> Router:
    return Router(rulebook.load(here.profile, RoutingRules), here.calendar, here.use(Places))


FEATURE = Feature("routing", provides={Router: _open})
