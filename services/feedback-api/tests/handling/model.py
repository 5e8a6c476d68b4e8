"""What may become of a report and by whom, as the domain and the guides say it: written without a look at the service.

A new action is one entry of `ACTIONS`, one case of `after` if it changes more than the status, and one of `body_of` in
`walk.py` if its body depends on the report.
"""

from collections import deque
from collections.abc import Collection, Mapping, Set
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final, NamedTuple

from ..conftest import CENTRE, HOME_AFFAIRS, JUSTICE, OFFICE

WORDS: Final = "nguyên văn của người viết"
"""Stands in every text that is given; no event may carry it."""
STATUSES: Final = frozenset(
    """received classified assigned accepted in_progress supplement_requested answer_drafted answered published rated
    closed returned refused duplicate reopened""".split()  # noqa: SIM905 - they are words
)
ENDED: Final = frozenset({"refused", "duplicate"})
MOST_QUESTIONS: Final = 2

# ---------------------------------------------------------------- who calls


class Caller(NamedTuple):
    """Somebody's token; without roles, somebody without one."""

    roles: tuple[str, ...] = ()
    unit: str | None = None

    @property
    def role(self) -> str:
        """The role in which such a caller acts."""
        return self.roles[0] if self.roles else "citizen"


CALLERS: Final[Mapping[str, Caller]] = {
    "nobody": Caller(),
    "secret": Caller(),
    "citizen": Caller(("citizen",)),
    "another citizen": Caller(("citizen",)),
    "channel": Caller(("system",)),
    **{
        f"{role} of {unit}": Caller(roles, unit)
        for unit in (CENTRE, HOME_AFFAIRS, JUSTICE, OFFICE)
        for role, roles in (("officer", ("officer",)), ("head", ("unit_head", "officer")))
    },
    **{role: Caller((role,)) for role in ("coordinator", "inspector", "scoring_board", "council", "operator")},
}

# ---------------------------------------------------------------- how a report stands


@dataclass(frozen=True)
class Stand:
    """What decides what may be done with a report. The citizen or the channel sent it; the centre is the desk."""

    sent_by: str
    status: str = "received"
    unit: str = HOME_AFFAIRS
    at_desk: bool = True
    """The desk holds it, and `unit` is only where it is to go."""
    former: frozenset[str] = frozenset()
    accepted: bool = False
    extended: bool = False
    published: bool = False
    rated: bool = False
    handed_over: bool = False
    questions: int = 0
    late: bool = False
    """The time that its sender was promised is over."""
    expired: bool = False
    """The time in which it may be opened again is over."""

    @property
    def holder(self) -> str:
        return CENTRE if self.at_desk else self.unit

    @property
    def paused(self) -> bool:
        return self.status == "supplement_requested"

    @property
    def answered(self) -> bool:
        return self.status in {"answered", "published", "rated", "closed"}

    @property
    def is_open(self) -> bool:
        return not self.answered and self.status not in ENDED


def relation(name: str, stand: Stand) -> str:
    """What a caller is to a report: what the outcome may depend on beside how it stands."""
    roles, unit = CALLERS[name]
    if unit is not None:
        where = "holder" if unit == stand.holder else "reader" if _has_part(unit, stand) else "elsewhere"
        return f"{roles[0]} of the {where}"
    if name == stand.sent_by:
        return f"{name} who sent it"
    return "another citizen" if name == "citizen" else name


def _has_part(unit: str, stand: Stand) -> bool:
    return unit in {stand.unit, stand.holder, *stand.former}


def reads(name: str, stand: Stand) -> bool:
    """Whether the report exists for this caller."""
    roles, unit = CALLERS[name]
    official = not {"coordinator", "inspector"}.isdisjoint(roles)
    return official or name in {stand.sent_by, "secret"} or (unit is not None and _has_part(unit, stand))


def parties(name: str, stand: Stand) -> frozenset[str]:
    """As what the caller may act."""
    roles, unit = CALLERS[name]
    found = set()
    if unit == stand.holder:
        found |= {"staff", "head"} if "unit_head" in roles else {"staff"}
    if "coordinator" in roles:
        found.add("desk")
    if name in {stand.sent_by, "secret"}:
        found |= {"sender", "channel"} if "system" in roles else {"sender"}
    return frozenset(found)


BEGINNINGS: Final = (Stand("citizen"), Stand("channel"))

# ---------------------------------------------------------------- what may be done


class Way(NamedTuple):
    """From these statuses to that one (empty: it stays), by these parties, where the report is as `when` says."""

    sources: str
    target: str
    by: str
    when: Mapping[str, Any] = {}

    def starts_at(self, stand: Stand) -> bool:
        return stand.status in self.sources.split() and all(
            getattr(stand, name) == value for name, value in self.when.items()
        )

    def is_for(self, parties: Collection[str]) -> bool:
        return any(party in self.by.split() for party in parties)


