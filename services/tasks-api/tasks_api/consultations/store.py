"""Consultations as the workflow loads, stores and shows them, and how a deadline that passed is recorded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.calendar.clock import Clock
from cchc_shared.calendar.working_time import WorkingCalendar, last_day_before
from cchc_shared.contract.codes import Role
from cchc_shared.contract.transitions import Change
from cchc_shared.http.access import Principal
from cchc_shared.service.workflow import entry_of, event_of
from cchc_shared.storage.history import HistoryEntry
from cchc_shared.stream import outbox
from tasks_api.consultations import access, repository
from tasks_api.consultations.domain import Consultation, lapse, notifications_of
from tasks_api.consultations.notice import Notice, issued
from tasks_api.consultations.rules import ConsultationRules
from tasks_api.consultations.schemas import ConsultationOut
from tasks_api.consultations.transitions import TABLE, ConsultationAction
from tasks_api.notifications.repository import notify
from tasks_api.tasks.access import reader
from tasks_api.units.service import Units

LAPSE: Final = "lapse"
"""The action of a deadline that passes in silence. Nobody takes it."""


@dataclass(frozen=True)
class ConsultationStore:
    clock: Clock
    calendar: WorkingCalendar
    rules: ConsultationRules
    units: Units

    async def load(self, conn: AsyncConnection, code: str, caller: Principal) -> Consultation | None:
        """The consultation, locked. A deadline that passed is recorded first, if no worker has done it yet."""
        asked = await repository.get(conn, code, reader(caller), lock=True)
        now = self.clock.now()
        if asked is not None and asked.lapsed(now):
            [asked] = await self.lapse(conn, [asked], now)
        return asked

    def state(self, record: Consultation) -> Consultation:
        return record

    def parties(self, caller: Principal, record: Consultation) -> Mapping[StrEnum, Role]:
        return access.parties(caller, record)

    async def save(
        self, conn: AsyncConnection, record: Consultation, change: Change[Consultation], entry: HistoryEntry
    ) -> Consultation:
        await repository.store(conn, [change.after])
        await repository.add_history(conn, [(change.after, entry)])
        return change.after

    async def show(self, conn: AsyncConnection, record: Consultation, caller: Principal) -> ConsultationOut:
        return self.shown(record, caller)

    def shown(self, asked: Consultation, caller: Principal) -> ConsultationOut:
        """The consultation as this caller sees it at this instant."""
        now = asked.as_of(self.clock.now())
        possible = TABLE.possible(now, access.parties(caller, now))
        return ConsultationOut.of(now, [ConsultationAction(action) for action in possible])

    async def lapse(self, conn: AsyncConnection, overdue: Sequence[Consultation], now: datetime) -> list[Consultation]:
        """Record for these locked consultations that the deadline passed in silence: as of then, with the notice."""
        changes = [lapse(asked) for asked in overdue]
        entries = [
            entry_of(before, change, action=LAPSE, at=before.due_at, recorded_at=now)
            for before, change in zip(overdue, changes, strict=True)
        ]
        after = [change.after for change in changes]
        await repository.store(conn, after)
        await repository.add_history(conn, zip(after, entries, strict=True))
        notices = await self._notices(conn, [each for each in after if each.notice is not None])
        if notices:
            await repository.add_notices(conn, notices, now)
        told = [notification for each in after for notification in notifications_of(each, each.due_at, self.calendar)]
        await notify(conn, told, now)
        await outbox.write(conn, [event_of(*pair) for pair in zip(changes, entries, strict=True)])
        return after

    async def _notices(
        self, conn: AsyncConnection, agreed: Sequence[Consultation]
    ) -> list[tuple[Consultation, Notice]]:
        names: dict[date, dict[str, str]] = {}
        found = []
        for asked in agreed:
            day = last_day_before(asked.due_at, self.calendar.timezone)
            if day not in names:
                names[day] = await self.units.names(conn, day)
            found.append((asked, issued(asked, names[day], self.rules, self.calendar)))
        return found
