"""Steps of dossiers: each office of each unit ends its step by its due time, whoever handles the dossier as a whole."""

from cchc_shared.contract.events.dossier_step import DossierStepState
from scoring_worker.sources.source import FactSource, Measure, TargetDuty

STEP = Measure("dossier_step.handling")


def _target(step: DossierStepState) -> tuple[TargetDuty, ...]:
    done_at = step.ended_at if step.due_at is not None else None
    return (TargetDuty(STEP, step.code, step.unit, step.due_at, done_at, resumes=True),)


DOSSIER_STEP = FactSource(DossierStepState, duties=(STEP,), target=_target, occurrences=(), occurred={})
