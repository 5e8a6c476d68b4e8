"""Which tasks a caller may read, and as which party they act."""

from collections.abc import Mapping
from enum import StrEnum

from cchc_shared.contract.codes import OVERSIGHT, UNIT_STAFF, Role
from cchc_shared.http.access import Principal
from tasks_api.city import City
from tasks_api.tasks.domain import Task
from tasks_api.tasks.transitions import Party

OFFICIALS = (*UNIT_STAFF, *OVERSIGHT)
"""Everyone who works with tasks."""

_NO_UNIT = ""
"""Staff without a unit read no task."""


def reader(caller: Principal) -> str | None:
    """The unit whose tasks the caller may read; None for all."""
    return None if caller.has(*OVERSIGHT) else caller.unit or _NO_UNIT


def parties(caller: Principal, task: Task, city: City) -> Mapping[StrEnum, Role]:
    """What the caller is to this task, and the role that makes them so."""
    found: dict[StrEnum, Role] = {}
    if caller.unit == task.unit:
        if role := caller.acting_as(*UNIT_STAFF):
            found[Party.LEAD_STAFF] = role
        if caller.has(Role.UNIT_HEAD):
            found[Party.LEAD_HEAD] = Role.UNIT_HEAD
    if assigns_for(caller, city) == task.assigning_unit and (
        role := caller.acting_as(Role.COORDINATOR, Role.UNIT_HEAD)
    ):
        found[Party.ASSIGNER] = role
    return found


def assigns_for(caller: Principal, city: City) -> str | None:
    """The unit in whose name the caller assigns and follows up, if they may do that at all."""
    is_office = caller.has(Role.COORDINATOR) and (not caller.unit or caller.unit in city.offices)
    return city.assigning_unit if is_office else caller.unit
