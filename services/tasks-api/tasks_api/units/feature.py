"""The directory of units."""

from cchc_shared.service.context import Context
from cchc_shared.service.feature import Feature, Tag
from tasks_api.units.routes import router
from tasks_api.units.rules import Aliases, Groups
from tasks_api.units.service import Units


def open_units(here: Context) -> Units:
    return Units(here.engine, here.clock, here.calendar, Groups.load(here.profile), Aliases.load(here.profile))


FEATURE = Feature(
    "units",
    provides={Units: open_units},
    routers=(router,),
    tags=(Tag("units", "Danh mục cơ quan, đơn vị · The directory of units"),),
)
