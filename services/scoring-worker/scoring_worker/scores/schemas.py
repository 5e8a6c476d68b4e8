"""Response models of the scores API."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, WithJsonSchema

from cchc_shared.contract.codes import UnitKind
from cchc_shared.contract.provenance import Provenance
from cchc_shared.http.schemas import Out
from scoring_worker.facts.domain import FactState
from scoring_worker.index_sets.indicators import Source
from scoring_worker.numbers import Number, Quantity
from scoring_worker.sources import BY_AGGREGATE, MEASURES

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
    known_at: datetime | None = Field(
        description="The time by which it was to be known; null for all that is known now"
    )


class FieldScore(Out):
    code: str
    name: str
    name_en: str
    score: Number | None = Field(description="Null if nothing in the field could be scored; below 0 for a penalty")
    max: Number = Field(description="Largest possible sum of points of the criteria that could be scored")


class ScoreItem(Out):
    unit: str
    name: str | None = Field(description="Null if the unit is not in the directory yet")
    kind: UnitKind | None
    total: Number
    max: Number = Field(description="Largest possible sum of points of the criteria that could be scored")
    percent: Number | None = Field(description="Null if nothing could be scored")
    coverage: Number | None = Field(
        description="Share of the points that apply which rest on data, from 0 to 1; null if none apply"
    )
    rank: int | None = Field(
        description="Rank among the units of the same kind, by `percent`; null where `coverage` is too low for one"
    )
    band: str | None = Field(description="Null where `coverage` is too low for one")
    band_name: str | None
    band_name_en: str | None
    fields: list[FieldScore]
    provisional: bool
    computed_at: datetime | None = Field(
        description="Time of the last change of what this index set counts; null if nothing was ever counted"
    )


class ScoreList(ScoresHeader):
    items: list[ScoreItem]


class ScoreLine(Out):
    """A score on a sheet. Every line says what it is a score of: lines are cut out and sorted."""

    rank: int | None
    unit: str
    name: str | None
    kind: UnitKind | None
    total: Number
    max: Number
    percent: Number | None
    coverage: Number | None
    band_name: str | None
    fields: dict[str, Number | None] = Field(description="Points by field")
    provisional: bool
    computed_at: datetime | None
    period: str
    as_of: datetime | None
    known_at: datetime | None
    set: str
    set_version: str
    notice: str | None


class ScoreSheet(Out):
    items: list[ScoreLine]


class IndicatorInput(Out):
    indicator: str
    name: str
    name_en: str
    source: Source = Field(description="Where these numbers are from")
    set: str | None = Field(description="The index set whose points these are; null if they are of none")
    field: str | None = Field(description="Its field; null for the whole")
    numerator: Quantity | None = Field(description="Null if nothing was entered")
    denominator: Quantity | None = Field(
        description="Null if the indicator is an amount, or a share that was entered as one"
    )
    value: Number | None = Field(description="A share or an amount; null if the denominator is 0")
    pending: int = Field(description="Number of facts that are not due yet, or not within the period")
    on_time: int
    late: int
    overdue: int
    happened: int


class Sentence(Out):
    vi: str
    en: str


class TreeNode(Out):
    code: str
    name: str
    name_en: str
    max: Number
    counted_max: Number = Field(description="Points that it adds to the maximum; 0 if it is left out")
    score: Number | None
    rule: str | None = Field(description="Kind of the rule that scores it; null for a sum")
    state: Literal["scored", "missing", "not_applicable"]
    sentence: Sentence | None = Field(
        description="How the points of a criterion with a rule came about, with every number; null for a sum"
    )
    source: str = Field(description="Of the criterion, or else of the set")
    status: Provenance = Field(description="V read in a source, N checked by figures, S second-hand, R not official")
    inputs: list[IndicatorInput]
    children: list["TreeNode"]


class GateOut(Out):
    """A condition of a band."""

    code: str
    name: str
    name_en: str
    met: bool | None = Field(description="Null if that is not known; no band is given for it then")


class UnitScore(ScoresHeader, ScoreItem):
    head: str = Field(
        description="Where staff read who is accountable: the head of the unit on the last day of the period. No score "
        "holds a name"
    )
    gates: list[GateOut]
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
    state: FactState = Field(description="Within the period: what falls due after it is not late in it")
    counts_in: str = Field(description="The month it counts in: that in which it falls due, or was received")
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
