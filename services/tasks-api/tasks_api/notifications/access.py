"""Whose inbox a caller reads: that of their unit in each of their roles, and nobody else's."""

from typing import Final

from cchc_shared.contract.codes import Role
from cchc_shared.http.access import Principal
from tasks_api.city import City
from tasks_api.notifications.domain import Addressee

NOTIFIED: Final = (Role.OFFICER, Role.UNIT_HEAD, Role.COORDINATOR)
"""The roles that are told something."""


def addressees(caller: Principal, city: City) -> list[Addressee]:
    """What is addressed to the caller. Co-ordinators without a unit or of one of the city's offices are the city's."""
    found = [Addressee(caller.unit, role) for role in NOTIFIED if caller.unit and role in caller.roles]
    if caller.has(Role.COORDINATOR) and (not caller.unit or caller.unit in city.offices):
        found.append(Addressee(city.assigning_unit, Role.COORDINATOR))
    return list(dict.fromkeys(found))
