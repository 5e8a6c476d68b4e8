"""A season, the stage it is in at an instant, and what holds of all that was entered. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from typing import Any, Final, Literal, NamedTuple

import msgspec

from cchc_shared.contract.codes import UnitKind
from cchc_shared.contract.provenance import Text
from scoring_worker.ledger.domain import LATER, hash_of_words


class Stage(StrEnum):
    """Where a season stands. It follows from its dates, the clock and what was done; no job moves it on."""

    SELF_SCORING = "self_scoring"
    APPRAISAL_1 = "appraisal_1"
    EXPLANATION = "explanation"
    APPRAISAL_2 = "appraisal_2"
    COUNCIL = "council"
    CONCLUDED = "concluded"
    """The council's time is over; nothing is entered, and it can be published."""
    PUBLISHED = "published"
    """Units may object."""
    FINAL = "final"
    CANCELLED = "cancelled"


class Step(StrEnum):
    """What is entered of a criterion of a unit."""

    SELF_SCORE = "self_score"
    APPRAISAL_1 = "appraisal_1"
    EXPLANATION = "explanation"
    APPRAISAL_2 = "appraisal_2"
    COUNCIL = "council"
    OBJECTION = "objection"
    RULING = "ruling"
    """The answer to an objection."""
    FINDING = "finding"
    """Why points were lost, who answers for it, and what is done."""


UNTIL: Final[Mapping[Stage, str]] = {
    Stage.SELF_SCORING: "self_scores_until",
    Stage.APPRAISAL_1: "appraisal_1_until",
    Stage.EXPLANATION: "explanations_until",
    Stage.APPRAISAL_2: "appraisal_2_until",
    Stage.COUNCIL: "council_until",
}
"""The date at which each stage ends: the first instant that is too late for it."""
DATES: Final = (*UNTIL.values(), "objections_until")
AFTER: Final = frozenset({Stage.PUBLISHED, Stage.FINAL})
WHEN: Final[Mapping[Step, frozenset[Stage]]] = {
    Step.SELF_SCORE: frozenset({Stage.SELF_SCORING}),
    Step.APPRAISAL_1: frozenset({Stage.APPRAISAL_1}),
    Step.EXPLANATION: frozenset({Stage.EXPLANATION}),
    Step.APPRAISAL_2: frozenset({Stage.APPRAISAL_2}),
    Step.COUNCIL: frozenset({Stage.COUNCIL}),
    Step.OBJECTION: frozenset({Stage.PUBLISHED}),
    Step.RULING: AFTER,
    Step.FINDING: AFTER,
}
"""The stages in which each is entered."""
GIVING: Final = (Step.SELF_SCORE, Step.APPRAISAL_1, Step.APPRAISAL_2, Step.COUNCIL, Step.RULING)
"""The steps that may give points; a later one holds before an earlier one."""
AFTERWARDS: Final = tuple(step for step in Step if step in LATER)
"""The steps that come after a publication."""
Origin = Literal["calculated", "self_score", "appraisal_1", "appraisal_2", "council", "ruling"]


class Season(msgspec.Struct, frozen=True, kw_only=True):
    """A season. `owner` is the unit that runs it for the units below; None: the city. `appraisers` are units by field.

    `findings_below`: a share of the points of a criterion; what has less becomes a finding.
    """

    id: int
    code: str
    title: str
    owner: str | None
    set_code: str
    set_version: str
    set_sha256: str
    period: str
    appraisers: dict[str, str]
    findings_below: Decimal | None
    self_scores_until: datetime
    appraisal_1_until: datetime
    explanations_until: datetime
    appraisal_2_until: datetime
    council_until: datetime
    objections_until: datetime
    opened_at: datetime
    version: int = 1
    published_at: datetime | None = None
    cancelled_at: datetime | None = None
    status: Stage = Stage.SELF_SCORING

    @property
    def unit(self) -> str:
        return self.owner or ""

    @property
    def dates(self) -> dict[str, datetime]:
        return {name: getattr(self, name) for name in DATES}

    def at(self, now: datetime) -> "Season":
        """The season with the stage that it is in at an instant."""
        return msgspec.structs.replace(self, status=stage(self, now))

    def appraiser(self, field: str, unit: str) -> str | None:
        """The unit that appraises a field of another; None: whoever runs the season. Nobody appraises itself."""
        found = self.appraisers.get(field)
        return None if found == unit else found

    def counted_at(self, now: datetime) -> datetime | None:
        """As of when the rules of the set are reckoned: live (None) until the council is done, then as of
        the last moment before that."""
        return None if now < self.council_until else self.council_until - datetime.resolution


def stage(season: Season, now: datetime) -> Stage:
    """The stage at an instant."""
    if season.cancelled_at is not None:
        return Stage.CANCELLED
    if season.published_at is not None:
        return Stage.PUBLISHED if now < season.objections_until else Stage.FINAL
    return next((each for each, name in UNTIL.items() if now < getattr(season, name)), Stage.CONCLUDED)


class Fault(NamedTuple):
    """What is wrong with a field of a request."""

    field: str
    words: Text


