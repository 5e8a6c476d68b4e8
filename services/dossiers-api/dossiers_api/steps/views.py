"""Steps as they are shown."""

from datetime import datetime

import msgspec

from dossiers_api.steps.domain import Step, is_late
from dossiers_api.steps.schemas import StepOfDossier


def step(each: Step, now: datetime) -> StepOfDossier:
    """It, as it stands now."""
    return StepOfDossier(**msgspec.structs.asdict(each), late=is_late(each, now))
