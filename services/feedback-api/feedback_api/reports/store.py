"""Reports as the workflow kit moves them."""

from collections.abc import Mapping
from enum import StrEnum

from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.contract.codes import Role
from cchc_shared.contract.provenance import Text
from cchc_shared.contract.transitions import Change
from cchc_shared.http.access import Principal
from cchc_shared.service.context import Context
from cchc_shared.service.workflow import Workflow
from cchc_shared.storage.history import HistoryEntry
from feedback_api.deadlines.domain import Deadlines
from feedback_api.reports import access, repository, views
from feedback_api.reports.domain import Feedback
from feedback_api.reports.reminders import Reminders
from feedback_api.reports.transitions import TABLE


class ReportStore:
    """Loads and stores reports. A report is loaded whole, and is itself the state that actions change."""

    def __init__(self, deadlines: Deadlines, reminders: Reminders) -> None:
        self._deadlines = deadlines
        self._reminders = reminders

    async def load(self, conn: AsyncConnection, code: str, caller: Principal) -> Feedback | None:
        """The report, locked; None when there is none that the caller may read by their token."""
        found = await repository.load(conn, code, lock=True)
        return found if found is not None and access.may_read(caller, None, found) else None

    def state(self, record: Feedback) -> Feedback:
        return record

    def parties(self, caller: Principal, record: Feedback) -> Mapping[StrEnum, Role]:
        return access.parties(caller, record)

    async def save(
        self, conn: AsyncConnection, record: Feedback, change: Change[Feedback], entry: HistoryEntry
    ) -> Feedback:
        after = self._reminders.set(change.after)
        await repository.save(conn, record, after, entry)
        return after

    async def show(self, conn: AsyncConnection, record: Feedback, caller: Principal) -> BaseModel:
        return views.report(record, caller, self._deadlines)


def workflow(here: Context) -> Workflow[Feedback, Feedback]:
    """The command path of reports."""
    name = Text("phản ánh này", "this report")
    return Workflow(name, TABLE, ReportStore(here.use(Deadlines), here.use(Reminders)), here.engine, here.clock)
