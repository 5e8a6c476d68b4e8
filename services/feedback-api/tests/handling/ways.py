"""Every request that can be made of a report wherever it stands, and the ways that lead there."""

from collections import deque
from collections.abc import Collection, Iterator, Mapping, Set
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from .actions import ACTIONS, ENDS_A_DUTY, FOLLOW, GO_ON, WAIT, Step, after, is_against_the_rules, way, words
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
        leads, open_to = way(stand, action), words(callers_of)
        for name, roles, what, reading, mine in callers:
            if open_to and not roles:
                found = "401"
            elif open_to and open_to.isdisjoint(roles):
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


class Place(NamedTuple):
    """How a report can stand, and the way there: where it begins, and its steps."""

    stand: Stand
    begin: Stand
    way: list[Step]


@dataclass(frozen=True)
class Map:
    """Every way that a report can stand, in what it leads to, and what can be tried there."""

    steps: Mapping[Stand, Mapping[Stand, Step]]
    attempts: Mapping[Stand, frozenset[Attempt]]

    @cached_property
    def kinds(self) -> Set[frozenset[Attempt]]:
        """What can be tried in one place, each once: many places are alike in it."""
        return set(self.attempts.values())

    def nearest(self, begin: Collection[Stand], done: Set[frozenset[Attempt]]) -> Place:
        """The nearest place where something is left to be tried."""
        for place in self._places(begin):
            if self.attempts[place.stand] not in done:
                return place
        raise LookupError("nothing is left to be tried")

    def crowd(self) -> list[Place]:
        """Few places at which, taken together, all can be tried that is refused without time having to pass."""
        nearest = dict[frozenset[Attempt], Place]()
        for place in self._places(BEGINNINGS, by_itself=False):
            refused = frozenset(each for each in self.attempts[place.stand] if each.outcome != "200")
            nearest.setdefault(refused, place)
        left, chosen = set[Attempt]().union(*nearest), list[Place]()
        while left:
            most = max(nearest, key=lambda refused: len(refused & left))
            chosen.append(nearest[most])
            left -= most
        return chosen

    def _places(self, begin: Collection[Stand], *, by_itself: bool = True) -> Iterator[Place]:
        """Every place, the nearest first; with `by_itself` also those to which time alone leads."""
        waiting = deque(Place(stand, stand, []) for stand in begin)
        seen = set(begin)
        while waiting:
            place = waiting.popleft()
            yield place
            for then, step in self.steps[place.stand].items():
                if then not in seen and (by_itself or step.name is not None):
                    seen.add(then)
                    waiting.append(Place(then, place.begin, [*place.way, step]))


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
