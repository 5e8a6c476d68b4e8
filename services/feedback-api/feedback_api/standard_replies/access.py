"""Who reads and who changes which standard replies. What a caller may not read does not exist for them."""

from typing import Final

from cchc_shared.contract.codes import UNIT_STAFF, Role
from cchc_shared.http.access import Principal
from feedback_api.reports.access import READ_ALL

READERS: Final = (*UNIT_STAFF, *READ_ALL)
WRITERS: Final = (Role.UNIT_HEAD, Role.COORDINATOR)


def may_read(caller: Principal, unit: str | None) -> bool:
    """What is every unit's, what is the caller's own unit's; who oversees all units, everything."""
    return caller.has(*READ_ALL) or (caller.has(*UNIT_STAFF) and unit in (None, caller.unit))


def writing_as(caller: Principal, unit: str | None) -> Role | None:
    """The role in which the caller may write replies of that unit, or of every unit for None."""
    if caller.has(Role.COORDINATOR):
        return Role.COORDINATOR
    if caller.has(Role.UNIT_HEAD) and unit is not None and unit == caller.unit:
        return Role.UNIT_HEAD
    return None
