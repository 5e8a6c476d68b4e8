"""Which unit a report goes to at intake, with the trace of why.

A rule's conditions are of two sorts. Those of kind, channel, severity, category and day are the same for many reports:
the rules that they leave over are kept. Place, words and hour are asked of each report, and only when a rule does.
"""

from collections.abc import Mapping, Sequence, Set
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import Any, Final, Literal, NamedTuple

import msgspec

from cchc_shared.calendar.working_time import WEEKDAYS, WorkingCalendar
from cchc_shared.contract.wording import unmarked
from cchc_shared.directory.domain import Units
from feedback_api.places.domain import Held, Places, Position
from feedback_api.routing.rules import Desk, OfPlace, Route, RoutingRules, Words
from feedback_api.routing.words import PhraseIndex
from feedback_api.rulebook import Matter, NoRuleInForce

CACHED: Final = 4096

Condition = Literal["matter", "category", "weekday", "hours", "place", "words", "unit"]
"""A condition that a report does not meet; `unit`: what the rule sends to does not exist that day."""


class UnknownUnit(LookupError):
    """No unit that the sender may have meant exists on the day of receipt, or did before."""


class Case(NamedTuple):
    """What routing asks of a report."""

    matter: Matter
    received_at: datetime
    received_on: date
    content: str
    title: str | None = None
    category: str | None = None
    position: Position | None = None
    named: str | None = None
    """Code or name of the unit that the sender wants."""


class Routed(NamedTuple):
    """The unit, and the trace: the sender's own choice, or the rule with its document's version."""

    unit: str
    trace: Mapping[str, Any]


class PassedOver(NamedTuple):
    """A rule before the one that took the report, and the first of its conditions that was not met."""

    rule: str
    unmet: Condition


BY_SENDER: Final = {"by": "sender"}


class Router:
    """Applies the routing rules of the day of receipt."""

    def __init__(self, rules: RoutingRules, calendar: WorkingCalendar, places: Places) -> None:
        self.rules = rules
        self.calendar = calendar
        self.places = places
        self._wanted = {route.id: _Wanted.of(route.words) for route in rules.routing if route.words}
        self._traces = {
            route.id: _trace("queue" if route.to == "queue" else "rule", route, rules.version)
            for route in rules.routing
        }
        self.phrases = PhraseIndex(phrase for wanted in self._wanted.values() for phrase in (*wanted.any, *wanted.all))
        self._narrowed = lru_cache(CACHED)(self._narrow)
        self._desks = lru_cache(CACHED)(self._desks_of)

    def route(self, units: Units, case: Case) -> Routed:
        """The unit that the sender named or its successor, else that of the first rule that holds, else the desk.

        Raises `UnknownUnit` for a named unit that there is not and was not, `NoRuleInForce` where no desk exists.
        """
        if case.named is not None:
            return self._of_sender(units, case, case.named)
        asked: _Asked | None = None
        for entry in self._narrowed(case.matter, case.category, case.received_on):
            if entry.plain is not None:
                if units.exists(entry.plain.unit, case.received_on):
                    return entry.plain
                continue
            asked = asked or _Asked(self, units, case)
            routed = entry.apply(asked)
            if isinstance(routed, Routed):
                return routed
        return self.desk(units, case.matter, case.received_on)

    def explain(self, units: Units, case: Case) -> tuple[Routed, Sequence[PassedOver]]:
        """The same, with the rules before the one that took the report. It takes longer: every rule is asked."""
        passed = list[PassedOver]()
        if case.named is None:
            asked = _Asked(self, units, case)
            for route in self.rules.routing:
                routed = _unmet(route, case) or self._entry(route, case).apply(asked)
                if isinstance(routed, Routed):
                    return routed, passed
                passed.append(PassedOver(route.id, routed))
        return self.route(units, case), passed

    def desk(self, units: Units, matter: Matter, day: date) -> Routed:
        """The desk of such reports. Raises `NoRuleInForce` when none exists that day."""
        for desk in self._desks(matter, day):
            if units.exists(desk.unit, day):
                return desk
        raise NoRuleInForce(f"no desk exists on {day}")

    def _of_sender(self, units: Units, case: Case, named: str) -> Routed:
        day = case.received_on
        if units.exists(named, day):
            return Routed(named, BY_SENDER)
        meant = units.meant(named, day)
        if not meant:
            raise UnknownUnit(named)
        candidates = units.living_heirs(meant, day)
        because = {"named": sorted({unit.code for unit in meant}), "candidates": candidates}
        if len(candidates) == 1:
            return Routed(candidates[0], BY_SENDER if meant[0].exists_on(day) else {"by": "successor", **because})
        held = _Asked(self, units, case).held if candidates else None
        if held is not None and held.code in candidates:
            return Routed(held.code, {"by": "successor", **because, "matched": {"place": _place(held)}})
        desk = self.desk(units, case.matter, day)
        return Routed(desk.unit, {**desk.trace, **because})

    def _narrow(self, matter: Matter, category: str | None, day: date) -> "tuple[_Entry, ...]":
        """The rules that reports of such a day may meet; without outlines, none that ask for the place."""
        asked = _Narrow(matter, category, day)
        return tuple(
            self._entry(route, asked)
            for route in self.rules.routing
            if _unmet(route, asked) is None and (self.places or not _asks_for_place(route))
        )

    def _entry(self, route: Route, asked: "Case | _Narrow") -> "_Entry":
        return _Entry(route, self._wanted.get(route.id), self._traces[route.id], _matched(route, asked))

    def _desks_of(self, matter: Matter, day: date) -> tuple[Routed, ...]:
        return tuple(
            Routed(desk.unit, _trace("queue", desk, self.rules.version))
            for desk in self.rules.desks
            if desk.applies(matter, day)
        )


