"""Connected systems."""

from cchc_shared.directory.service import Directory
from cchc_shared.service.context import Context
from cchc_shared.service.feature import Feature, Tag
from notify.systems.routes import router
from notify.systems.service import Systems


def _open(here: Context) -> Systems:
    return Systems(here.engine, here.reading, here.clock, here.calendar, here.use(Directory))


FEATURE = Feature(
    "systems",
    provides={Systems: _open},
    routers=(router,),
    tags=(Tag("systems", "Hệ thống kết nối · Connected systems"),),
)
