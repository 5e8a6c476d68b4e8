"""Cases and rules for the tests of routing."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import msgspec
from msgspec.structs import asdict

from cchc_shared.calendar.working_time import WorkingCalendar
from cchc_shared.contract.codes import Channel, FeedbackKind, Severity
from cchc_shared.directory.domain import Unit, Units
from feedback_api import rulebook
from feedback_api.places.domain import Places
from feedback_api.routing.domain import Case, Router
from feedback_api.routing.rules import RoutingRules
from feedback_api.rulebook import Matter

from ..conftest import PROFILE, UNITS

RULES = rulebook.load(PROFILE, RoutingRules)
CALENDAR = WorkingCalendar.load(PROFILE)
NOWHERE = Places((), 5000)
KNOWN = Units(Unit(code, since, until) for code, since, until in UNITS)
NINE = datetime(2026, 11, 18, 2, tzinfo=UTC)
"""Wednesday 18 November 2026, 09:00 in Hanoi."""


def case(
    kind: FeedbackKind = FeedbackKind.CONDUCT,
    at: datetime = NINE,
    content: str = "Hồ sơ chậm",
    severity: Severity = Severity.NORMAL,
    title: str | None = None,
    category: str | None = None,
    named: str | None = None,
) -> Case:
    matter = Matter(Channel.IHANOI, kind, severity)
    return Case(matter, at, CALENDAR.local_date(at), content, title, category, None, named)


def rule(name: str, **conditions: object) -> dict[str, Any]:
    """A route as the document writes it; to the justice department unless told otherwise."""
    target = {} if "to" in conditions else {"unit": "so-tu-phap"}
    entry: dict[str, Any] = {
        "id": name,
        "effective_from": "2000-01-01",
        "source": "test",
        "status": "R",
        "why": {"vi": "v", "en": "e"},
    }
    return entry | target | conditions


def rules(*routing: Mapping[str, Any]) -> RoutingRules:
    """The desks of the city, and these routes."""
    whole = asdict(RULES) | {"version": "t", "routing": routing}
    return msgspec.convert(msgspec.to_builtins(whole), RoutingRules)


def router(*routing: Mapping[str, Any], places: Places = NOWHERE) -> Router:
    return Router(rules(*routing), CALENDAR, places)


def on(day: date) -> datetime:
    """Nine in the morning of that day."""
    return datetime(day.year, day.month, day.day, 2, tzinfo=UTC)