class _Narrow(NamedTuple):
    """What many reports of a day have in common."""

    matter: Matter
    category: str | None
    received_on: date


class _Wanted(NamedTuple):
    """The words that a rule asks for: unmarked, and as the rule writes them."""

    any: Mapping[str, str]
    all: Mapping[str, str]

    @classmethod
    def of(cls, words: Words) -> "_Wanted":
        return cls({unmarked(each): each for each in words.any}, {unmarked(each): each for each in words.all})

    def met_by(self, found: Set[str]) -> bool:
        """Whether the words that were found are enough."""
        return bool(found) and self.all.keys() <= found and (not self.any or not self.any.keys().isdisjoint(found))

    def matched(self, found: Set[str]) -> list[str]:
        """Those that were found, in the rule's own writing."""
        return [*self.all.values(), *(written for phrase, written in self.any.items() if phrase in found)]


class _Asked:
    """What is looked up of one report, when a rule first asks for it, and once."""

    def __init__(self, router: Router, units: Units, case: Case) -> None:
        self.router = router
        self.units = units
        self.case = case

    @cached_property
    def held(self) -> Held | None:
        """The unit that holds the place; None too for one that the directory does not know that day."""
        position, day = self.case.position, self.case.received_on
        held = None if position is None else self.router.places.holding(position, day)
        return held if held is not None and self.units.exists(held.code, day) else None

    @cached_property
    def found(self) -> Set[str]:
        """The phrases of all rules that stand in the report."""
        return self.router.phrases.found(self.case.title or "", self.case.content)

    @cached_property
    def hours(self) -> Literal["office", "outside"]:
        """Whether it was received in office hours, the closing included."""
        at = self.case.received_at
        return "office" if self.router.calendar.add_working_hours(at, 0) == at else "outside"


