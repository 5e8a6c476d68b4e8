"""Request and response models of a unit's card."""

from datetime import datetime
from typing import Annotated, Any, Final, Self

from fastapi import Path
from pydantic import Field

from cchc_shared.contract.codes import UnitKind
from cchc_shared.http.field_errors import pattern
from cchc_shared.http.paging import Cursor, Limit
from cchc_shared.http.schemas import NO_NUL, In, Out, UnitCode, bounded
from scoring_worker.index_sets.leaf import State
from scoring_worker.numbers import Count, Number
from scoring_worker.scorecards.domain import Item
from scoring_worker.seasons.domain import Entry, Origin, Stage, Step
from scoring_worker.seasons.schemas import Reason, SeasonCriterion, SeasonField

LINK: Final = pattern(r"^https?://[^\s]+$", vi="phải là địa chỉ trang mạng", en="must be an address of the web")
Criterion = Annotated[str, bounded(50, min_length=1)]
OfUnit = Annotated[str, Path(max_length=100, pattern=NO_NUL, examples=["so-y-te"])]
Words = Annotated[str, bounded(4000, min_length=1)]
Documents = Annotated[list[Annotated[str, bounded(100, min_length=1)]], Field(max_length=20)]
Links = Annotated[list[Annotated[str, Field(max_length=1000, pattern=LINK)]], Field(max_length=20)]


class ScorecardEvidence(In):
    """Where it can be verified: in words, by links, or by numbers of documents."""

    text: Words | None = None
    links: Links = Field(default_factory=list)
    documents: Documents = Field(default_factory=list, examples=[["123/BC-SYT"]])


class _ItemIn(In):
    criterion: Criterion = Field(examples=["1.1.1"])

    def item(self) -> Item:
        """What is entered; what is empty is left out."""
        given = self.model_dump(mode="json", exclude={"criterion", "points"})
        said = {name: _bare(value) for name, value in given.items()}
        points = getattr(self, "points", None)
        return Item(
            self.criterion, points, {name: value for name, value in said.items() if value not in (None, [], {})}
        )


class SelfScoreIn(_ItemIn):
    points: Count
    evidence: ScorecardEvidence | None = None
    calculation: Words | None = Field(
        default=None, description="How the points were reckoned, where there is no evidence"
    )


class AppraisalIn(_ItemIn):
    """In the first appraisal points, or `explain`; in the second `accepted` where an explanation was asked for."""

    points: Count | None = None
    remark: Words | None = Field(default=None, description="Why; required where the points change")
    explain: bool = Field(default=False, description="Ask the unit to explain")
    accepted: bool | None = Field(
        default=None, description="Whether the explanation is accepted; if not, the points of the first appraisal stay"
    )


class ExplanationIn(_ItemIn):
    text: Words
    evidence: ScorecardEvidence | None = None


class CouncilScoreIn(_ItemIn):
    points: Count
    reason: Reason


class ObjectionIn(_ItemIn):
    reason: Reason


class RulingIn(_ItemIn):
    """The answer to an objection: rejected, or other points."""

    upheld: bool
    points: Count | None = None
    reason: Reason


class FindingIn(_ItemIn):
    """Why points were lost, who answers for it, and what is done about it. No names."""

    cause: Words
    accountable_unit: UnitCode
    accountable_position: Annotated[str, bounded(200, min_length=1)] = Field(examples=["Giám đốc Sở"])
    task: Annotated[str, bounded(200, min_length=1)] | None = Field(
        default=None, description="Code of the task that mends it", examples=["NV-2026-000123"]
    )


class SelfScoresIn(In):
    items: Annotated[list[SelfScoreIn], Field(min_length=1, max_length=500)]


class AppraisalsIn(In):
    items: Annotated[list[AppraisalIn], Field(min_length=1, max_length=500)]


class ExplanationsIn(In):
    items: Annotated[list[ExplanationIn], Field(min_length=1, max_length=500)]


class CouncilScoresIn(In):
    items: Annotated[list[CouncilScoreIn], Field(min_length=1, max_length=500)]


class ObjectionsIn(In):
    items: Annotated[list[ObjectionIn], Field(min_length=1, max_length=500)]


class RulingsIn(In):
    items: Annotated[list[RulingIn], Field(min_length=1, max_length=500)]


class FindingsIn(In):
    items: Annotated[list[FindingIn], Field(min_length=1, max_length=500)]


class ScorecardEntry(Out):
    """What somebody entered of a criterion. It is never changed."""

    criterion: str
    step: Step
    points: Number | None
    details: dict[str, Any] = Field(description="The other fields of what was entered")
    actor: str = Field(description="Subject of the actor's token")
    role: str
    actor_unit: str | None
    at: datetime
    version: int = Field(description="Of the card with it")
    sha256: str = Field(description="Of `details` as canonical JSON; what is published has it beside the criterion")

    @classmethod
    def of(cls, entry: Entry) -> Self:
        return cls.model_validate(entry)


class ScorecardEntries(Out):
    """What was entered on a card. As a file it is compared with what was published, offline."""

    season: str
    unit: str
    items: list[ScorecardEntry]
    next_cursor: str | None


class ScorecardEntriesQuery(In):
    criterion: Criterion | None = None
    cursor: Cursor = None
    limit: Limit = 50


class ScorecardCriterion(SeasonCriterion):
    appraiser: str | None = Field(description="The unit that appraises it; null: who runs the season")
    explanation_asked: bool
    objection_pending: bool
    said: list[ScorecardEntry] = Field(description="The newest entry of each step")
    proposed_task: str | None = Field(description="For a finding: the title of a task that would mend it")


class FormerFinding(Out):
    """A finding of the season before, of the same owner and set."""

    season: str
    period: str
    criterion: str
    name: str
    points: Number | None
    max: Number
    cause: str | None
    accountable_unit: str | None
    accountable_position: str | None
    task: str | None
    complete: bool = Field(description="Whether cause, accountable position and task are all named")


class Scorecard(Out):
    """A unit's card in a season. Once published it shows the points that were published."""

    season: str
    unit: str
    name: str
    kind: UnitKind
    stage: Stage
    total: Number
    max: Number
    percent: Number | None
    coverage: Number | None
    rank: int | None = Field(description="Once published")
    band: str | None
    fields: list[SeasonField]
    criteria: list[ScorecardCriterion]
    former_findings: list[FormerFinding]
    possible: list[Step] = Field(description="What this caller can enter now")
    version: int


class ScorecardLine(Out):
    """A line of the sheet: a criterion, with the finding of the season before beside it. A finding of a criterion that
    the version of the set has no more has a line of its own."""

    criterion: str
    name: str
    field: str | None
    max: Number | None
    state: State | None
    calculated: Number | None
    self_score: Number | None
    appraisal_1: Number | None
    appraisal_2: Number | None
    council: Number | None
    ruling: Number | None
    points: Number | None
    origin: Origin | None
    finding: bool | None
    former: FormerFinding | None
    season: str
    unit: str
    unit_name: str


class ScorecardSheet(Out):
    items: list[ScorecardLine]


def _bare(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: each for name, each in value.items() if each not in (None, [])}
    return value
