"""Which tasks a caller sees, and in which capacity they act."""

from cchc_shared.contract.codes import Role
from cchc_shared.http.access import Principal
from tasks_api.tasks.domain import Task
from tasks_api.tasks.transitions import Actor

SEES_ALL = (Role.COORDINATOR, Role.SCORING_BOARD, Role.COUNCIL, Role.INSPECTOR, Role.OPERATOR)
STAFF = (Role.OFFICER, Role.UNIT_HEAD, *SEES_ALL)
"""Who works with tasks at all."""

_NO_UNIT = ""
"""Staff without a unit are party to nothing."""


def reader(caller: Principal) -> str | None:
    """The unit by whose eyes the caller sees tasks; None sees all."""
    return None if caller.has(*SEES_ALL) else caller.unit or _NO_UNIT


def capacities(caller: Principal, task: Task) -> frozenset[Actor]:
    """What the caller is to this task."""
    found: set[Actor] = set()
    if caller.unit == task.lead_unit:
        if caller.has(Role.OFFICER, Role.UNIT_HEAD):
            found.add(Actor.LEAD_STAFF)
        if caller.has(Role.UNIT_HEAD):
            found.add(Actor.LEAD_HEAD)
    if caller.has(Role.COORDINATOR):
        found.add(Actor.COORDINATOR)
    return frozenset(found)
