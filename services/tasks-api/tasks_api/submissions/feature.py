"""Submissions: papers for a decision."""

from cchc_shared.contract.provenance import Text
from cchc_shared.service.context import Context
from cchc_shared.service.feature import Feature, Tag
from cchc_shared.service.workflow import Workflow
from tasks_api.city import City
from tasks_api.consultations.service import Consultations
from tasks_api.submissions.routes import router
from tasks_api.submissions.service import Submissions
from tasks_api.submissions.store import SubmissionStore
from tasks_api.submissions.transitions import TABLE
from tasks_api.units.service import Units

NAME = Text("hồ sơ trình này", "this submission")


def open_submissions(here: Context) -> Submissions:
    store = SubmissionStore(City.load(here.profile))
    return Submissions(
        engine=here.engine,
        reading=here.reading,
        clock=here.clock,
        calendar=here.calendar,
        units=here.use(Units),
        consultations=here.use(Consultations),
        store=store,
        workflow=Workflow(NAME, TABLE, store, here.engine, here.clock),
    )


FEATURE = Feature(
    "submissions",
    provides={Submissions: open_submissions},
    routers=(router,),
    tags=(Tag("submissions", "Hồ sơ trình · Papers submitted for a decision"),),
)
