"""Reports on the wire: what actions take, and what readers get."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from cchc_shared.contract.codes import Channel, FeedbackKind, FeedbackStatus, Severity
from cchc_shared.http.schemas import Day, In, Out, UnitCode, bounded
from feedback_api.handling.domain import ReturnReason


class Nothing(In):
    """An action that needs no words."""


class AssignIn(In):
    unit: UnitCode | None = Field(default=None, description="Absent: the unit it was routed to")


class ReturnIn(In):
    reason: ReturnReason


class TransferIn(In):
    unit: UnitCode
    reason: Annotated[str, bounded(2000, min_length=1)]


class DraftAnswerIn(In):
    answer: Annotated[str, bounded(20_000, min_length=1)]
    outcome: Annotated[str, bounded(60, min_length=1)] = Field(description="A code of the city's list of outcomes")


class ListQuery(In):
    """Filters of the list; `from` and `to` are local days of receipt, both included."""

    status: FeedbackStatus | None = None
    unit: UnitCode | None = None
    channel: Channel | None = None
    kind: FeedbackKind | None = None
    category: Annotated[str, bounded(60)] | None = None
    first_day: Day | None = Field(default=None, alias="from")
    last_day: Day | None = Field(default=None, alias="to")
    overdue: bool | None = Field(default=None, description="Open and past its due time")
    q: Annotated[str, bounded(200, min_length=1)] | None = None
    cursor: Annotated[str, bounded(500)] | None = None
    limit: int = Field(default=50, ge=1, le=200)


class FeedbackItem(Out):
    """A report in a list."""

    code: str
    version: int
    channel: Channel
    channel_ref: str | None
    kind: FeedbackKind
    category: str | None
    severity: Severity
    title: str | None
    unit: str
    status: FeedbackStatus
    received_at: datetime
    accept_due_at: datetime
    accepted_at: datetime | None
    resolve_due_at: datetime
    answered_at: datetime | None
    handovers: int


class FeedbackPage(Out):
    items: list[FeedbackItem]
    next_cursor: str | None


class LocationOut(Out):
    lat: float
    lon: float
    address: str | None


class ReporterOut(Out):
    """Only for the unit that holds the report."""

    name: str | None
    phone: str | None
    email: str | None
    anonymous: bool


class FeedbackOut(FeedbackItem):
    """One report. The citizen reads the answer once it is approved; optional fields are for officials."""

    content: str
    location: LocationOut | None
    answer: str | None
    outcome: str | None
    former_units: list[str] | None = None
    routing: dict[str, Any] | None = Field(default=None, description="Why the report went to its first unit")
    reporter: ReporterOut | None = None


class HistoryItem(Out):
    """One thing that happened. `actor` is for officials."""

    version: int
    action: str
    from_status: FeedbackStatus | None
    status: FeedbackStatus
    from_unit: str | None
    unit: str
    role: str | None
    at: datetime
    note: str | None
    actor: str | None = None


class HistoryOut(Out):
    items: list[HistoryItem]
