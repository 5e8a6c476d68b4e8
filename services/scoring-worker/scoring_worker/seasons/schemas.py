"""Request and response models of seasons."""

from datetime import datetime
from typing import Annotated, Any, Final, Self

from fastapi import Path
from pydantic import Field

from cchc_shared.contract.codes import UnitKind
from cchc_shared.http.field_errors import pattern
from cchc_shared.http.paging import Cursor, Limit
from cchc_shared.http.schemas import In, Instant, Out, UnitCode, bounded
from scoring_worker.index_sets.leaf import State
from scoring_worker.indicators.schemas import PeriodCode
from scoring_worker.numbers import Count, Number
from scoring_worker.seasons.domain import DATES, Origin, Season, Stage
from scoring_worker.seasons.transitions import SeasonAction

CODE: Final = pattern(
    r"^DC-[0-9]{4}-[0-9]{6,18}$", vi="phải là mã như `DC-2026-000001`", en="must be like DC-2026-000001"
)
SeasonCode = Annotated[str, Path(max_length=30, pattern=CODE, examples=["DC-2026-000001"])]
SetCode = Annotated[str, bounded(50, min_length=1)]
Reason = Annotated[str, bounded(2000, min_length=5)]


class SeasonDates(In):
    """When each stage ends: the first instant that is too late for it."""

    self_scores_until: Instant
    appraisal_1_until: Instant
    explanations_until: Instant
    appraisal_2_until: Instant
    council_until: Instant
    objections_until: Instant


class SeasonIn(SeasonDates):
    """A season to be opened. Units that take part are named, or all of these kinds; else all that the set is for."""

    title: Annotated[str, bounded(300, min_length=1)]
    set: SetCode = Field(examples=["CCHC-CITY"])
    version: Annotated[str, bounded(50, min_length=1)] | None = Field(
        default=None, description="Version of the set; the one that scores the period if absent"
    )
    period: PeriodCode
    owner: UnitCode | None = Field(
        default=None, description="The unit that runs it for the units below; null: the city"
    )
    units: Annotated[list[UnitCode], Field(max_length=2000)] = Field(default_factory=list)
    kinds: Annotated[list[UnitKind], Field(max_length=7)] = Field(default_factory=list)
    appraisers: Annotated[dict[Annotated[str, bounded(50, min_length=1)], UnitCode], Field(max_length=100)] = Field(
        default_factory=dict, description="Unit by code of field; who runs the season appraises what is not named"
    )
    findings_below: Annotated[Count, Field(gt=0, le=1)] | None = Field(
        default=None, description="Share of a criterion's points; one that has less becomes a finding"
    )


class SeasonReasonIn(In):
    """Why it is done."""

    reason: Reason


class SeasonRescheduleIn(SeasonReasonIn):
    """Dates that change; those of stages that have ended cannot."""

    self_scores_until: Instant | None = None
    appraisal_1_until: Instant | None = None
    explanations_until: Instant | None = None
    appraisal_2_until: Instant | None = None
    council_until: Instant | None = None
    objections_until: Instant | None = None

    def changes(self) -> dict[str, datetime]:
        return {name: until for name in DATES if (until := getattr(self, name)) is not None}


class SeasonUnitsIn(SeasonReasonIn):
    """Units that are to take part as well."""

    units: Annotated[list[UnitCode], Field(min_length=1, max_length=2000)]


class SeasonHead(Out):
    code: str
    title: str
    set: str
    set_version: str
    set_sha256: str
    period: str
    owner: str | None = Field(description="The unit that runs it for the units below; null: the city")
    stage: Stage = Field(description="By its dates, the clock, and what was done; no job moves it on")
    self_scores_until: datetime
    appraisal_1_until: datetime
    explanations_until: datetime
    appraisal_2_until: datetime
    council_until: datetime
    objections_until: datetime
    opened_at: datetime
    published_at: datetime | None
    cancelled_at: datetime | None
    version: int
    possible: list[SeasonAction] = Field(description="What this caller can do with it now")

    @classmethod
    def of(cls, season: Season, possible: list[SeasonAction], **more: Any) -> Self:
        values = {name: getattr(season, name) for name in Season.__struct_fields__}
        return cls.model_validate(
            {**values, "set": season.set_code, "stage": season.status, "possible": possible, **more}
        )


class SeasonPage(Out):
    items: list[SeasonHead]
    next_cursor: str | None


class SeasonUnit(Out):
    unit: str
    name: str
    kind: UnitKind


class SeasonOut(SeasonHead):
    appraisers: dict[str, str]
    findings_below: Number | None
    units: list[SeasonUnit] = Field(description="As they were when they joined the season")


class SeasonQuery(In):
    set: SetCode | None = None
    period: PeriodCode | None = None
    unit: UnitCode | None = Field(default=None, description="Seasons that this unit takes part in")
    cursor: Cursor = None
    limit: Limit = 50


class SeasonField(Out):
    code: str
    score: Number | None
    max: Number


class SeasonResult(Out):
    """How a unit stands in a season."""

    rank: int | None = Field(description="Among the units of its kind that take part")
    unit: str
    name: str
    kind: UnitKind | None
    total: Number
    max: Number
    percent: Number | None
    coverage: Number | None
    band: str | None
    template: bool = Field(description="True if no authority has decided the weights of the set")
    fields: list[SeasonField]


class SeasonResults(Out):
    items: list[SeasonResult]


class SeasonCriterion(Out):
    """A criterion of a unit with its points by step. The newest step that gave any is the one that holds."""

    criterion: str
    name: str
    name_en: str
    field: str
    max: Number = Field(description="The points that it may have for this unit")
    state: State
    calculated: Number | None = Field(description="By the rule of the set; null without data")
    self_score: Number | None
    appraisal_1: Number | None
    appraisal_2: Number | None
    council: Number | None
    ruling: Number | None = Field(description="Corrected after an objection")
    points: Number | None
    origin: Origin | None = Field(description="The step that `points` come from")
    finding: bool


class PublishedCriterion(SeasonCriterion):
    unit: str
    unit_name: str
    template: bool = Field(description="True if no authority has decided the weights of the set")


class PublishedCriteria(Out):
    items: list[PublishedCriterion]
    next_cursor: str | None


class SeasonFindingsQuery(In):
    unit: UnitCode | None = None
    complete: bool | None = Field(default=None, description="Only those of which all was said, or only the others")
    cursor: Cursor = None
    limit: Limit = 50


class SeasonFinding(Out):
    """A criterion below the bound of the season, and what the unit said of it; null where it has said nothing yet."""

    unit: str
    unit_name: str
    criterion: str
    name: str
    name_en: str
    field: str
    points: Number
    max: Number
    cause: str | None
    accountable_unit: str | None
    accountable_position: str | None
    task: str | None = Field(description="Code of the task that mends it")
    complete: bool = Field(description="Whether cause, accountable position and task are all named")
    proposed_task: str = Field(description="The title of a task that would mend it")


class SeasonFindings(Out):
    items: list[SeasonFinding]
    next_cursor: str | None


class SeasonLink(Out):
    """A link of the chain of an owner and set."""

    number: int
    season: str
    period: str
    corrects: int | None = Field(description="Number of the link that it corrects")
    reason: str | None
    sha256: str
    published_at: datetime


class SeasonLinks(Out):
    items: list[SeasonLink]


LinkNumber = Annotated[int, Field(ge=1, le=1_000_000)]
