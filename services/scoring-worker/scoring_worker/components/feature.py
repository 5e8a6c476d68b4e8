"""Components of published seasons, for other indices."""

from typing import cast

from cchc_shared.service.context import Context
from cchc_shared.service.feature import Feature
from scoring_worker.components.routes import router
from scoring_worker.components.service import Components
from scoring_worker.components.signing import Signer
from scoring_worker.settings import ScoringSettings


def _open(here: Context) -> Components:
    key = cast("ScoringSettings", here.settings).components_key
    return Components(here.reading, None if key is None else Signer(key.get_secret_value()))


FEATURE = Feature("components", provides={Components: _open}, routers=(router,))
