"""The table of transitions: which action leads from where to where, and who may take it. The one place for it."""

from collections.abc import Callable
from enum import StrEnum
from typing import Final

from cchc_shared.contract.codes import FeedbackStatus as S
from cchc_shared.contract.transitions import Transition, TransitionTable, row
from feedback_api.reports.domain import Feedback

_When = Callable[[Feedback], bool] | None


class FeedbackAction(StrEnum):
    CLASSIFY = "classify"
    ASSIGN = "assign"
    ACCEPT = "accept"
    RETURN = "return"
    TRANSFER = "transfer"
    ASK_SUPPLEMENT = "ask_supplement"
    SUPPLEMENT = "supplement"
    EXTEND = "extend"
    DRAFT_ANSWER = "draft_answer"
    REJECT_ANSWER = "reject_answer"
    APPROVE_ANSWER = "approve_answer"
    PUBLISH = "publish"
    RATE = "rate"
    REOPEN = "reopen"
    CLOSE = "close"
    REFUSE = "refuse"
    MARK_DUPLICATE = "mark_duplicate"
    MERGE = "merge"
    SPLIT = "split"
    FOLLOW = "follow"
    MARK_UNJUSTIFIED = "mark_unjustified"
    ADD_NOTE = "add_note"


class Party(StrEnum):
    """A caller's role towards one report."""

    DESK = "desk"
    """The co-ordinator's desk."""
    CHANNEL = "channel"
    """Channel software, which knows what its callers said."""
    STAFF = "staff"
    """Anyone who works for the unit that holds the report, its head included."""
    HEAD = "head"
    """The head of that unit."""
    SENDER = "sender"
    """Whoever sent it, by token or tracking secret."""
    CITIZEN = "citizen"
    """Anyone else with an account, of a report that everyone may know of."""


_AT_THE_DESK = {S.RECEIVED, S.CLASSIFIED, S.RETURNED}
_AT_WORK = {S.ASSIGNED, S.ACCEPTED, S.IN_PROGRESS}
_RESOLVED = {S.ANSWERED, S.PUBLISHED, S.RATED}
_OFFICIALS = {Party.STAFF, Party.DESK}


def _in_place(
    action: FeedbackAction, statuses: set[S], by: set[Party], when: _When = None
) -> list[Transition[Feedback]]:
    """An action that leaves the status as it is."""
    return [row(action, {status}, status, by, when) for status in S if status in statuses]


def _was_assigned(report: Feedback) -> bool:
    """What the desk itself refused has no unit yet: accepted by the desk, it would be handed over in another's name."""
    return report.held_by is None


def _was_handed_over(report: Feedback) -> bool:
    return report.handovers > 0


def _is_accepted(report: Feedback) -> bool:
    return report.own_accepted_at is not None


def _is_not_extended(report: Feedback) -> bool:
    return report.extension is None


def _is_whole(report: Feedback) -> bool:
    """A part of a report has no sender of its own, and its answer goes to the unit that answers for the whole."""
    return report.part_of is None


def _is_whole_and_not_published(report: Feedback) -> bool:
    return _is_whole(report) and report.published_at is None


def _is_not_rated(report: Feedback) -> bool:
    return report.satisfied is None


