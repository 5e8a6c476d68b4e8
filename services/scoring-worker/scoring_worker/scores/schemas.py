"""Response models of the scores API."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, PlainSerializer, WithJsonSchema

from cchc_shared.contract.codes import UnitKind
from cchc_shared.http.schemas import Out
from scoring_worker.facts.domain import FactState
from scoring_worker.sources import BY_AGGREGATE, MEASURES

# A number in JSON: with so few places, the shortest decimal of a float is the very number.
Number = Annotated[Decimal, PlainSerializer(float, return_type=float, when_used="json")]


# Lists of the contract that follow from the sources.
SourceAggregate = Annotated[str, WithJsonSchema({"type": "string", "enum": list(BY_AGGREGATE)})]
MeasureName = Annotated[str, WithJsonSchema({"type": "string", "enum": list(MEASURES)})]


class ScoresHeader(Out):
    """Which version of which set answered, and what its readers must know of it."""

    set: str
    version: str
    sha256: str = Field(description="SHA-256 of the document of the index set")
    title: str
    title_en: str
    template: bool = Field(description="True if no authority has decided the weights of this set; `notice` says more")
    notice: str | None
    notice_en: str | None
    period: str
    as_of: datetime | None = Field(description="The time that was asked about; null for now")


class FieldScore(Out):
    code: str
    name: str
    name_en: str
    score: Number | None = Field(description="Null if nothing in the field could be scored")
    max: Number = Field(description="Largest possible sum of points of the criteria that could be scored")


class ScoreItem(Out):
    unit: str
    name: str | None = Field(description="Null if the unit is not in the directory yet")
    kind: UnitKind | None
    total: Number
    max: Number = Field(description="Largest possible sum of points of the criteria that could be scored")
    percent: Number | None = Field(description="Null if nothing could be scored")
    rank: int | None = Field(description="Rank among the units of the same kind, by `percent`")
    band: str | None
    band_name: str | None
    band_name_en: str | None
    fields: list[FieldScore]
    provisional: bool
    computed_at: datetime = Field(description="Time of the last change of a fact that this index set counts")


class ScoreList(ScoresHeader):
    items: list[ScoreItem]


class IndicatorInput(Out):
    indicator: str
    name: str
    name_en: str
    numerator: int
    denominator: int | None = Field(description="Null if the indicator is a plain count")
    value: Number | None = Field(description="A share or a count; null if the denominator is 0")
    pending: int = Field(description="Number of facts that are not due yet; they count nowhere")
    on_time: int
    late: int
    overdue: int
    happened: int


class TreeNode(Out):
    code: str
    name: str
    name_en: str
    max: Number
    counted_max: Number = Field(description="Points that it adds to the maximum; 0 if it is left out")
    score: Number | None
    rule: str | None = Field(description="Kind of the rule that scores it; null for a sum")
    state: Literal["scored", "missing", "not_applicable"]
    inputs: list[IndicatorInput]
    children: list["TreeNode"]


class UnitScore(ScoresHeader, ScoreItem):
    tree: list[TreeNode]


class EvidenceEvent(Out):
    id: UUID
    type: str
    version: int
    occurred_at: datetime
    recorded_at: datetime


class EvidenceItem(Out):
    """A duty or an occurrence. An occurrence happened at `opened_at`, has the state `happened`, and was never due."""

    aggregate: SourceAggregate
    code: str
    measure: MeasureName
    state: FactState
    opened_at: datetime
    due_at: datetime | None = Field(description="The first instant at which it is late; null for an occurrence")
    done_at: datetime | None
    recorded_at: datetime
    events: list[EvidenceEvent] = Field(description="The events that opened and closed it, up to `as_of`")


class EvidencePage(ScoresHeader):
    unit: str
    criterion: str
    items: list[EvidenceItem]
    next_cursor: str | None
