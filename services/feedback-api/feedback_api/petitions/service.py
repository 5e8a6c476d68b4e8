"""Links voters' petitions to the tasks that they become."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncConnection
from structlog import get_logger

from cchc_shared.calendar.clock import Clock
from cchc_shared.contract.codes import FeedbackKind
from cchc_shared.contract.transitions import Step
from cchc_shared.service.workflow import Workflow, entry_of
from feedback_api.reports import effects, repository
from feedback_api.reports.domain import ENDED, Feedback

log = get_logger()

ACTION: Final = "become_task"
"""The action's name in the history. Nobody takes it here."""


@dataclass(frozen=True, slots=True)
class Petitions:
    """The use case."""

    clock: Clock
    workflow: Workflow[Feedback, Feedback]

    async def link(self, conn: AsyncConnection, petition: str, task: str, at: datetime) -> None:
        """From `at` on the duty to answer is the task, without commit.

        The first task counts. What is no petition that waits for an answer stays as it is, which the log says: the task
        names it all the same.
        """
        before = await repository.load(conn, petition, lock=True)
        if before is None or before.kind is not FeedbackKind.VOTER_PETITION or before.status in ENDED:
            log.warning("task of no open petition", task=task, petition=petition)
            return
        if before.task is not None:
            return
        step = Step(before, replace(before, version=before.version + 1), at)
        change = effects.become_task(step, task)
        entry = entry_of(before, change, action=ACTION, at=at, recorded_at=self.clock.now())
        await self.workflow.record(conn, before, change, entry)
