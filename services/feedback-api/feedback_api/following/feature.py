"""Following reports of others."""

from cchc_shared.service.context import Context
from cchc_shared.service.feature import Feature
from feedback_api.following.routes import actions, router
from feedback_api.following.service import Following
from feedback_api.following.store import workflow


def _open(here: Context) -> Following:
    return Following(here.reading, workflow(here))


FEATURE = Feature("following", provides={Following: _open}, routers=(actions, router))
