"""Submissions as the workflow loads, stores and shows them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.contract.codes import Role
from cchc_shared.contract.transitions import Change
from cchc_shared.http.access import Principal
from cchc_shared.storage.history import HistoryEntry
from tasks_api.city import City
from tasks_api.submissions import access, repository
from tasks_api.submissions.domain import Submission
from tasks_api.submissions.schemas import SubmissionOut
from tasks_api.submissions.transitions import TABLE, SubmissionAction
from tasks_api.tasks.access import reader


@dataclass(frozen=True)
class SubmissionStore:
    city: City

    async def load(self, conn: AsyncConnection, code: str, caller: Principal) -> Submission | None:
        return await repository.get(conn, code, reader(caller), lock=True)

    def state(self, record: Submission) -> Submission:
        return record

    def parties(self, caller: Principal, record: Submission) -> Mapping[StrEnum, Role]:
        return access.parties(caller, record, self.city)

    async def save(
        self, conn: AsyncConnection, record: Submission, change: Change[Submission], entry: HistoryEntry
    ) -> Submission:
        await repository.store(conn, change.after)
        await repository.add_history(conn, change.after, entry)
        return change.after

    async def show(self, conn: AsyncConnection, record: Submission, caller: Principal) -> SubmissionOut:
        return self.shown(record, caller)

    def shown(self, papers: Submission, caller: Principal) -> SubmissionOut:
        """The papers as this caller sees them."""
        possible = TABLE.possible(papers, self.parties(caller, papers))
        return SubmissionOut.of(papers, [SubmissionAction(action) for action in possible])
