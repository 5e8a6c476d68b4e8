"""The table of a submission's transitions: from which status, by which action, to which one, by whom. Pure."""

from enum import StrEnum

from cchc_shared.contract.codes import SubmissionStatus
from cchc_shared.contract.transitions import TransitionTable, row
from tasks_api.submissions.domain import MOST_MEETINGS, Submission


class SubmissionAction(StrEnum):
    RECORD_MEETING = "record_meeting"
    SEND = "send"
    RETURN = "return"
    APPROVE = "approve"


class Party(StrEnum):
    """A caller's role towards one submission."""

    SENDER_STAFF = "sender_staff"
    """An officer or the head of the unit that submits."""
    SENDER_HEAD = "sender_head"
    """The head of the unit that submits."""
    RECEIVER_STAFF = "receiver_staff"
    """An officer or the head of the unit that decides; of the city itself, the office that assigns."""
    RECEIVER_HEAD = "receiver_head"
    """The head of the unit that decides; of the city itself, the office that assigns."""


_S = SubmissionStatus


def _may_go_on(papers: Submission) -> bool:
    return not papers.own_matter


def _may_meet(papers: Submission) -> bool:
    return _may_go_on(papers) and len(papers.meetings) < MOST_MEETINGS


TABLE: TransitionTable[Submission] = TransitionTable(
    row(SubmissionAction.RECORD_MEETING, {_S.DRAFT}, _S.DRAFT, {Party.SENDER_STAFF}, when=_may_meet),
    row(SubmissionAction.RECORD_MEETING, {_S.RETURNED}, _S.RETURNED, {Party.SENDER_STAFF}, when=_may_meet),
    row(SubmissionAction.SEND, {_S.DRAFT, _S.RETURNED}, _S.SENT, {Party.SENDER_HEAD}, when=_may_go_on),
    row(SubmissionAction.RETURN, {_S.SENT}, _S.RETURNED, {Party.RECEIVER_STAFF}),
    row(SubmissionAction.APPROVE, {_S.SENT}, _S.APPROVED, {Party.RECEIVER_HEAD}),
)
