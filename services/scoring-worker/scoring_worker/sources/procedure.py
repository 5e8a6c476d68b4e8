"""Procedures as Decision 766/QĐ-TTg counts them: decided in time before they have effect, disclosed in time, and whole.

An abolition is decided and disclosed as a publication is; it has no content that could be whole.
"""

from cchc_shared.contract.codes import ProcedureChange
from cchc_shared.contract.events.procedure import ProcedureState
from scoring_worker.sources.source import FactSource, Measure, TargetDuty

ANNOUNCEMENT = Measure("procedure.announcement")
DISCLOSURE = Measure("procedure.disclosure")
FULL_DISCLOSURE = Measure("procedure.full_disclosure")


def _target(entry: ProcedureState) -> tuple[TargetDuty, ...]:
    whole_by = None if entry.change is ProcedureChange.ABOLISHED else entry.disclose_by
    return (
        TargetDuty(ANNOUNCEMENT, entry.code, entry.unit, entry.announce_by, entry.announced_at),
        TargetDuty(DISCLOSURE, entry.code, entry.unit, entry.disclose_by, entry.disclosed_at),
        TargetDuty(FULL_DISCLOSURE, entry.code, entry.unit, whole_by, entry.complete_at),
    )


PROCEDURE = FactSource(
    ProcedureState,
    duties=(ANNOUNCEMENT, DISCLOSURE, FULL_DISCLOSURE),
    target=_target,
    occurrences=(),
    occurred={},
)
