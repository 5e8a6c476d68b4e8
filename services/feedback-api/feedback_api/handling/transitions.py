"""The table of transitions: which action leads from where to where, and who may take it. The one place for it."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final, NamedTuple

from cchc_shared.contract.codes import FeedbackStatus as S


class Action(StrEnum):
    ASSIGN = "assign"
    ACCEPT = "accept"
    RETURN = "return"
    TRANSFER = "transfer"
    DRAFT_ANSWER = "draft_answer"
    APPROVE_ANSWER = "approve_answer"
    PUBLISH = "publish"


class Party(StrEnum):
    """What a caller is to one report."""

    DESK = "desk"
    """The co-ordinator's desk."""
    STAFF = "staff"
    """Anyone who works for the unit that holds the report, its head included."""
    HEAD = "head"
    """The head of that unit."""


class Transition(NamedTuple):
    sources: frozenset[S]
    target: S
    parties: frozenset[Party]


def _from(*sources: S, to: S, by: Iterable[Party]) -> Transition:
    return Transition(frozenset(sources), to, frozenset(by))


# A status that no line reaches belongs to an action that is not offered.
TRANSITIONS: Final[Mapping[Action, Transition]] = {
    Action.ASSIGN: _from(S.RECEIVED, S.RETURNED, to=S.ASSIGNED, by=[Party.DESK]),
    Action.ACCEPT: _from(S.ASSIGNED, to=S.ACCEPTED, by=[Party.STAFF]),
    Action.RETURN: _from(S.ASSIGNED, S.ACCEPTED, to=S.RETURNED, by=[Party.STAFF]),
    Action.TRANSFER: _from(S.ASSIGNED, S.ACCEPTED, to=S.ASSIGNED, by=[Party.STAFF, Party.DESK]),
    Action.DRAFT_ANSWER: _from(S.ACCEPTED, S.ANSWER_DRAFTED, to=S.ANSWER_DRAFTED, by=[Party.STAFF]),
    Action.APPROVE_ANSWER: _from(S.ANSWER_DRAFTED, to=S.ANSWERED, by=[Party.HEAD]),
    Action.PUBLISH: _from(S.ANSWERED, to=S.PUBLISHED, by=[Party.STAFF, Party.DESK]),
}


def possible(status: S, parties: Iterable[Party]) -> tuple[Action, ...]:
    """The actions that such a caller may take in that status, in the order of the table."""
    parties = frozenset(parties)
    return tuple(
        action
        for action, transition in TRANSITIONS.items()
        if status in transition.sources and transition.parties & parties
    )
