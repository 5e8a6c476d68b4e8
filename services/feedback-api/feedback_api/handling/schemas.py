"""Request models of handling: the body of each action."""

from typing import Annotated

from pydantic import Field, StrictBool, field_validator

from cchc_shared.contract.codes import FeedbackKind, FeedbackReturnReason, Severity
from cchc_shared.http.field_errors import refuse
from cchc_shared.http.schemas import In, UnitCode, bounded

Reason = Annotated[str, bounded(2000, min_length=1)]
Outcome = Annotated[
    str,
    bounded(60, min_length=1),
    Field(description="Code of an outcome from the city's list"),
]

ReportCode = Annotated[str, bounded(100, min_length=1), Field(description="Code of a report")]


class FeedbackClassifyIn(In):
    """What is not given stays as it is."""

    kind: FeedbackKind | None = None
    category: Annotated[str, bounded(60, min_length=1)] | None = Field(
        default=None, description="Code of a category from the city's list"
    )
    severity: Severity | None = None


class FeedbackAssignIn(In):
    unit: UnitCode | None = Field(
        default=None, description="Code of the unit; the unit that the report was routed to if absent"
    )


class FeedbackReturnIn(In):
    reason: FeedbackReturnReason


class FeedbackTransferIn(In):
    unit: UnitCode
    reason: Reason


class FeedbackAskSupplementIn(In):
    question: Annotated[str, bounded(5000, min_length=1)] = Field(description="What its sender is asked for")


class FeedbackSupplementIn(In):
    text: Annotated[str, bounded(20_000, min_length=1)] = Field(
        description="What its sender adds, or why officials go on without"
    )


class FeedbackExtendIn(In):
    days: int = Field(ge=1, le=366, description="Days of the kind that the limit counts in, at most as the rules say")
    reason: Reason


class FeedbackDraftAnswerIn(In):
    answer: Annotated[str, bounded(20_000, min_length=1)]
    outcome: Outcome


class FeedbackReasonIn(In):
    reason: Reason


class FeedbackRateIn(In):
    satisfied: StrictBool
    comment: Annotated[str, bounded(2000)] | None = None


class FeedbackCloseIn(In):
    outcome: Outcome | None = Field(default=None, description="Code of an outcome; that of the answer if absent")
    explanation: Annotated[str, bounded(5000, min_length=1)] = Field(description="What was done; its sender reads it")


class FeedbackRefuseIn(In):
    reason: Annotated[str, bounded(60, min_length=1)] = Field(description="Code of a reason from the city's list")
    explanation: Annotated[str, bounded(2000)] | None = Field(
        default=None, description="Added to what its sender is told of the reason and of where to go"
    )


class FeedbackMarkDuplicateIn(In):
    original: Annotated[str, bounded(100, min_length=1)] = Field(description="Code of the report that told it before")


class FeedbackMergeIn(In):
    duplicates: list[ReportCode] = Field(
        min_length=1, max_length=50, description="Codes of reports that tell the same; all are merged, or none"
    )

    @field_validator("duplicates")
    @classmethod
    def _each_once(cls, value: list[str]) -> list[str]:
        if len(set(value)) < len(value):
            raise refuse("nêu một mã hai lần", "names a report twice")
        return value


class FeedbackMarkUnjustifiedIn(In):
    handover: int = Field(ge=2, lt=1 << 31, description="Version that the hand-over made, from the history")
    unjustified: StrictBool = Field(default=True, description="False withdraws the judgement")
    reason: Reason


class FeedbackAddNoteIn(In):
    note: Annotated[str, bounded(5000, min_length=1)]
    public: StrictBool = Field(default=False, description="Whether its sender may read it")
