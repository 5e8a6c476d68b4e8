"""Request and response models of the overviews."""

from datetime import date, datetime
from typing import Annotated

from pydantic import Field

from cchc_shared.contract.codes import SubmissionReturnReason, TaskStatus
from cchc_shared.http.paging import Cursor, Limit
from cchc_shared.http.schemas import Day, In, Out, UnitCode, bounded
from tasks_api.overviews.domain import WaitsFor

PlanCode = Annotated[str, bounded(200, min_length=1)]


class LateQuery(In):
    """Filters; an absent one does not narrow it."""

    unit: UnitCode | None = Field(default=None, description="The lead")
    plan: PlanCode | None = None
    cursor: Cursor = None
    limit: Limit = 50


class WaitingQuery(In):
    unit: UnitCode | None = Field(default=None, description="The unit that is to decide")
    waits_for: WaitsFor | None = None
    plan: PlanCode | None = None
    cursor: Cursor = None
    limit: Limit = 50


class HandoversQuery(In):
    unit: UnitCode | None = Field(default=None, description="A unit that handed the task over")
    plan: PlanCode | None = None
    cursor: Cursor = None
    limit: Limit = 50


class SilentQuery(In):
    """What is counted: questions asked from `since` to `as_of`, as they stood at the end of `as_of`."""

    as_of: Day | None = Field(default=None, description="The local day at whose end is counted; today if absent")
    since: Day | None = Field(default=None, description="The first local day; that year's first if absent")
    unit: UnitCode | None = None
    cursor: Cursor = None
    limit: Limit = 50


class ReturnedQuery(In):
    unit: UnitCode | None = Field(default=None, description="The unit that submitted")
    reason: SubmissionReturnReason | None = None
    cursor: Cursor = None
    limit: Limit = 50


class LateTask(Out):
    """A task that is overdue, with who has it."""

    task: str
    title: str
    unit: str = Field(description="The lead")
    plan: str | None
    status: TaskStatus
    due_on: date | None
    late_since: datetime
    days_late: int = Field(description="Days since the last day that was missed, counted by the calendar")


class LatePage(Out):
    """By unit, the longest late first."""

    items: list[LateTask]
    next_cursor: str | None


class WaitingTask(Out):
    """A task that waits for a decision."""

    task: str
    title: str
    unit: str = Field(description="The lead")
    plan: str | None
    waits_for: WaitsFor
    decides: str = Field(description="The unit whose decision it is")
    since: datetime
    due_on: date | None
    requested_due_on: date | None


class AwaitedPage(Out):
    """The longest waiting first."""

    items: list[WaitingTask]
    next_cursor: str | None


class Move(Out):
    """One change of the lead."""

    version: int = Field(description="The version that it made")
    at: datetime
    action: str
    from_unit: str
    to_unit: str
    by_office: bool = Field(description="The assigning office moved it: that is nobody's hand-over")
    reason: str | None
    unjustified: bool = Field(description="The assigning office judged it so")


class HandoverChain(Out):
    """A task that units handed over, with every change of its lead."""

    task: str
    title: str
    unit: str = Field(description="The lead now")
    plan: str | None
    status: TaskStatus
    handovers: int = Field(description="How often units handed it over of their own accord")
    moves: list[Move]


class HandoversPage(Out):
    """The most often handed over first, of those the newest."""

    items: list[HandoverChain]
    next_cursor: str | None


class SilentUnit(Out):
    """How a unit answers when it is asked, and how it asks."""

    unit: str
    asked: int = Field(description="Questions to this unit")
    answered: int = Field(description="In time")
    returned: int = Field(description="Returned in time, as not its own to answer")
    withdrawn: int
    late: int = Field(description="The deadline passed in silence, and an answer came later")
    silent: int = Field(description="The deadline passed in silence, and no answer came")
    deemed: int = Field(description="Of both, those whose silence was agreement")
    open: int
    asks: int = Field(description="Questions that this unit asked")
    needless: int = Field(description="Of those, the ones that were returned")


class SilentPage(Out):
    """The most often late or silent first."""

    as_of: date
    since: date
    items: list[SilentUnit]
    next_cursor: str | None


class ReturnedPapers(Out):
    """Papers that stand returned."""

    id: str = Field(description="Code of the submission")
    task: str
    unit: str = Field(description="The unit that submitted")
    to_unit: str = Field(description="The unit that decides")
    subject: str
    reason: SubmissionReturnReason
    returned_at: datetime
    times: int = Field(description="How often they were returned so far")


class ReturnedPage(Out):
    """The longest returned first."""

    items: list[ReturnedPapers]
    next_cursor: str | None
