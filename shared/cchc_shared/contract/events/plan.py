"""Events of plans."""

from datetime import date
from typing import ClassVar

from cchc_shared.contract.events.envelope import EventData


class PlanImported(EventData, frozen=True, kw_only=True):
    """A plan was imported from its document. Each of its tasks has events of its own."""

    TYPE: ClassVar[str] = "vn.hanoi.cchc.plan.imported.v1"
    AGGREGATE: ClassVar[str] = "plan"
    TOPIC: ClassVar[str] = "tasks"

    code: str
    document_no: str
    issued_on: date
    issuer: str
    tasks: int
