"""Who may know of an inspection, and as which party they act. The rule is written once here, for every way to read."""

from collections.abc import Mapping
from enum import StrEnum

import msgspec

from cchc_shared.contract.codes import OVERSIGHT, UNIT_STAFF, Role
from cchc_shared.http.access import Principal
from tasks_api.inspections.domain import Inspection, Recommendation
from tasks_api.inspections.transitions import Party

OFFICIALS = (*UNIT_STAFF, *OVERSIGHT)
"""Everyone who reads inspections."""
OFFICE = (Role.COORDINATOR, Role.INSPECTOR)
"""Who plans inspections and follows them up."""
ACTING = (*UNIT_STAFF, *OFFICE)
_INSPECTING = (*UNIT_STAFF, Role.INSPECTOR)


class Reader(msgspec.Struct, frozen=True):
    """What of inspections a caller may know.

    `own` is the unit that the caller belongs to: whatever their roles, they do not know of an inspection of that unit
    before it is revealed. `works_in` is the unit for which they act as staff. `plans` is true for those who plan: they
    know the others before. `oversees` is true for who looks at every unit, once an inspection is revealed.
    """

    own: str | None
    works_in: str | None
    plans: bool
    oversees: bool


def reader(caller: Principal) -> Reader:
    """The reader that the caller is."""
    return Reader(
        own=caller.unit,
        works_in=caller.unit if caller.has(*_INSPECTING) else None,
        plans=caller.has(*OFFICE),
        oversees=caller.has(*OVERSIGHT),
    )


def parties(caller: Principal, inspection: Inspection) -> Mapping[StrEnum, Role]:
    """What the caller is to this inspection, and the role that makes them so."""
    return _parties(caller, inspection.inspecting_unit, judged=inspection.inspected_unit)


def parties_of_recommendation(caller: Principal, recommendation: Recommendation) -> Mapping[StrEnum, Role]:
    """What the caller is to this recommendation, and the role that makes them so."""
    found = dict(_parties(caller, recommendation.inspecting_unit, judged=recommendation.responsible_unit))
    if caller.unit == recommendation.responsible_unit and (role := caller.acting_as(*UNIT_STAFF)):
        found[Party.RESPONSIBLE] = role
    return found


def _parties(caller: Principal, inspecting: str, *, judged: str) -> dict[StrEnum, Role]:
    found: dict[StrEnum, Role] = {}
    if caller.unit == inspecting and (role := caller.acting_as(*_INSPECTING)):
        found[Party.INSPECTING] = role
    if caller.unit != judged and (role := caller.acting_as(*OFFICE)):
        found[Party.OFFICE] = role
    return found
