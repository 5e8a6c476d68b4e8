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
    sha256: str = Field(description="Hash of the set's document")
    title: str
    title_en: str
    template: bool = Field(description="The weights are nobody's decision; see `notice`")
    notice: str | None
    notice_en: str | None
    period: str
    as_of: datetime | None = Field(description="Empty: now")


class FieldScore(Out):
    code: str
    name: str
    name_en: str
    score: Number | None = Field(description="Empty where nothing in the field could be scored")
    max: Number = Field(description="Points of the criteria that could be scored")


class ScoreItem(Out):
    unit: str
    name: str | None = Field(description="Empty while the unit is not known from the directory")
    kind: UnitKind | None
    total: Number
    max: Number = Field(description="Points of the criteria that could be scored")
    percent: Number | None = Field(description="Empty where nothing could be scored")
    rank: int | None = Field(description="Among the units of the same kind, by `percent`")
    band: str | None
    band_name: str | None
    band_name_en: str | None
    fields: list[FieldScore]
    provisional: bool
    computed_at: datetime = Field(description="When a fact last moved it that the set reads")


class ScoreList(ScoresHeader):
    items: list[ScoreItem]


class IndicatorInput(Out):
    indicator: str
    name: str
    name_en: str
    numerator: int
    denominator: int | None = Field(description="Empty where the indicator is a plain count")
    value: Number | None = Field(description="Share or count; empty where the denominator is 0")
    pending: int = Field(description="Not due yet; counts nowhere")
    on_time: int
    late: int
    overdue: int
    happened: int


class TreeNode(Out):
    code: str
    name: str
    name_en: str
    max: Number
    counted_max: Number = Field(description="What it adds to the maximum: 0 where it is left out")
    score: Number | None
    rule: str | None = Field(description="Empty for sums")
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
    """A duty, or an occurrence: its `state` is `happened`, at `opened_at`, and nothing was due."""

    aggregate: SourceAggregate
    code: str
    measure: MeasureName
    state: FactState
    opened_at: datetime
    due_at: datetime | None = Field(description="The first instant at which it is late; empty for an occurrence")
    done_at: datetime | None
    recorded_at: datetime
    events: list[EvidenceEvent] = Field(description="Those that opened and closed it, up to `as_of`")


class EvidencePage(ScoresHeader):
    unit: str
    criterion: str
    items: list[EvidenceItem]
    next_cursor: str | None
