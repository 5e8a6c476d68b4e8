"""What may become of a report and by whom, as the domain and the guides say it: written without a look at the service.

A new action is one entry of `ACTIONS`; one case of `after` if it changes more than the status; one of `Report.body_of`
if its body depends on the report; and one in `clocks.py` or `replay.py` if clocks or the report show more of it.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import cache
from typing import Any, Final, NamedTuple

from ..conftest import CENTRE, HOME_AFFAIRS, JUSTICE
from .stands import STATUSES, Stand, parties

WORDS: Final = "nguyên văn của người viết"
"""Stands in every text that is given; no event may carry it."""
MOST_QUESTIONS: Final = 2


@cache
def words(text: str) -> frozenset[str]:
    """The words of a text: thousands of places are asked for the same few."""
    return frozenset(text.split())


class Way(NamedTuple):
    """From these statuses to that one (empty: it stays), by these parties, where the report is as `when` says."""

    sources: str
    target: str
    by: str
    when: Mapping[str, Any] = {}

    def starts_at(self, stand: Stand) -> bool:
        return stand.status in words(self.sources) and all(
            getattr(stand, name) == value for name, value in self.when.items()
        )

    def is_for(self, parties: Collection[str]) -> bool:
        return not words(self.by).isdisjoint(parties)


class Action(NamedTuple):
    """`callers`: the roles that the route is for, everyone if empty; `event`: the name in the type of its event;
    `bad`: a body that is refused for its form, and the field that is named."""

    event: str
    callers: str
    ways: tuple[Way, ...]
    body: Mapping[str, Any]
    bad: tuple[Mapping[str, Any], str]


_OFFICIALS = "officer unit_head coordinator"
_AT_DESK = "received classified returned"
_AT_WORK = "assigned accepted in_progress"
_DRAFTING = "accepted in_progress answer_drafted"
_RESOLVED = "answered published rated"
_NOT_OVER = " ".join(STATUSES - {"refused", "duplicate", "closed"})
_EXTRA = ({"surprise": 1}, "body.surprise")

FOLLOW: Final = "follow"
"""Leaves the report and its version as they are."""
ACTIONS: Final[Mapping[str, Action]] = {
    "classify": Action(
        "classified",
        "coordinator system",
        (
            Way("received", "classified", "desk channel"),
            Way(f"classified returned reopened {_AT_WORK}", "", "desk channel"),
        ),
        {"category": "lighting"},
        ({"severity": "great"}, "body.severity"),
    ),
    "assign": Action("assigned", _OFFICIALS, (Way(f"{_AT_DESK} reopened", "assigned", "desk"),), {}, _EXTRA),
    "accept": Action(
        "accepted",
        _OFFICIALS,
        (
            Way("assigned", "accepted", "staff"),
            Way("reopened", "accepted", "staff", {"at_desk": False}),
        ),
        {},
        _EXTRA,
    ),
    "return": Action(
        "returned",
        _OFFICIALS,
        (Way(_AT_WORK, "returned", "staff"),),
        {"reason": "belongs_to_other"},
        ({"reason": "tired"}, "body.reason"),
    ),
    "transfer": Action(
        "transferred",
        _OFFICIALS,
        (Way(_AT_WORK, "assigned", "staff desk"),),
        {"reason": WORDS},
        ({"unit": JUSTICE, "reason": " "}, "body.reason"),
    ),
    "ask_supplement": Action(
        "supplement_requested",
        _OFFICIALS,
        (
            Way("received classified", "supplement_requested", "desk"),
            Way("accepted in_progress", "supplement_requested", "staff"),
        ),
        {"question": WORDS},
        ({}, "body.question"),
    ),
    "supplement": Action(
        "supplemented",
        "",
        (
            Way("supplement_requested", "in_progress", "sender staff desk", {"accepted": True}),
            Way("supplement_requested", "classified", "sender desk", {"accepted": False}),
        ),
        {"text": WORDS},
        ({"text": ""}, "body.text"),
    ),
    "extend": Action(
        "extended",
        _OFFICIALS,
        (Way(_DRAFTING, "", "head", {"extended": False}),),
        {"days": 3, "reason": WORDS},
        ({"days": 0, "reason": WORDS}, "body.days"),
    ),
    "draft_answer": Action(
        "answer_drafted",
        _OFFICIALS,
        (Way(_DRAFTING, "answer_drafted", "staff"),),
        {"answer": WORDS, "outcome": "resolved"},
        ({"answer": WORDS}, "body.outcome"),
    ),
    "reject_answer": Action(
        "answer_rejected",
        _OFFICIALS,
        (Way("answer_drafted", "in_progress", "head"),),
        {"reason": WORDS},
        ({"reason": 1}, "body.reason"),
    ),
    "approve_answer": Action("answer_approved", _OFFICIALS, (Way("answer_drafted", "answered", "head"),), {}, _EXTRA),
    "publish": Action(
        "published", _OFFICIALS, (Way("answered rated", "published", "staff desk", {"published": False}),), {}, _EXTRA
    ),
    "rate": Action(
        "rated",
        "",
        (Way("answered published", "rated", "sender", {"rated": False}),),
        {"comment": WORDS},
        ({"satisfied": "yes"}, "body.satisfied"),
    ),
    "reopen": Action(
        "reopened",
        "",
        (Way(f"{_RESOLVED} closed refused duplicate", "reopened", "sender desk"),),
        {"reason": WORDS},
        ({}, "body.reason"),
    ),
    "close": Action(
        "closed",
        _OFFICIALS,
        (Way(_RESOLVED, "closed", "staff desk"),),
        {"explanation": WORDS},
        ({}, "body.explanation"),
    ),
    "refuse": Action(
        "refused",
        _OFFICIALS,
        (
            Way(f"{_AT_DESK} {_AT_WORK} supplement_requested", "refused", "desk head"),
            Way("reopened", "refused", "desk"),
        ),
        {"reason": "out_of_scope", "explanation": WORDS},
        ({}, "body.reason"),
    ),
    "mark_duplicate": Action(
        "marked_duplicate",
        _OFFICIALS,
        (Way(f"{_AT_DESK} {_AT_WORK}", "duplicate", "staff desk"),),
        {},
        ({"original": ""}, "body.original"),
    ),
    "merge": Action(
        "merged",
        _OFFICIALS,
        (Way(_NOT_OVER, "", "staff desk"),),
        {"duplicates": ["PA-26-000000"]},
        ({"duplicates": []}, "body.duplicates"),
    ),
    "split": Action("split", "coordinator", (Way(_AT_WORK, "", "desk"),), {}, ({"parts": []}, "body.parts")),
    FOLLOW: Action("", "citizen", (Way(_NOT_OVER, "", "citizen"),), {}, _EXTRA),
    "mark_unjustified": Action(
        "handover_judged",
        _OFFICIALS,
        (Way(" ".join(STATUSES - {"received", "classified"}), "", "desk", {"handed_over": True}),),
        {"reason": WORDS},
        ({"handover": 1, "reason": WORDS}, "body.handover"),
    ),
    "add_note": Action(
        "noted", _OFFICIALS, (Way(" ".join(STATUSES), "", "staff desk"),), {"note": WORDS}, ({"note": ""}, "body.note")
    ),
}
ENDS_A_DUTY: Final = frozenset({"accept", "assign", "transfer", "return", "approve_answer", "refuse", "mark_duplicate"})
GO_ON: Final = "go_on"
"""The pause ends by itself."""
WAIT: Final = "wait"
"""Nobody does anything for so long that whatever has a limit is past it."""


def way(stand: Stand, action: str) -> Way | None:
    """How the action leads on from here, if it does."""
    return next((found for found in ACTIONS[action].ways if found.starts_at(stand)), None)


def possible(name: str, stand: Stand) -> set[str]:
    """What this caller can do now."""
    mine = parties(name, stand)
    return {action for action in ACTIONS if (found := way(stand, action)) and found.is_for(mine)}


def is_against_the_rules(stand: Stand, action: str) -> bool:
    """Whether the rules say no to what the state would allow."""
    match action:
        case "ask_supplement":
            return stand.questions >= MOST_QUESTIONS
        case "extend":
            return stand.late
        case "reopen":
            return stand.expired
        case "approve_answer" | "refuse" | "mark_duplicate":
            return stand.split
    return False


def target(stand: Stand, action: str) -> str:
    """The unit that assigning or transferring gives it to, or that splitting gives a part."""
    if action == "assign":
        return HOME_AFFAIRS if stand.unit == CENTRE else stand.unit
    return JUSTICE if stand.unit == HOME_AFFAIRS else HOME_AFFAIRS


class Step(NamedTuple):
    """An action and its caller; without one, what time does by itself."""

    action: str
    name: str | None


# What decides nothing any more once a report is answered or ended is forgotten: there are fewer ways to walk then.
_WORKED_ON: Final[Mapping[str, Any]] = dict.fromkeys(("accepted", "extended"), False)
_CHANGES: Final[Mapping[str, Mapping[str, Any]]] = {
    "accept": {"accepted": True},
    "extend": {"extended": True},
    "approve_answer": _WORKED_ON,
    "publish": {"published": True},
    "rate": {"rated": True},
    "close": {"rated": False},
    "split": {"split": True},
    "refuse": _WORKED_ON,
    "mark_duplicate": _WORKED_ON,
}
_KEPT: Final = ("status", "unit", "at_desk", "former", "handed_over", "questions")
"""What is left of a report that is opened again."""


def after(stand: Stand, step: Step) -> Stand:
    """How it stands when that is done."""
    action, name = step
    if action == WAIT:
        return replace(stand, late=True) if stand.is_open else replace(stand, expired=True)
    found = way(stand, "supplement" if action == GO_ON else action)
    assert found is not None
    then = replace(stand, status=found.target or stand.status, **_CHANGES.get(action, {}))
    match action:
        case "assign" | "transfer" | "return":
            unit = CENTRE if action == "return" else target(stand, action)
            by_unit = action != "assign" and name is not None and "staff" in parties(name, stand)
            former = stand.former | {stand.unit} if unit != stand.unit else stand.former
            handed_over = stand.handed_over or by_unit
            return replace(then, unit=unit, at_desk=False, former=former, accepted=False, handed_over=handed_over)
        case "split":
            return replace(then, former=stand.former | {target(stand, action)})
        case "ask_supplement":
            return replace(then, questions=stand.questions + 1)
        case "reopen":
            return Stand(stand.sent_by, **{name: getattr(then, name) for name in _KEPT})
    return then