def faults_of_dates(dates: Mapping[str, datetime], now: datetime) -> list[Fault]:
    """Each stage must end after the one before, and the first after now."""
    found = []
    if dates[DATES[0]] <= now:
        found.append(Fault(DATES[0], Text("phải sau thời điểm hiện tại", "must be later than now")))
    for earlier, later in pairwise(DATES):
        if dates[later] <= dates[earlier]:
            found.append(Fault(later, Text(f"phải sau `{earlier}`", f"must be later than {earlier}")))
    return found


def faults_of_changes(season: Season, changes: Mapping[str, datetime], now: datetime) -> list[Fault]:
    """A stage that has ended stays so: what its date locked, it locked. Changed dates lie ahead, in their order."""
    found = []
    for name, until in changes.items():
        if name in UNTIL.values() and getattr(season, name) <= now:
            found.append(Fault(name, Text("đã qua, không đổi được", "has passed and stays")))
        elif until <= now:
            found.append(Fault(name, Text("phải sau thời điểm hiện tại", "must be later than now")))
    dates = {**season.dates, **changes}
    for earlier, later in pairwise(DATES):
        if dates[later] <= dates[earlier] and (later in changes or earlier in changes):
            name, other = (later, earlier) if later in changes else (earlier, later)
            if name == later:
                found.append(Fault(name, Text(f"phải sau `{other}`", f"must be later than {other}")))
            else:
                found.append(Fault(name, Text(f"phải trước `{other}`", f"must be earlier than {other}")))
    return found


class Member(msgspec.Struct, frozen=True):
    """A unit that takes part, as it was when it joined. `version` counts what was entered of it."""

    unit: str
    name: str
    kind: UnitKind
    version: int = 1


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody entered of a criterion of a unit. It is never changed: the newest of its step holds.

    `version` is the one that the unit's card had with it: so each criterion has a version, the one of its last entry.
    """

    unit: str
    criterion: str
    step: Step
    points: Decimal | None
    details: dict[str, Any]
    actor: str
    role: str
    actor_unit: str | None
    at: datetime
    version: int = 0
    id: int = 0

    @property
    def sha256(self) -> str:
        """The hash of the words, by which a published season knows them."""
        return hash_of_words(self.details)

    @property
    def said(self) -> tuple[object, ...]:
        """What would have to differ for a new entry."""
        return self.step, self.points, self.details


Newest = Mapping[Step, Entry]
"""The newest entry of each step, of one criterion of a unit."""
NOTHING: Final[Newest] = {}
ByCriterion = Mapping[str, Newest]


def newest(entries: Iterable[Entry]) -> dict[str, dict[str, dict[Step, Entry]]]:
    """By unit and criterion; `entries` are in the order in which they were made."""
    found: dict[str, dict[str, dict[Step, Entry]]] = {}
    for entry in entries:
        found.setdefault(entry.unit, {}).setdefault(entry.criterion, {})[entry.step] = entry
    return found


def points_given(said: Newest) -> tuple[Decimal | None, Origin]:
    """The points that hold, and the step they come from; None where nobody gave any and the rule of the set counts."""
    for step in reversed(GIVING):
        if (entry := said.get(step)) is not None and entry.points is not None:
            return entry.points, step.value  # type: ignore[return-value]
    return None, "calculated"


def given(of_unit: ByCriterion) -> dict[str, Decimal]:
    """The points that somebody gave, by criterion."""
    found = ((code, points_given(said)[0]) for code, said in of_unit.items())
    return {code: points for code, points in found if points is not None}


def is_asked(said: Newest) -> bool:
    """Whether the unit was asked to explain."""
    entry = said.get(Step.APPRAISAL_1)
    return entry is not None and bool(entry.details.get("explain"))


def is_pending(said: Newest) -> bool:
    """Whether an objection waits for its answer."""
    objection, ruling = said.get(Step.OBJECTION), said.get(Step.RULING)
    return objection is not None and (ruling is None or ruling.id < objection.id)


class Remedy(NamedTuple):
    """What a unit said of a finding: why points were lost, who answers for it, and which task mends it. None where it
    has said nothing yet."""

    cause: str | None
    accountable_unit: str | None
    accountable_position: str | None
    task: str | None

    @property
    def is_complete(self) -> bool:
        """Whether nothing of it is left to be said."""
        return None not in self


def remedy(said: Newest) -> Remedy:
    """What the unit said last of a criterion that is a finding."""
    details = said[Step.FINDING].details if Step.FINDING in said else {}
    return Remedy(*(details.get(name) for name in Remedy._fields))


def is_finding(points: Decimal | None, maximum: Decimal, below: Decimal | None) -> bool:
    """Whether a criterion has so few of its points that it becomes a finding. One that was not scored is none."""
    return below is not None and points is not None and maximum > 0 and points < below * maximum


def code_of(id_: int, year: int) -> str:
    """The code of a season: DC-2026-000123 (đợt chấm điểm)."""
    return f"DC-{year}-{id_:06}"


def repeated(codes: Sequence[str]) -> list[int]:
    """The places of those that stand before already."""
    seen: dict[str, int] = {}
    return [place for place, code in enumerate(codes) if seen.setdefault(code, place) != place]
