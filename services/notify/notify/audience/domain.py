"""Who may be told of which events, by the scope of a system or by a person's roles, and what they are told. Pure.

What no line says is told to nobody. Inspections may be unannounced, plans and submissions are of the whole city and
name no unit that they belong to: they are not here.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from cchc_shared.contract.codes import OVERSIGHT, UNIT_STAFF, Role
from cchc_shared.contract.events import Event
from cchc_shared.contract.events.registry import TYPES

UNITS_IN: Final[Mapping[str, tuple[str, ...]]] = {
    "consultation": ("unit", "from_unit"),
    "dossier": ("unit", "from_unit"),
    "dossier_step": ("unit",),
    "feedback": ("unit", "from_unit"),
    "feedback_reminder": ("unit",),
    "procedure": ("unit",),
    "task": ("lead_unit", "coordinating_units", "from_unit"),
}
"""Kinds of things of which somebody may be told, with the fields of their events that name the units concerned.

The unit that had a thing until then is told that it went.
"""
_READS_ALL_REPORTS: Final = (Role.COORDINATOR, Role.INSPECTOR)
OF_EVERY_UNIT: Final[Mapping[str, tuple[Role, ...]]] = {
    "consultation": OVERSIGHT,
    "dossier": OVERSIGHT,
    "dossier_step": OVERSIGHT,
    "feedback": _READS_ALL_REPORTS,
    "feedback_reminder": _READS_ALL_REPORTS,
    "procedure": OVERSIGHT,
    "task": OVERSIGHT,
}
"""Who is told of the things of every unit: those who read the whole list of them. `UNIT_STAFF` are told of their own
unit's, as in the lists."""
TYPES_TOLD: Final[Mapping[str, str]] = {
    name: kind.AGGREGATE for name, kind in TYPES.items() if kind.AGGREGATE in UNITS_IN
}
"""Every event type of which somebody may be told, and the kind of thing it speaks of."""


class Scope(msgspec.Struct, frozen=True):
    """How far somebody is told: of `things`, as they concern `units`; None: every unit."""

    things: frozenset[str]
    units: frozenset[str] | None


class Happening(msgspec.Struct, frozen=True, kw_only=True):
    """All that is told of an event, to whoever is told most. It holds nobody's name and no words."""

    event_id: UUID
    type: str
    thing: str
    subject: str
    version: int
    units: Sequence[str]
    """The units concerned, in the order in which the event names them."""
    occurred_at: datetime
    recorded_at: datetime


def happening(event: Event) -> Happening:
    """What may be told of an event of one of the `TYPES_TOLD`."""
    return Happening(
        event_id=event.id,
        type=event.type,
        thing=event.data.AGGREGATE,
        subject=event.subject,
        version=event.version,
        units=list(dict.fromkeys(_units(event))),
        occurred_at=event.occurred_at,
        recorded_at=event.recorded_at,
    )


def scope_of(routes: Collection[str], units: Collection[str], *, whole_city: bool) -> Scope:
    """What the scope of a connected system lets it be told: `events.dossier` in its routes is all events of dossiers.

    Reading things and being told of all of them are different rights: neither follows from the other.
    """
    things = frozenset(thing for thing in UNITS_IN if f"events.{thing}" in routes)
    return Scope(things, None if whole_city else frozenset(units))


def scopes_of(roles: Collection[Role], unit: str | None) -> Sequence[Scope]:
    """What a person is told: of each thing as far as their roles list it. No thing stands in two of the scopes."""
    everywhere = frozenset(thing for thing, readers in OF_EVERY_UNIT.items() if not set(readers).isdisjoint(roles))
    own = frozenset(UNITS_IN) - everywhere if unit and not set(UNIT_STAFF).isdisjoint(roles) else frozenset()
    found = (Scope(everywhere, None), Scope(own, frozenset({unit or ""})))
    return [scope for scope in found if scope.things]


def narrowed(scope: Scope, units: Collection[str]) -> Scope:
    """The part of the scope that concerns these units; all of it where none is named."""
    if not units:
        return scope
    wanted = frozenset(units)
    return Scope(scope.things, wanted if scope.units is None else scope.units & wanted)


def units_told(scope: Scope, told: Happening) -> Sequence[str]:
    """The units by which it lies in the scope, in the order in which the event names them; empty: it does not."""
    if told.thing not in scope.things:
        return ()
    return [unit for unit in told.units if scope.units is None or unit in scope.units]


def body_of(told: Happening, units: Sequence[str]) -> str:
    """What is sent of it: that it happened, to what, and when. What it says in detail is read over the API."""
    payload: Mapping[str, object] = {
        "type": told.type,
        "timestamp": told.occurred_at,
        "data": {
            "aggregate": told.thing,
            "id": told.subject,
            "version": told.version,
            "units": units,
            "recorded_at": told.recorded_at,
        },
    }
    return msgspec.json.encode(payload).decode()


def _units(event: Event) -> Sequence[str]:
    found: list[str] = []
    for name in UNITS_IN[event.data.AGGREGATE]:
        value = getattr(event.data, name, None)
        found += [value] if isinstance(value, str) else value or ()
    return found
