"""The table of a consultation's transitions: from which status, by which action, to which one, by whom. Pure."""

from enum import StrEnum

from cchc_shared.contract.codes import ConsultationStatus
from cchc_shared.contract.transitions import TransitionTable, row
from tasks_api.consultations.domain import Consultation


class ConsultationAction(StrEnum):
    ANSWER = "answer"
    RETURN = "return"
    WITHDRAW = "withdraw"


class Party(StrEnum):
    """A caller's role towards one consultation."""

    ASKED_STAFF = "asked_staff"
    """An officer or the head of the unit that is asked."""
    ASKER_STAFF = "asker_staff"
    """An officer or the head of the unit that asks."""


_S = ConsultationStatus
_ASKED, _ASKER = {Party.ASKED_STAFF}, {Party.ASKER_STAFF}


def _unanswered(asked: Consultation) -> bool:
    return asked.late_answer is None


TABLE: TransitionTable[Consultation] = TransitionTable(
    row(ConsultationAction.ANSWER, {_S.OPEN}, _S.ANSWERED, _ASKED),
    # A late answer is kept, once, and changes nothing.
    row(ConsultationAction.ANSWER, {_S.DEEMED_AGREED}, _S.DEEMED_AGREED, _ASKED, when=_unanswered),
    row(ConsultationAction.ANSWER, {_S.SILENT}, _S.SILENT, _ASKED, when=_unanswered),
    row(ConsultationAction.RETURN, {_S.OPEN}, _S.RETURNED, _ASKED),
    row(ConsultationAction.WITHDRAW, {_S.OPEN}, _S.WITHDRAWN, _ASKER),
)
