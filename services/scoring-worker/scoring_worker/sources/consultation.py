"""Consultations: a unit that is asked answers by the deadline, and nobody asks units that have nothing to say.

Silence stays overdue for ever: a late answer changes nothing. A question that was returned or withdrawn in time is no
duty of the unit; one that was returned counts for whoever asked (plan of 5/2024, II.1.2 and 1.3).
"""

from typing import Final

from cchc_shared.contract.codes import ConsultationStatus
from cchc_shared.contract.events.consultation import ConsultationReassigned, ConsultationReturned, ConsultationState
from scoring_worker.sources.source import FactSource, Measure, Occurred, TargetDuty, is_inherited

ANSWER = Measure("consultation.answer")
NEEDLESS = Measure("consultation.needless")

_NO_DUTY: Final = (ConsultationStatus.RETURNED, ConsultationStatus.WITHDRAWN)


def _target(asked: ConsultationState) -> tuple[TargetDuty, ...]:
    due_at = None if asked.status in _NO_DUTY else asked.due_at
    anew = isinstance(asked, ConsultationReassigned) and is_inherited(asked)
    return (TargetDuty(ANSWER, asked.code, asked.unit, due_at, asked.answered_at, anew),)


def _returned(asked: ConsultationReturned) -> tuple[Occurred, ...]:
    return (Occurred(NEEDLESS, asked.code, asked.asker),)


CONSULTATION = FactSource(
    ConsultationState,
    duties=(ANSWER,),
    target=_target,
    occurrences=(NEEDLESS,),
    occurred={ConsultationReturned: _returned},
)
