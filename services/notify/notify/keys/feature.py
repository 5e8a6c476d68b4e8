"""Keys of connected systems."""

from typing import cast

from cchc_shared.calendar.clock import SystemClock
from cchc_shared.service.context import Context
from cchc_shared.service.feature import Feature
from notify.keys.routes import internal, router
from notify.keys.rules import KeyRules
from notify.keys.service import Keys
from notify.keys.tokens import Issuer
from notify.settings import NotifySettings


def _open(here: Context) -> Keys:
    key = cast("NotifySettings", here.settings).systems_key
    issuer = Issuer(key.get_secret_value())
    return Keys(here.engine, here.reading, here.clock, KeyRules.load(here.profile), issuer, SystemClock())


FEATURE = Feature("keys", provides={Keys: _open}, routers=(router, internal))
