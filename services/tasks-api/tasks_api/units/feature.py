"""The directory of units."""

from typing import Final

from fastapi import Request

from cchc_shared.contract.codes import Role
from cchc_shared.http.access import Principal
from cchc_shared.service.context import Context, context_of
from cchc_shared.service.exports import UnitNames
from cchc_shared.service.feature import Feature, Tag
from tasks_api.units.routes import router
from tasks_api.units.rules import Aliases, Groups
from tasks_api.units.service import Units

SAFE: Final = frozenset({"GET", "HEAD"})
UNITLESS: Final = frozenset({Role.OPERATOR, Role.SYSTEM, Role.CITIZEN})


def open_units(here: Context) -> Units:
    return Units(here.engine, here.clock, here.calendar, Groups.load(here.profile), Aliases.load(here.profile))


async def admits(request: Request, caller: Principal, roles: frozenset[Role]) -> None:
    """Nobody acts for a unit that has ended. Who works for no unit, and who only reads, is let in."""
    if request.method not in SAFE and caller.unit and not roles <= UNITLESS:
        await context_of(request).use(Units).check_acting(caller.unit)


def open_names(here: Context) -> UnitNames:
    units: Units = here.use(Units)
    return units


FEATURE = Feature(
    "units",
    admits=admits,
    provides={Units: open_units, UnitNames: open_names},
    routers=(router,),
    tags=(Tag("units", "Danh mục cơ quan, đơn vị · The directory of units"),),
)
