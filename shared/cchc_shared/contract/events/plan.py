"""Events of plans."""

from datetime import date
from typing import ClassVar

from cchc_shared.contract.events.envelope import EventData


class PlanState(EventData, frozen=True, kw_only=True):
    """The plan after the event. Each of its tasks has events of its own."""

    AGGREGATE: ClassVar[str] = "plan"
    TOPIC: ClassVar[str] = "tasks"

    code: str
    document_no: str
    issued_on: date
    issuer: str
    tasks: int


class PlanImported(PlanState, frozen=True, kw_only=True):
    """A plan was imported from its document."""

    TYPE: ClassVar[str] = "vn.hanoi.cchc.plan.imported.v1"


class PlanRevised(PlanState, frozen=True, kw_only=True):
    """A revised document of the plan was imported."""

    TYPE: ClassVar[str] = "vn.hanoi.cchc.plan.revised.v1"


class PlanRowDecided(PlanState, frozen=True, kw_only=True):
    """A row that waited for an answer was assigned, or found to be no task."""

    TYPE: ClassVar[str] = "vn.hanoi.cchc.plan.row_decided.v1"

    row: int
    parked: int
    """Rows that still wait."""


class PlanWithdrawn(PlanState, frozen=True, kw_only=True):
    """The plan was withdrawn before any work on it had begun."""

    TYPE: ClassVar[str] = "vn.hanoi.cchc.plan.withdrawn.v1"


class PlanPlaced(PlanState, frozen=True, kw_only=True):
    """It was said which plan this one carries out, or that it carries out none. No task of it changed."""

    TYPE: ClassVar[str] = "vn.hanoi.cchc.plan.placed.v1"

    parent: str | None
