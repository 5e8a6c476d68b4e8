"""Every request that can be made of a report wherever it stands, and the ways that lead there."""

from collections import deque
from collections.abc import Collection, Mapping, Set
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from .actions import ACTIONS, ENDS_A_DUTY, FOLLOW, GO_ON, WAIT, Step, after, is_against_the_rules, way
from .stands import BEGINNINGS, CALLERS, Stand, parties, reads, relation


class Attempt(NamedTuple):
    """A kind of request, and how it is answered: a status, with the problem's name where one status has several.
    What ends a duty is a kind of its own when it is late already."""

    status: str
    action: str
    relation: str
    outcome: str
    late: bool = False


def ends_late(stand: Stand, action: str, outcome: str) -> bool:
    """Whether the request ends a duty, or passes it on, when the time for it is over."""
    return stand.late and outcome == "200" and action in ENDS_A_DUTY


def attempts(stand: Stand) -> dict[Attempt, str]:
    """Every kind of request, right in form, that can be tried here, and a caller who makes it."""
    tried = {}
    callers = [
        (name, roles, relation(name, stand), reads(name, stand), parties(name, stand))
        for name, (roles, _) in CALLERS.items()
    ]
    for action, (_, callers_of, *_) in ACTIONS.items():
        leads, open_to = way(stand, action), callers_of.split()
        for name, roles, what, reading, mine in callers:
            if open_to and not roles:
                found = "401"
            elif open_to and not any(role in open_to for role in roles):
                found = "403 forbidden"
            elif not (reading or (action == FOLLOW and stand.in_the_open)):
                found = "404"
            elif leads is None:
                found = "409"
            elif not leads.is_for(mine):
                found = "403 not-permitted"
            else:
                found = "422" if is_against_the_rules(stand, action) else "200"
            tried[Attempt(stand.status, action, what, found, ends_late(stand, action, found))] = name
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
