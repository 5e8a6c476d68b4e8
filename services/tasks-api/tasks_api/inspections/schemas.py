"""Request and response models of inspections and their recommendations."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, Self

import msgspec
from pydantic import Field, StrictBool, model_validator

from cchc_shared.contract.codes import InspectionStatus, RecommendationStatus
from cchc_shared.http.field_errors import pattern, refuse
from cchc_shared.http.paging import Cursor, Limit
from cchc_shared.http.schemas import Day, In, Out, UnitCode, bounded
from tasks_api.inspections.domain import (
    ConclusionDraft,
    Inspection,
    InspectionDraft,
    Recommendation,
    RecommendationDraft,
    Tree,
    is_open,
)
from tasks_api.inspections.transitions import InspectionAction, RecommendationAction

CODE = pattern(r"^[A-Za-z0-9-]+$", vi="không phải mã cuộc kiểm tra", en="is not the code of an inspection")
RECOMMENDATION_CODE = pattern(
    r"^[A-Za-z0-9-]+\.[0-9]+\.[0-9]+$", vi="không phải mã kiến nghị", en="is not the code of a recommendation"
)
MOST_CONCLUSIONS, MOST_BELOW = 100, 50
"""So many conclusions of one inspection, and recommendations of one conclusion, so that one request stays bounded."""

Number = Annotated[int, Field(ge=1, le=9999, description="As the document numbers it")]
Words = Annotated[str, bounded(4000, min_length=1)]
Reason = Annotated[str, bounded(2000, min_length=1)]


class InspectionQuery(In):
    """Filters of the list of inspections; an absent one does not narrow it."""

    inspected_unit: UnitCode | None = None
    inspecting_unit: UnitCode | None = None
    status: InspectionStatus | None = None
    unannounced: bool | None = None
    planned_from: Day | None = Field(default=None, description="Planned for this day or later")
    planned_to: Day | None = Field(default=None, description="Planned for this day or earlier")
    cursor: Cursor = None
    limit: Limit = 50


class RecommendationQuery(In):
    """Filters of the list of recommendations; an absent one does not narrow it."""

    unit: UnitCode | None = Field(default=None, description="The unit that has to carry it out")
    inspection: Annotated[str | None, Field(max_length=100, pattern=CODE)] = None
    status: RecommendationStatus | None = None
    due_from: Day | None = None
    due_to: Day | None = None
    overdue: bool | None = None
    cursor: Cursor = None
    limit: Limit = 50


class InspectionIn(In):
    """An inspection to be planned, for a day or for a period."""

    inspecting_unit: UnitCode
    inspected_unit: UnitCode
    subject: Annotated[str, bounded(2000, min_length=1)]
    unannounced: StrictBool = Field(
        description="True: nobody but the inspecting unit and who plans inspections knows of it before it starts"
    )
    planned_from: Day
    planned_to: Day | None = Field(default=None, description="The last day; the first one if absent")
    document_no: Annotated[str, bounded(200)] = Field(default="", description="Number of the decision to inspect")

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.planned_to and self.planned_to < self.planned_from:
            raise refuse("ngày cuối trước ngày đầu", "the last day lies before the first")
        return self

    def draft(self) -> InspectionDraft:
        return InspectionDraft(**self.model_dump() | {"planned_to": self.planned_to or self.planned_from})


class InspectionActionIn(In):
    """Fields that an action of an inspection accepts. The history shows them."""

    reason: Reason | None = None


class InspectionCancelIn(InspectionActionIn):
    reason: Reason


class RecommendationIn(In):
    number: Number
    text: Words
    responsible_unit: UnitCode | None = Field(default=None, description="That of the conclusion if absent")
    due_on: Day | None = Field(default=None, description="The last day; that of the conclusion if absent")


class ConclusionIn(In):
    number: Number
    text: Words
    responsible_unit: UnitCode | None = Field(default=None, description="The inspected unit if absent")
    due_on: Day | None = Field(default=None, description="The day by which all its recommendations must be done")
    recommendations: list[RecommendationIn] = Field(
        default=[], max_length=MOST_BELOW, description="What has to be done; without any the conclusion is closed"
    )

    def draft(self) -> ConclusionDraft:
        below = tuple(RecommendationDraft(**each.model_dump()) for each in self.recommendations)
        return ConclusionDraft(**self.model_dump() | {"recommendations": below})


class InspectionConcludeIn(In):
    conclusion_no: Annotated[str, bounded(200, min_length=1)] = Field(
        description="Number of the document with the conclusions"
    )
    conclusions: list[ConclusionIn] = Field(min_length=1, max_length=MOST_CONCLUSIONS)

    def drafts(self) -> list[ConclusionDraft]:
        return [each.draft() for each in self.conclusions]


class RecommendationReportIn(In):
    content: Annotated[str, bounded(10000, min_length=1)] = Field(description="What was done")
    evidence: list[Annotated[str, bounded(500, min_length=1)]] = Field(
        default=[], max_length=20, description="Numbers or addresses of documents that show it"
    )


class RecommendationConfirmIn(In):
    reason: Reason | None = None


class RecommendationReopenIn(In):
    reason: Reason


class RecommendationOut(Out):
    code: str
    inspection: str
    conclusion: int
    number: int
    text: str
    responsible_unit: str
    inspecting_unit: str
    inspected_unit: str
    issued_at: datetime
    due_on: date
    due_at: datetime = Field(description="The first instant at which it is late: the midnight after the last day")
    status: RecommendationStatus
    open: bool
    overdue: bool
    reported_at: datetime | None = Field(description="Time of the report that waits for confirmation")
    done_at: datetime | None = Field(description="Time of the report that was confirmed")
    done_late: bool
    version: int
    possible: list[RecommendationAction] = Field(description="The actions that this caller can take now")

    @classmethod
    def of(cls, recommendation: Recommendation, possible: Sequence[StrEnum], now: datetime) -> Self:
        fields: dict[str, Any] = msgspec.structs.asdict(recommendation)
        return cls(
            **fields,
            open=recommendation.open,
            overdue=recommendation.overdue(now),
            done_late=recommendation.done_late,
            possible=[RecommendationAction(action) for action in possible],
        )


class RecommendationPage(Out):
    items: list[RecommendationOut]
    next_cursor: str | None


class ConclusionOut(Out):
    number: int
    text: str
    responsible_unit: str
    due_on: date | None
    open: bool = Field(description="True while one of its recommendations is open")
    recommendations: list[RecommendationOut]


class InspectionItem(Out):
    code: str
    inspecting_unit: str
    inspected_unit: str
    subject: str
    document_no: str
    unannounced: bool
    planned_from: date
    planned_to: date
    planned_at: datetime
    status: InspectionStatus
    revealed_at: datetime | None = Field(
        description="When it was announced or, unannounced, started: from then on the inspected unit sees it"
    )
    started_at: datetime | None
    conclusion_no: str | None
    concluded_at: datetime | None
    version: int
    possible: list[InspectionAction] = Field(description="The actions that this caller can take now")

    @classmethod
    def of(cls, inspection: Inspection, possible: Sequence[StrEnum], **more: Any) -> Self:
        fields: dict[str, Any] = msgspec.structs.asdict(inspection)
        return cls(**fields, possible=[InspectionAction(action) for action in possible], **more)


class InspectionOut(InspectionItem):
    conclusions: list[ConclusionOut]


class InspectionPage(Out):
    items: list[InspectionItem]
    next_cursor: str | None


class InspectionCounts(Out):
    """Inspections by status; the statuses add up to `total`."""

    total: int
    unannounced: int
    planned: int
    announced: int
    in_progress: int
    concluded: int
    cancelled: int


class ConclusionCounts(Out):
    """`done` and `open` add up to `total`."""

    total: int
    done: int
    open: int


class RecommendationCounts(ConclusionCounts):
    """`reported` and `overdue` are some of the open ones."""

    reported: int
    overdue: int


class InspectionProgress(Out):
    """Counts at the end of the local day `as_of`, of what the caller may read."""

    as_of: date
    unit: str | None
    inspections: InspectionCounts = Field(description="With `unit`: inspections of that unit")
    conclusions: ConclusionCounts = Field(
        description="One is open while a recommendation is. With `unit`: those that the unit is responsible for"
    )
    recommendations: RecommendationCounts = Field(description="With `unit`: those that the unit has to carry out")
    recommendations_of_open_conclusions: ConclusionCounts


def conclusions_out(tree: Tree, shown: Collection[RecommendationOut]) -> list[ConclusionOut]:
    """The tree, each recommendation as the caller sees it."""
    return [
        ConclusionOut(
            number=conclusion.number,
            text=conclusion.text,
            responsible_unit=conclusion.responsible_unit,
            due_on=conclusion.due_on,
            open=is_open(tree.below(conclusion)),
            recommendations=[each for each in shown if each.conclusion == conclusion.number],
        )
        for conclusion in tree.conclusions
    ]
