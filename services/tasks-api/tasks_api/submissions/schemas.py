"""Request and response models of submissions."""

from datetime import date, datetime
from typing import Annotated, Any, Self

import msgspec
from pydantic import Field

from cchc_shared.contract.codes import SubmissionReturnReason, SubmissionStatus
from cchc_shared.http.field_errors import pattern
from cchc_shared.http.paging import Cursor, Limit
from cchc_shared.http.schemas import Day, In, Out, UnitCode, bounded
from tasks_api.consultations.schemas import CODE as CONSULTATION_CODE
from tasks_api.submissions.domain import MOST_CONSULTATIONS, Submission
from tasks_api.submissions.transitions import SubmissionAction
from tasks_api.tasks.schemas import CODE as TASK_CODE

CODE = pattern(r"^[A-Za-z0-9-]+$", vi="không phải mã hồ sơ trình", en="is not the code of a submission")
MOST_PARTICIPANTS = 50


class SubmissionIn(In):
    to_unit: UnitCode = Field(description="The unit that is to decide")
    subject: Annotated[str, bounded(2000, min_length=1)]
    consultations: list[Annotated[str, Field(max_length=100, pattern=CONSULTATION_CODE)]] = Field(
        default=[], max_length=MOST_CONSULTATIONS, description="Consultations of the same task that belong to it"
    )


class MeetingIn(In):
    on: Day = Field(description="The local day of the meeting, today or before")
    participants: list[UnitCode] = Field(
        min_length=1, max_length=MOST_PARTICIPANTS, description="The units that were met"
    )
    result: Annotated[str, bounded(10_000, min_length=1)]


class SubmissionReturnIn(In):
    reason: SubmissionReturnReason
    content: Annotated[str, bounded(2000)] = Field(default="", description="What is missing, or who is to decide")


class SubmissionQuery(In):
    """Filters of the list; an absent one does not narrow it."""

    unit: UnitCode | None = Field(default=None, description="The unit that submits")
    to_unit: UnitCode | None = Field(default=None, description="The unit that decides")
    task: Annotated[str, Field(max_length=200, pattern=TASK_CODE)] | None = None
    status: SubmissionStatus | None = None
    return_reason: SubmissionReturnReason | None = None
    cursor: Cursor = None
    limit: Limit = 50


class MeetingOut(Out):
    on: date
    participants: list[str]
    result: str


class SubmissionOut(Out):
    id: str = Field(description="Code of the submission")
    task: str
    unit: str = Field(description="The unit that submits")
    to_unit: str = Field(description="The unit that decides")
    subject: str
    consultations: list[str]
    drafted_at: datetime
    status: SubmissionStatus
    meetings: list[MeetingOut]
    sent_at: datetime | None
    return_reason: SubmissionReturnReason | None
    version: int
    possible: list[SubmissionAction] = Field(description="The actions that this caller can take now")

    @classmethod
    def of(cls, papers: Submission, possible: list[SubmissionAction]) -> Self:
        fields: dict[str, Any] = msgspec.structs.asdict(papers) | {"id": papers.code}
        return cls(**fields, possible=possible)


class SubmissionPage(Out):
    items: list[SubmissionOut]
    next_cursor: str | None
