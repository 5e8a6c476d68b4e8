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
    if speaks_for(caller, task.assigning_unit, city) and (role := caller.acting_as(Role.COORDINATOR, Role.UNIT_HEAD)):
        found[Party.ASSIGNER] = role
    return found


def sees_people(caller: Principal, task: Task, city: City) -> bool:
    """Whether they are told who does the task: staff of its unit, and whoever speaks for the one that assigned it."""
    return caller.unit == task.unit or speaks_for(caller, task.assigning_unit, city)


def is_citys(caller: Principal, city: City) -> bool:
    """Whether the caller assigns and follows up in the name of the city: without a unit, or from one of its offices."""
    return caller.has(Role.COORDINATOR) and (not caller.unit or caller.unit in city.offices)


def speaks_for(caller: Principal, unit: str, city: City) -> bool:
    """Whether what the caller may do as head or co-ordinator, they may do in the name of that unit."""
    return caller.unit == unit or (unit == city.assigning_unit and is_citys(caller, city))
