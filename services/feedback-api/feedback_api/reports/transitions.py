"""The table of transitions: which action leads from where to where, and who may take it. The one place for it."""

from enum import StrEnum
from typing import Final

from cchc_shared.contract.codes import FeedbackStatus as S
from cchc_shared.contract.transitions import TransitionTable, row
from feedback_api.reports.domain import Feedback


class FeedbackAction(StrEnum):
    ASSIGN = "assign"
    ACCEPT = "accept"
    RETURN = "return"
    TRANSFER = "transfer"
    DRAFT_ANSWER = "draft_answer"
    APPROVE_ANSWER = "approve_answer"
    PUBLISH = "publish"


class Party(StrEnum):
    """A caller's role towards one report."""

    DESK = "desk"
    """The co-ordinator's desk."""
    STAFF = "staff"
    """Anyone who works for the unit that holds the report, its head included."""
    HEAD = "head"
    """The head of that unit."""


# A status that no row reaches belongs to an action that is not offered.
TABLE: Final[TransitionTable[Feedback]] = TransitionTable(
    row(FeedbackAction.ASSIGN, {S.RECEIVED, S.RETURNED}, S.ASSIGNED, {Party.DESK}),
    row(FeedbackAction.ACCEPT, {S.ASSIGNED}, S.ACCEPTED, {Party.STAFF}),
    row(FeedbackAction.RETURN, {S.ASSIGNED, S.ACCEPTED}, S.RETURNED, {Party.STAFF}),
    row(FeedbackAction.TRANSFER, {S.ASSIGNED, S.ACCEPTED}, S.ASSIGNED, {Party.STAFF, Party.DESK}),
    row(FeedbackAction.DRAFT_ANSWER, {S.ACCEPTED, S.ANSWER_DRAFTED}, S.ANSWER_DRAFTED, {Party.STAFF}),
    row(FeedbackAction.APPROVE_ANSWER, {S.ANSWER_DRAFTED}, S.ANSWERED, {Party.HEAD}),
    row(FeedbackAction.PUBLISH, {S.ANSWERED}, S.PUBLISHED, {Party.STAFF, Party.DESK}),
)