TABLE: Final[TransitionTable[Feedback]] = TransitionTable(
    row(FeedbackAction.CLASSIFY, {S.RECEIVED}, S.CLASSIFIED, {Party.DESK, Party.CHANNEL}),
    *_in_place(
        FeedbackAction.CLASSIFY,
        _AT_THE_DESK - {S.RECEIVED} | _AT_WORK | {S.REOPENED},
        {Party.DESK, Party.CHANNEL},
    ),
    row(FeedbackAction.ASSIGN, _AT_THE_DESK | {S.REOPENED}, S.ASSIGNED, {Party.DESK}),
    row(FeedbackAction.ACCEPT, {S.ASSIGNED}, S.ACCEPTED, {Party.STAFF}),
    row(FeedbackAction.ACCEPT, {S.REOPENED}, S.ACCEPTED, {Party.STAFF}, _was_assigned),
    row(FeedbackAction.RETURN, _AT_WORK, S.RETURNED, {Party.STAFF}),
    row(FeedbackAction.TRANSFER, _AT_WORK, S.ASSIGNED, _OFFICIALS),
    row(FeedbackAction.ASK_SUPPLEMENT, {S.RECEIVED, S.CLASSIFIED}, S.SUPPLEMENT_REQUESTED, {Party.DESK}),
    row(FeedbackAction.ASK_SUPPLEMENT, {S.ACCEPTED, S.IN_PROGRESS}, S.SUPPLEMENT_REQUESTED, {Party.STAFF}, _is_whole),
    row(FeedbackAction.SUPPLEMENT, {S.SUPPLEMENT_REQUESTED}, S.IN_PROGRESS, {Party.SENDER, *_OFFICIALS}, _is_accepted),
    row(FeedbackAction.SUPPLEMENT, {S.SUPPLEMENT_REQUESTED}, S.CLASSIFIED, {Party.SENDER, Party.DESK}),
    *_in_place(FeedbackAction.EXTEND, {S.ACCEPTED, S.IN_PROGRESS, S.ANSWER_DRAFTED}, {Party.HEAD}, _is_not_extended),
    row(FeedbackAction.DRAFT_ANSWER, {S.ACCEPTED, S.IN_PROGRESS, S.ANSWER_DRAFTED}, S.ANSWER_DRAFTED, {Party.STAFF}),
    row(FeedbackAction.REJECT_ANSWER, {S.ANSWER_DRAFTED}, S.IN_PROGRESS, {Party.HEAD}),
    row(FeedbackAction.APPROVE_ANSWER, {S.ANSWER_DRAFTED}, S.ANSWERED, {Party.HEAD}),
    row(FeedbackAction.PUBLISH, {S.ANSWERED, S.RATED}, S.PUBLISHED, _OFFICIALS, _is_whole_and_not_published),
    row(FeedbackAction.RATE, {S.ANSWERED, S.PUBLISHED}, S.RATED, {Party.SENDER}, _is_not_rated),
    row(FeedbackAction.REOPEN, _RESOLVED | {S.CLOSED, S.REFUSED, S.DUPLICATE}, S.REOPENED, {Party.SENDER, Party.DESK}),
    row(FeedbackAction.CLOSE, _RESOLVED, S.CLOSED, _OFFICIALS, _is_whole),
    row(
        FeedbackAction.REFUSE,
        _AT_THE_DESK | _AT_WORK | {S.SUPPLEMENT_REQUESTED},
        S.REFUSED,
        {Party.DESK, Party.HEAD},
        _is_whole,
    ),
    # Who gave a unit its part may take it back.
    row(FeedbackAction.REFUSE, _AT_THE_DESK | _AT_WORK, S.REFUSED, {Party.DESK}),
    # Whoever was refused and came back is not refused by the same head again.
    row(FeedbackAction.REFUSE, {S.REOPENED}, S.REFUSED, {Party.DESK}),
    row(FeedbackAction.MARK_DUPLICATE, _AT_THE_DESK | _AT_WORK, S.DUPLICATE, _OFFICIALS, _is_whole),
    *_in_place(FeedbackAction.MERGE, set(S) - {S.REFUSED, S.DUPLICATE, S.CLOSED}, _OFFICIALS, _is_whole),
    *_in_place(FeedbackAction.SPLIT, _AT_WORK, {Party.DESK}, _is_whole),
    *_in_place(FeedbackAction.FOLLOW, set(S) - {S.REFUSED, S.DUPLICATE, S.CLOSED}, {Party.CITIZEN}),
    *_in_place(FeedbackAction.MARK_UNJUSTIFIED, set(S) - {S.RECEIVED, S.CLASSIFIED}, {Party.DESK}, _was_handed_over),
    *_in_place(FeedbackAction.ADD_NOTE, set(S), _OFFICIALS),
)
