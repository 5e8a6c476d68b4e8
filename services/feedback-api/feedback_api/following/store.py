"""Reports as those see them who may only know that they are there."""

from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.contract.provenance import Text
from cchc_shared.http.access import Principal
from cchc_shared.service.context import Context
from cchc_shared.service.workflow import Workflow
from feedback_api.deadlines.domain import Deadlines
from feedback_api.following import repository, views
from feedback_api.reports import access
from feedback_api.reports import repository as reports
from feedback_api.reports.domain import Feedback
from feedback_api.reports.reminders import Reminders
from feedback_api.reports.store import ReportStore
from feedback_api.reports.transitions import TABLE


class FollowedStore(ReportStore):
    """A report is loaded whole; what is shown of it is what everyone may know."""

    async def load(self, conn: AsyncConnection, code: str, caller: Principal) -> Feedback | None:
        """The report, locked; None when there is none that everyone may know of, or that the caller may read."""
        found = await reports.load(conn, code, lock=True)
        known = found is not None and (found.is_in_the_open or access.may_read(caller, None, found))
        return found if known else None

    async def show(self, conn: AsyncConnection, record: Feedback, caller: Principal) -> BaseModel:
        record = await reports.load(conn, record.code) or record  # by now it may have one follower more
        return views.followed(record, following=await repository.is_following(conn, record.code, caller.sub))


def workflow(here: Context) -> Workflow[Feedback, Feedback]:
    """The command path of those who follow."""
    name = Text("phản ánh này", "this report")
    return Workflow(name, TABLE, FollowedStore(here.use(Deadlines), here.use(Reminders)), here.engine, here.clock)
