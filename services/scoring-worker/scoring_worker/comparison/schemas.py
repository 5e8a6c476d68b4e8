"""Response models of comparisons."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from cchc_shared.contract.codes import UnitKind
from cchc_shared.http.schemas import Out
from scoring_worker.numbers import Number
from scoring_worker.seasons.domain import Origin


class ComparedPoints(Out):
    """A criterion in one of the two scores."""

    points: Number | None = Field(description="Null if it could not be scored")
    max: Number = Field(description="The points that it could give")
    share: Number | None = Field(description="`points` of `max`, from 0 to 1")
    state: Literal["scored", "missing", "not_applicable"]


class ComparedCriterion(Out):
    """A criterion with a rule in both scores. Differences are the first less the second."""

    code: str
    name: str
    name_en: str
    field: str = Field(description="Code of its field")
    first: ComparedPoints | None = Field(description="Null if the version of the first score has no such criterion")
    second: ComparedPoints | None
    difference: Number | None = Field(description="Of the points; null if one of the scores has none")
    share_difference: Number | None
    only_in: Literal["first", "second"] | None = Field(description="Which score alone has the criterion")


class ComparedScore(Out):
    unit: str
    name: str | None
    kind: UnitKind | None
    period: str
    version: str = Field(description="Version of the index set")
    total: Number
    max: Number
    percent: Number | None
    coverage: Number | None
    rank: int | None
    band: str | None


class ScoreComparison(Out):
    """Two scores by one index set, as they are now."""

    set: str
    template: bool
    notice: str | None
    notice_en: str | None
    first: ComparedScore
    second: ComparedScore
    total_difference: Number
    percent_difference: Number | None
    items: list[ComparedCriterion] = Field(description="The largest differences of points first")


class ComparedLine(Out):
    """A line of the sheet: a criterion, or the whole."""

    code: str | None
    name: str
    field: str | None
    first_points: Number | None
    first_max: Number | None
    first_share: Number | None
    second_points: Number | None
    second_max: Number | None
    second_share: Number | None
    difference: Number | None
    share_difference: Number | None
    only_in: str | None
    first: str
    second: str
    set: str
    notice: str | None


class ComparisonSheet(Out):
    items: list[ComparedLine]


class ComparedFinding(Out):
    """What the unit said of a finding; null where it has said nothing yet."""

    cause: str | None
    accountable_unit: str | None
    accountable_position: str | None
    task: str | None = Field(description="Code of the task that mends it")


class PublishedPoints(ComparedPoints):
    """A criterion as one of the seasons published it, with its points by step."""

    calculated: Number | None = Field(description="By the rule of the set; null without data")
    self_score: Number | None
    appraisal_1: Number | None
    appraisal_2: Number | None
    council: Number | None
    ruling: Number | None = Field(description="Corrected after an objection")
    origin: Origin | None = Field(description="The step that `points` come from")
    finding: ComparedFinding | None = Field(description="Null where the criterion is no finding of the season")


class SeasonComparedCriterion(ComparedCriterion):
    """A criterion with a rule in both seasons. Differences are the first less the second."""

    first: PublishedPoints | None = Field(description="Null if the version of the first season has no such criterion")
    second: PublishedPoints | None


class ComparedSeason(ComparedScore):
    """A unit as a season published it last."""

    season: str
    title: str
    link: int = Field(description="Number of the published document that it is read from")
    sha256: str = Field(description="Hash of that document")
    published_at: datetime


class SeasonComparison(Out):
    """Two parts of published seasons of one index set."""

    set: str
    template: bool
    notice: str | None
    notice_en: str | None
    first: ComparedSeason
    second: ComparedSeason
    total_difference: Number
    percent_difference: Number | None
    items: list[SeasonComparedCriterion] = Field(description="The largest differences of points first")


class SeasonComparedLine(Out):
    """A line of the sheet: a criterion, or the whole."""

    code: str | None
    name: str
    field: str | None
    first: PublishedPoints | None
    second: PublishedPoints | None
    difference: Number | None
    share_difference: Number | None
    only_in: str | None
    one: str
    other: str
    set: str
    notice: str | None


class SeasonComparisonSheet(Out):
    items: list[SeasonComparedLine]
