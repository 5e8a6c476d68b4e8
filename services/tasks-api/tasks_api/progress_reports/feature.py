"""Reports of progress."""

from cchc_shared.service.context import Context
from cchc_shared.service.feature import Feature, Tag
from tasks_api.city import City
from tasks_api.progress_reports.routes import router
from tasks_api.progress_reports.service import ProgressReports
from tasks_api.tasks.rules import WorkRules


def _open(here: Context) -> ProgressReports:
    return ProgressReports(
        engine=here.engine,
        reading=here.reading,
        clock=here.clock,
        calendar=here.calendar,
        city=City.load(here.profile),
        most=WorkRules.load(here.profile).most_progress_reports.value,
    )


FEATURE = Feature(
    "progress_reports",
    provides={ProgressReports: _open},
    routers=(router,),
    tags=(Tag("progress_reports", "Báo cáo tiến độ, khó khăn vướng mắc · Reports of progress and obstacles"),),
)
