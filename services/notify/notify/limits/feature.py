"""Limits of callers, where several gateways count together."""

from cchc_shared.service.context import Context
from cchc_shared.service.feature import Feature
from notify.limits.routes import internal
from notify.limits.service import CallerLimits
from notify.limits.timers import FORGETTING


def _open(here: Context) -> CallerLimits:
    return CallerLimits(here.engine)


FEATURE = Feature("limits", provides={CallerLimits: _open}, routers=(internal,), ticks=(FORGETTING,))