class Action(NamedTuple):
    """`door`: the roles that the route is for, everyone if empty; `event`: the name in the type of its event;
    `bad`: a body that is refused for its form, and the field that is named."""

    event: str
    door: str
    ways: tuple[Way, ...]
    body: Mapping[str, Any]
    bad: tuple[Mapping[str, Any], str]


_OFFICIALS = "officer unit_head coordinator"
_AT_DESK = "received classified returned"
_AT_WORK = "assigned accepted in_progress"
_DRAFTING = "accepted in_progress answer_drafted"
_RESOLVED = "answered published rated"
_EXTRA = ({"surprise": 1}, "body.surprise")

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
SETTLES: Final = frozenset({"accept", "assign", "transfer", "return", "approve_answer", "refuse", "mark_duplicate"})
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


def is_too_late(stand: Stand, action: str) -> bool:
    """Whether the rules say no to what the state would allow."""
    match action:
        case "ask_supplement":
            return stand.questions >= MOST_QUESTIONS
        case "extend":
            return stand.late
        case "reopen":
            return stand.expired
    return False


def target(stand: Stand, action: str) -> str:
    """The unit that assigning or transferring gives it to."""
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
    "close": {"published": False, "rated": False},
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
        case "ask_supplement":
            return replace(then, questions=stand.questions + 1)
        case "reopen":
            return Stand(stand.sent_by, **{name: getattr(then, name) for name in _KEPT})
    return then


class Attempt(NamedTuple):
    """A kind of request, and how it is answered: a status, with the problem's name where one status has several.
    What settles a duty is a kind of its own when it is late already."""

    status: str
    action: str
    relation: str
    outcome: str
    late: bool = False


def is_settled_late(stand: Stand, action: str, outcome: str) -> bool:
    """Whether the request settles a duty, or passes it on, when the time for it is over."""
    return stand.late and outcome == "200" and action in SETTLES


def attempts(stand: Stand) -> dict[Attempt, str]:
    """Every kind of request, right in form, that can be tried here, and a caller who makes it."""
    tried = {}
    callers = [
        (name, roles, relation(name, stand), reads(name, stand), parties(name, stand))
        for name, (roles, _) in CALLERS.items()
    ]
    for action, (_, door, *_) in ACTIONS.items():
        leads, open_to = way(stand, action), door.split()
        for name, roles, what, reading, mine in callers:
            if open_to and not roles:
                found = "401"
            elif open_to and not any(role in open_to for role in roles):
                found = "403 forbidden"
            elif not reading:
                found = "404"
            elif leads is None:
                found = "409"
            elif not leads.is_for(mine):
                found = "403 not-permitted"
            else:
                found = "422" if is_too_late(stand, action) else "200"
            tried[Attempt(stand.status, action, what, found, is_settled_late(stand, action, found))] = name
    return tried


def by_time(stand: Stand) -> str | None:
    """What happens here without anybody."""
    if stand.paused:
        return GO_ON
    return None if stand.late or stand.expired else WAIT


@dataclass(frozen=True)
class Map:
    """Every way that a report can stand, in what it leads to, and what can be tried there."""

    steps: Mapping[Stand, Mapping[Stand, Step]]
    attempts: Mapping[Stand, frozenset[Attempt]]

    @cached_property
    def kinds(self) -> Set[frozenset[Attempt]]:
        """What can be tried in one place, each once: many places are alike in it."""
        return set(self.attempts.values())

    def nearest(self, begin: Collection[Stand], done: Set[frozenset[Attempt]]) -> tuple[Stand, list[Step]]:
        """The shortest way to where something is left to be tried: where it begins, and its steps."""
        came: dict[Stand, tuple[Stand, Step] | None] = dict.fromkeys(begin)
        waiting = deque(came)
        while waiting:
            stand = waiting.popleft()
            if self.attempts[stand] not in done:
                steps = list[Step]()
                while (before := came[stand]) is not None:
                    stand, step = before
                    steps.append(step)
                return stand, steps[::-1]
            for then, step in self.steps[stand].items():
                if then not in came:
                    came[then] = stand, step
                    waiting.append(then)
        raise LookupError("nothing is left to be tried")


def explore() -> Map:
    """From a report that the citizen sent, and from one that the channel sent."""
    steps, tried, known = dict[Stand, dict[Stand, Step]](), dict[Stand, frozenset[Attempt]](), dict[Any, Any]()
    waiting = deque(BEGINNINGS)
    while waiting:
        stand = waiting.popleft()
        if stand in steps:
            continue
        found = attempts(stand)
        kinds = frozenset(found)
        tried[stand] = known.setdefault(kinds, kinds)
        can = [Step(each.action, name) for each, name in found.items() if each.outcome == "200"]
        if passing := by_time(stand):
            can.append(Step(passing, None))
        steps[stand] = {after(stand, step): step for step in can}
        waiting.extend(steps[stand])
    return Map(steps, tried)
