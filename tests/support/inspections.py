"""A tiny aggregate, invented to try the workflow kit: an inspection is planned, begun, and concluded or called off."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, ClassVar

import msgspec
from fastapi import APIRouter, Path
from pydantic import Field
from sqlalchemy import Column, Integer, Table, Text, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.contract import provenance
from cchc_shared.contract.codes import Role
from cchc_shared.contract.events import EventData
from cchc_shared.contract.rules import RuleBroken
from cchc_shared.contract.transitions import Change, Step, TransitionTable, row
from cchc_shared.http.access import Principal, allow
from cchc_shared.http.schemas import In, Out
from cchc_shared.service import idempotency
from cchc_shared.service.actions import ActionRoutes
from cchc_shared.service.context import Context
from cchc_shared.service.feature import Feature
from cchc_shared.service.workflow import Command, Effect, Workflow
from cchc_shared.storage.database import metadata
from cchc_shared.storage.history import HistoryEntry, history_columns
from cchc_shared.storage.idempotency import Reply, idempotency_table
from cchc_shared.stream.outbox import outbox_table


class Status(StrEnum):
    PLANNED = "planned"
    UNDER_WAY = "under_way"
    CONCLUDED = "concluded"
    CALLED_OFF = "called_off"


class Action(StrEnum):
    BEGIN = "begin"
    CONCLUDE = "conclude"
    CALL_OFF = "call_off"


class Party(StrEnum):
    LEADER = "leader"
    OFFICE = "office"


class Inspection(msgspec.Struct, frozen=True):
    code: str
    version: int
    status: Status
    unit: str
    findings: int = 0


TRANSITIONS = TransitionTable[Inspection](
    row(Action.BEGIN, {Status.PLANNED}, Status.UNDER_WAY, {Party.LEADER}),
    row(Action.CONCLUDE, {Status.UNDER_WAY}, Status.CONCLUDED, {Party.LEADER}),
    row(Action.CALL_OFF, {Status.PLANNED, Status.UNDER_WAY}, Status.CALLED_OFF, {Party.OFFICE}),
)

TABLES = metadata()
outbox_table(TABLES)
idempotency_table(TABLES)
INSPECTION = Table(
    "inspection",
    TABLES,
    Column("code", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("findings", Integer, nullable=False),
)
HISTORY = Table("inspection_history", TABLES, Column("code", Text, primary_key=True), *history_columns())


class InspectionMoved(EventData, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = "test.inspection.moved.v1"
    AGGREGATE: ClassVar[str] = "inspection"
    TOPIC: ClassVar[str] = "tasks"

    code: str
    status: Status


class InspectionOut(Out):
    code: str
    version: int
    status: Status
    possible: list[str]


class ConcludeIn(In):
    findings: int = Field(ge=0)
    note: str | None = None


class CallOffIn(In):
    reason: str | None = Field(default=None, max_length=20)


class InspectionStore:
    """Inspections of the database; a secret one is shown to officers only."""

    async def load(self, conn: AsyncConnection, code: str, caller: Principal) -> Inspection | None:
        if code.startswith("secret") and not caller.has(Role.OFFICER):
            return None
        found = (await conn.execute(select(INSPECTION).where(INSPECTION.c.code == code).with_for_update())).first()
        return (
            None
            if found is None
            else Inspection(found.code, found.version, Status(found.status), found.unit, found.findings)
        )

    def state(self, record: Inspection) -> Inspection:
        return record

    def parties(self, caller: Principal, record: Inspection) -> Mapping[StrEnum, Role]:
        found: dict[StrEnum, Role] = {}
        if caller.has(Role.OFFICER) and caller.unit == record.unit:
            found[Party.LEADER] = Role.OFFICER
        if caller.has(Role.COORDINATOR):
            found[Party.OFFICE] = Role.COORDINATOR
        return found

    async def save(
        self, conn: AsyncConnection, record: Inspection, change: Change[Inspection], entry: HistoryEntry
    ) -> Inspection:
        after = change.after
        await conn.execute(
            update(INSPECTION).where(INSPECTION.c.code == record.code).values(msgspec.to_builtins(after))
        )
        await conn.execute(insert(HISTORY).values(code=record.code, **entry.values()))
        return after

    async def show(self, conn: AsyncConnection, record: Inspection, caller: Principal) -> InspectionOut:
        possible = TRANSITIONS.possible(record, self.parties(caller, record))
        return InspectionOut(
            code=record.code, version=record.version, status=record.status, possible=[each.value for each in possible]
        )


@dataclass(frozen=True)
class Inspections:
    """The use cases."""

    workflow: Workflow[Inspection, Inspection]

    async def move(self, command: Command, action: Action, note: str | None = None) -> Reply:
        return await self.workflow.run(command, action, self._effect(note))

    async def conclude(self, command: Command, body: ConcludeIn) -> Reply:
        async def effect(_: AsyncConnection, step: Step[Inspection]) -> Change[Inspection]:
            if body.findings > 100:
                raise RuleBroken("findings", "quá nhiều", "are too many")
            after = msgspec.structs.replace(step.after, findings=body.findings)
            details: dict[str, Any] = {"findings": body.findings}
            return Change(after, InspectionMoved(code=after.code, status=after.status), body.note, details)

        return await self.workflow.run(command, Action.CONCLUDE, effect)

    def _effect(self, note: str | None) -> Effect[Inspection]:
        async def effect(_: AsyncConnection, step: Step[Inspection]) -> Change[Inspection]:
            return Change(step.after, InspectionMoved(code=step.after.code, status=step.after.status), note)

        return effect


router = APIRouter(prefix="/v1/inspections", tags=["inspections"])
action = ActionRoutes(
    router,
    resource="inspections",
    code=Annotated[str, Path(max_length=200)],
    caller=Annotated[Principal, allow(Role.OFFICER, Role.COORDINATOR)],
    service=Inspections,
    shown=InspectionOut,
)


@action(Action.BEGIN, "Begin an inspection")
async def begin(inspections: Inspections, command: Command, _: In) -> Reply:
    """The leader announces the decision at the unit."""
    return await inspections.move(command, Action.BEGIN)


@action(Action.CONCLUDE, "Conclude an inspection", ConcludeIn)
async def conclude(inspections: Inspections, command: Command, body: ConcludeIn) -> Reply:
    """The conclusion counts what was found."""
    return await inspections.conclude(command, body)


@action(Action.CALL_OFF, "Call an inspection off", CallOffIn)
async def call_off(inspections: Inspections, command: Command, body: CallOffIn) -> Reply:
    """Only the office may."""
    return await inspections.move(command, Action.CALL_OFF, body.reason)


def open_(here: Context) -> Inspections:
    name = provenance.Text("cuộc thanh tra", "the inspection")
    return Inspections(Workflow(name, TRANSITIONS, InspectionStore(), here.engine, here.clock))


FEATURES = (Feature("inspections", provides={Inspections: open_}, routers=(router,)), idempotency.FEATURE)
