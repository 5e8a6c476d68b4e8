"""Which unit a report goes to at intake, with the trace of why."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final, NamedTuple

import msgspec

from feedback_api.directory.domain import Units
from feedback_api.routing.rules import RoutingRules
from feedback_api.rulebook import Matter, NoRuleInForce


class UnknownUnit(LookupError):
    """The unit that the sender named does not exist on the day of receipt."""


class Routed(NamedTuple):
    """The unit, and the trace: the sender's own choice, or the rule with its document's version."""

    unit: str
    trace: Mapping[str, Any]


BY_SENDER: Final = {"by": "sender"}


class Router:
    """Applies the routing rules of the day of receipt."""

    def __init__(self, rules: RoutingRules) -> None:
        self._routes = rules.routing
        self._traces = {
            route.id: {
                "by": "rule",
                "rule": route.id,
                "version": rules.version,
                "status": route.status,
                "why": msgspec.to_builtins(route.why),
            }
            for route in rules.routing
        }

    def route(self, units: Units, matter: Matter, received_on: date, named: str | None = None) -> Routed:
        """The unit that the sender named, or else that of the first rule whose unit exists that day.

        Raises `UnknownUnit` for a named unit that does not exist then, `NoRuleInForce` when no rule finds one.
        """
        if named is not None:
            if not units.exists(named, received_on):
                raise UnknownUnit(named)
            return Routed(named, BY_SENDER)
        for route in self._routes:
            if route.applies(matter, received_on) and units.exists(route.unit, received_on):
                return Routed(route.unit, self._traces[route.id])
        raise NoRuleInForce(f"no routing rule has a unit that exists on {received_on}")
