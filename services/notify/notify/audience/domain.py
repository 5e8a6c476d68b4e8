"""Which events a connected system may be told of, by its scope. Pure.

What no line says is told to nobody. Inspections may be unannounced, plans and submissions are of the whole city and
name no unit that they belong to: they are not here.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Final

import msgspec

from cchc_shared.contract.events import Event
from cchc_shared.contract.events.registry import TYPES

UNITS_IN: Final[Mapping[str, tuple[str, ...]]] = {
    "consultation": ("unit", "from_unit"),
    "dossier": ("unit", "from_unit"),
    "feedback": ("unit", "from_unit"),
    "feedback_reminder": ("unit",),
    "task": ("lead_unit", "coordinating_units", "from_unit"),
}
"""Kinds of things of which somebody may be told, with the fields of their events that name the units concerned.

The unit that had a thing until then is told that it went.
"""
TYPES_TOLD: Final[Mapping[str, str]] = {
    name: kind.AGGREGATE for name, kind in TYPES.items() if kind.AGGREGATE in UNITS_IN
}
"""Every event type of which somebody may be told, and the kind of thing it speaks of."""


class Scope(msgspec.Struct, frozen=True):
    """How far somebody is told: of `things`, as they concern `units`; None: every unit."""

    things: frozenset[str]
    units: frozenset[str] | None


def scope_of(routes: Collection[str], units: Collection[str], *, whole_city: bool) -> Scope:
    """What the scope of a connected system lets it be told: `events.dossier` in its routes is all events of dossiers.

    Reading things and being told of all of them are different rights: neither follows from the other.
    """
    things = frozenset(thing for thing in UNITS_IN if f"events.{thing}" in routes)
    return Scope(things, None if whole_city else frozenset(units))


def narrowed(scope: Scope, units: Collection[str]) -> Scope:
    """The part of the scope that concerns these units; all of it where none is named."""
    if not units:
        return scope
    wanted = frozenset(units)
    return Scope(scope.things, wanted if scope.units is None else scope.units & wanted)


def units_told(scope: Scope, event: Event) -> Sequence[str]:
    """The units by which the event lies in the scope, in the order in which it names them; empty: it does not."""
    if event.data.AGGREGATE not in scope.things:
        return ()
    concerned = dict.fromkeys(_units(event))
    return [unit for unit in concerned if scope.units is None or unit in scope.units]


def _units(event: Event) -> Sequence[str]:
    found: list[str] = []
    for name in UNITS_IN[event.data.AGGREGATE]:
        value = getattr(event.data, name, None)
        found += [value] if isinstance(value, str) else value or ()
    return found
