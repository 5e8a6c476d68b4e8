"""The calendars of units."""

from cchc_shared.service.context import Context
from cchc_shared.service.feature import Feature, Tag
from tasks_api.city import City
from tasks_api.unit_calendars.routes import router
from tasks_api.unit_calendars.service import UnitCalendars
from tasks_api.units.service import Units


def open_calendars(here: Context) -> UnitCalendars:
    return UnitCalendars(
        engine=here.engine,
        reading=here.reading,
        clock=here.clock,
        city=City.load(here.profile),
        units=here.use(Units),
        address=here.settings.public_url,
    )


FEATURE = Feature(
    "unit_calendars",
    provides={UnitCalendars: open_calendars},
    routers=(router,),
    tags=(Tag("calendars", "Lịch hạn việc của đơn vị · Calendars of units"),),
)
