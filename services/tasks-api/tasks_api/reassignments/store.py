"""Moves one piece of open work to the heirs of its units: its own effect, its history, its event."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple, TypeVar

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.calendar.working_time import WorkingCalendar
from cchc_shared.contract.codes import Role
from cchc_shared.contract.transitions import Change, Stateful, Step
from cchc_shared.service.workflow import Store, entry_of, event_of
from cchc_shared.stream import outbox
from tasks_api.consultations import domain as of_consultations
from tasks_api.consultations import repository as consultations
from tasks_api.consultations.store import ConsultationStore
from tasks_api.inspections import effects as of_inspections
from tasks_api.inspections import repository as inspections
from tasks_api.inspections.access import Reader
from tasks_api.inspections.store import RecommendationStore
from tasks_api.notifications.repository import notify
from tasks_api.reassignments.domain import Item, Seat, Work
from tasks_api.reassignments.repository import Run
from tasks_api.submissions import domain as of_submissions
from tasks_api.submissions import repository as submissions
from tasks_api.submissions.store import SubmissionStore
from tasks_api.tasks import effects as of_tasks
from tasks_api.tasks import repository as tasks
from tasks_api.tasks.domain import Receiving
from tasks_api.tasks.notifications import REASSIGN
from tasks_api.tasks.store import TaskStore
from tasks_api.units.domain import Succession

S = TypeVar("S", bound=Stateful)

_ANY: Final = Reader(own=None, works_in=None, plans=True, oversees=True)


class Occasion(NamedTuple):
    """The run that moves, and when it does."""

    run: Run
    at: datetime


@dataclass(frozen=True)
class Movers:
    """Moves work of each kind. Work is locked and still as it was decided about; nothing is committed."""

    calendar: WorkingCalendar
    receiving: Receiving
    tasks: TaskStore
    consultations: ConsultationStore
    recommendations: RecommendationStore
    submissions: SubmissionStore

    async def move(self, conn: AsyncConnection, item: Item, to: Mapping[Seat, Succession], now: Occasion) -> None:
        """Give these seats to their heirs."""
        moves = {
            Work.TASK: self._task,
            Work.CONSULTATION: self._consultation,
            Work.RECOMMENDATION: self._recommendation,
            Work.SUBMISSION: self._submission,
        }
        await moves[item.work](conn, item.code, to, now)

    async def _task(self, conn: AsyncConnection, code: str, to: Mapping[Seat, Succession], now: Occasion) -> None:
        task = await tasks.get(conn, code)
        if task is not None:
            change = of_tasks.inherit(_step(task, now), to.get(Seat.LEAD), to.get(Seat.ASSIGNING), self.receiving)
            await _record(conn, self.tasks, task, change, to, now)

    async def _consultation(
        self, conn: AsyncConnection, code: str, to: Mapping[Seat, Succession], now: Occasion
    ) -> None:
        asked = await consultations.get(conn, code, None)
        if asked is not None:
            least = self.calendar.add_working_days(now.at, self.receiving.least_working_days)
            step = _step(asked, now)
            change = of_consultations.inherit(step, to.get(Seat.ASKED), to.get(Seat.ASKER), least)
            await _record(conn, self.consultations, asked, change, to, now)
            if Seat.ASKED in to:
                told = of_consultations.notifications_of(change.after, now.at, self.calendar)
                await notify(conn, told, now.at)

    async def _recommendation(
        self, conn: AsyncConnection, code: str, to: Mapping[Seat, Succession], now: Occasion
    ) -> None:
        found = await inspections.get_recommendation(conn, code, _ANY)
        if found is not None:
            least = self.receiving.least_day(now.at)
            change = of_inspections.inherit(
                _step(found, now), to.get(Seat.RESPONSIBLE), to.get(Seat.INSPECTING), least, self.calendar
            )
            await _record(conn, self.recommendations, found, change, to, now)

    async def _submission(self, conn: AsyncConnection, code: str, to: Mapping[Seat, Succession], now: Occasion) -> None:
        papers = await submissions.get(conn, code, None)
        if papers is not None:
            change = of_submissions.inherit(_step(papers, now), to.get(Seat.SENDER), to.get(Seat.RECEIVER))
            await _record(conn, self.submissions, papers, change, to, now)


def _step(before: S, now: Occasion) -> Step[S]:
    return Step(before, msgspec.structs.replace(before, version=before.version + 1), now.at)  # type: ignore[type-var]


async def _record(
    conn: AsyncConnection,
    store: Store[S, S],
    before: S,
    change: Change[S],
    to: Mapping[Seat, Succession],
    now: Occasion,
) -> None:
    """State, row of history and event, with the legal document and the units of each seat that passed on."""
    run, at = now
    details: dict[str, Any] = {"document_no": run.document_no, "reassignment": run.id}
    details |= {
        seat.value: {"from": each.ended, "until": each.until.isoformat(), "to": each.heir} for seat, each in to.items()
    }
    change = change._replace(note=run.reason, details=details)
    entry = entry_of(before, change, action=REASSIGN, at=at, recorded_at=at, actor=run.started_by, role=Role(run.role))
    await store.save(conn, before, change, entry)
    await outbox.write(conn, [event_of(change, entry)])