class _Entry:
    """A rule whose common conditions are met by the reports that it is kept for."""

    __slots__ = ("_by_place", "_hours", "_matched", "_route", "_trace", "_wanted", "plain")

    def __init__(self, route: Route, wanted: _Wanted | None, trace: Mapping[str, Any], matched: dict[str, Any]) -> None:
        self._route, self._wanted, self._trace, self._matched = route, wanted, trace, matched
        self._hours = route.time and route.time.hours
        self._by_place = _asks_for_place(route)
        asks = self._hours or self._by_place or wanted
        self.plain = None if asks or route.unit is None else self._routed(route.unit, matched)
        """What it decides, if it asks nothing more of a report."""

    def apply(self, asked: _Asked) -> Routed | Condition:
        """Where it sends the report, or the first condition that is not met."""
        if self._hours is not None and asked.hours != self._hours:
            return "hours"
        if self._by_place and not _of_place(self._route.place, asked):
            return "place"
        if self._wanted is not None and not self._wanted.met_by(asked.found):
            return "words"
        unit = self._target(asked)
        return "unit" if unit is None else self._routed(unit, self._matched | self._looked_up(asked))

    def _looked_up(self, asked: _Asked) -> dict[str, Any]:
        """What met the conditions that were asked of this report alone."""
        matched: dict[str, Any] = {}
        if self._hours is not None:
            matched["hours"] = self._hours
        if self._by_place and asked.held is not None:
            matched["place"] = _place(asked.held)
        if self._wanted is not None:
            matched["words"] = self._wanted.matched(asked.found)
        return matched

    def _target(self, asked: _Asked) -> str | None:
        match self._route.to:
            case "commune_of_place":
                return asked.held and asked.held.code
            case "queue":
                return asked.router.desk(asked.units, asked.case.matter, asked.case.received_on).unit
            case None:
                unit = self._route.unit
                return unit if unit is not None and asked.units.exists(unit, asked.case.received_on) else None

    def _routed(self, unit: str, matched: Mapping[str, Any]) -> Routed:
        return Routed(unit, {**self._trace, "matched": matched} if matched else self._trace)


def _unmet(route: Route, asked: Case | _Narrow) -> Condition | None:
    """The first of the common conditions that is not met."""
    if not route.applies(asked.matter, asked.received_on):
        return "matter"
    if route.categories is not None and asked.category not in route.categories:
        return "category"
    days = route.time.weekdays if route.time is not None else ()
    return "weekday" if days and WEEKDAYS[asked.received_on.weekday()] not in days else None


def _matched(route: Route, asked: Case | _Narrow) -> dict[str, Any]:
    """The common conditions that the rule has, with what they met in the report."""
    matched: dict[str, Any] = {}
    allowances: tuple[frozenset[StrEnum], ...] = (route.channels, route.kinds, route.severities)
    for name, value, allowed in zip(Matter._fields, asked.matter, allowances, strict=True):
        if allowed != frozenset(type(value)):
            matched[name] = value.value
    if route.categories is not None:
        matched["category"] = asked.category
    if route.time is not None and route.time.weekdays:
        matched["weekday"] = WEEKDAYS[asked.received_on.weekday()]
    return matched


def _asks_for_place(route: Route) -> bool:
    return route.place is not None or route.to == "commune_of_place"


def _of_place(wanted: OfPlace | None, asked: _Asked) -> bool:
    """Whether a unit holds the place, and one that is wanted, if any is named."""
    held = asked.held
    if held is None or wanted is None:
        return held is not None
    if wanted.units and held.code not in wanted.units:
        return False
    unit = asked.units.at(held.code, asked.case.received_on) if wanted.kinds else None
    return not wanted.kinds or (unit is not None and unit.kind in wanted.kinds)


def _place(held: Held) -> dict[str, str]:
    return {"unit": held.code, "outlines": held.by.version, "status": held.by.status}


def _trace(by: str, rule: Route | Desk, version: str) -> Mapping[str, Any]:
    return {
        "by": by,
        "rule": rule.id,
        "version": version,
        "status": rule.status,
        "why": msgspec.to_builtins(rule.why),
    }
