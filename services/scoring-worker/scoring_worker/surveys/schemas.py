"""Request and response models of surveys."""

from datetime import datetime
from typing import Annotated, Final, Literal

from fastapi import Path, Query
from pydantic import AfterValidator, Field

from cchc_shared.http.field_errors import pattern, refuse
from cchc_shared.http.schemas import FIRST_DAY, LAST_DAY, In, Instant, Out, UnitCode, bounded
from scoring_worker.scoring.schemas import PERIOD

AT_ONCE: Final = 1000
MOST_UNITS: Final = 300
CODE: Final = pattern(r"^[A-Z][A-Z0-9-]{1,29}$", vi="phải là mã như `SIPAS-2026`", en="must be a code, as SIPAS-2026")
TOKEN: Final = pattern(r"^[A-Za-z0-9_-]+$", vi="không phải mã phiếu", en="is not the token of a ballot")
ANY_CODE: Final = pattern(
    r"^[A-Z][A-Z0-9-]{1,29}(\.[1-9][0-9]{0,3})?$", vi="phải là mã như `SIPAS-2026`", en="must be a code, as SIPAS-2026"
)
SurveyCode = Annotated[
    str,
    Path(
        max_length=35,
        pattern=ANY_CODE,
        examples=["SIPAS-2026"],
        description="`SIPAS-2026.1` is one that was withdrawn and whose code was used again",
    ),
]
TokenQuery = Annotated[str, Query(max_length=100, pattern=TOKEN, description="As it stands in the link")]
Stratum = Annotated[str, bounded(250, min_length=1), Field(examples=["ba-vi/1/2"])]


def _of_our_time(at: datetime) -> datetime:
    if not FIRST_DAY <= at.date() <= LAST_DAY:  # the ends of the calendar are no instants in every time zone
        raise refuse(
            f"phải từ năm {FIRST_DAY.year} đến năm {LAST_DAY.year}", f"must be in {FIRST_DAY.year} to {LAST_DAY.year}"
        )
    return at


SurveyInstant = Annotated[Instant, AfterValidator(_of_our_time)]
Answers = Annotated[
    dict[Annotated[str, bounded(40, min_length=1)], Annotated[int, Field(ge=1, le=9)]],
    Field(max_length=100, description="Value of the answer by code of the question. A question may be left out"),
]
State = Literal["planned", "open", "closed", "withdrawn"]


class SurveyPopulation(In):
    """How many people a cell of the sample stands for."""

    unit: UnitCode
    stratum: Stratum
    people: int = Field(ge=0, le=100_000_000)


class SurveyIn(In):
    code: Annotated[str, Field(max_length=30, pattern=CODE, examples=["SIPAS-2026"])]
    questionnaire: Annotated[str, bounded(50, min_length=1)]
    version: Annotated[str, bounded(50, min_length=1)] = Field(description="Of the questionnaire")
    period: Annotated[str, Field(max_length=7, pattern=PERIOD, examples=["2026"])] = Field(
        description="Period of the scores that read the result"
    )
    units: Annotated[list[UnitCode], Field(min_length=1, max_length=MOST_UNITS)] = Field(
        description="Units that are asked about"
    )
    opens_at: SurveyInstant
    closes_at: SurveyInstant = Field(description="From then on no ballot is taken")
    populations: Annotated[list[SurveyPopulation], Field(max_length=10_000)] = Field(
        default_factory=list, description="For each unit and cell, or empty: then shares are not weighted"
    )


class SurveyWithdrawIn(In):
    """Why it is withdrawn."""

    reason: Annotated[str, bounded(2000, min_length=5)]


class SurveyWithdrawn(Out):
    """Who withdrew it, when and why."""

    at: datetime
    by: str = Field(description="Subject of the token")
    reason: str


class SurveyOut(Out):
    code: str
    questionnaire: str
    version: str
    title: str
    title_en: str
    notice: str | None = Field(description="What readers must know, such as that no authority decided the questions")
    notice_en: str | None
    period: str
    units: list[str]
    weighted: bool = Field(description="Whether people of the cells are known, so that shares are weighted by them")
    opens_at: datetime
    closes_at: datetime
    state: State = Field(description="By the clock alone, unless it was withdrawn")
    withdrawn: SurveyWithdrawn | None
    ballots: int = Field(description="Of a withdrawn survey, how many were deleted")
    quota: int = Field(description="Ballots wanted of all units and cells")
    links: int = Field(description="Tokens that were made")
    links_used: int


class SurveyHead(Out):
    """A survey in the list."""

    code: str
    questionnaire: str
    version: str
    period: str
    opens_at: datetime
    closes_at: datetime
    state: State


class SurveyPage(Out):
    items: list[SurveyHead]
    next_cursor: str | None


class SurveyLinksIn(In):
    unit: UnitCode
    stratum: Stratum
    number: int = Field(ge=1, le=AT_ONCE, description="How many links to make")


class SurveyLink(Out):
    token: str
    path: str = Field(description="To be put behind the address of the page that shows the ballot")


class SurveyLinksMade(Out):
    """Links of a cell. They are shown this once: the tokens are not kept."""

    survey: str
    unit: str
    stratum: str
    items: list[SurveyLink]


class BallotAnswer(Out):
    value: int
    name: str
    name_en: str


class BallotQuestion(Out):
    code: str
    factor: str | None
    text: str
    text_en: str
    answers: list[BallotAnswer]


class BallotPaper(Out):
    """What whoever holds a token is asked."""

    survey: str
    title: str
    title_en: str
    notice: str | None
    notice_en: str | None
    unit: str
    unit_name: str | None
    stratum: str
    stratum_name: str
    closes_at: datetime
    questions: list[BallotQuestion]


class BallotIn(In):
    token: Annotated[str, Field(max_length=100, pattern=TOKEN)]
    answers: Answers


class BallotTaken(Out):
    survey: str
    taken: Literal[True] = True


class SurveyResponseIn(In):
    id: Annotated[str, bounded(100, min_length=1)] = Field(
        description="Of the ballot, chosen by the sender at random; no name or number of a person"
    )
    unit: UnitCode
    stratum: Stratum
    answers: Answers


class SurveyResponsesIn(In):
    items: Annotated[list[SurveyResponseIn], Field(min_length=1, max_length=AT_ONCE)]


class SurveyResponseProblem(Out):
    field: str
    message: str
    message_en: str


class SurveyResponseResult(Out):
    index: int
    id: str
    status: Literal["accepted", "duplicate", "rejected"] = Field(
        description="`duplicate`: a ballot with this id was taken before; it was not counted again"
    )
    problem: SurveyResponseProblem | None


class SurveyResponseResults(Out):
    results: list[SurveyResponseResult]


class SurveyQuotaOut(Out):
    """A cell of the sample of one unit."""

    unit: str
    unit_name: str | None
    stratum: str
    stratum_name: str
    quota: int
    ballots: int
    missing: int
    people: int | None = Field(description="Whom the cell stands for, if it is known")


class SurveyQuotaPage(Out):
    survey: str
    state: State
    items: list[SurveyQuotaOut]
    next_cursor: str | None


class SurveyWeighted(Out):
    """The share where each cell counts as its people."""

    share: float
    low: float
    high: float


class SurveyResultOut(Out):
    """What the ballots of a unit say of a factor, or of one question. Where too few say it, it is not shown."""

    unit: str
    unit_name: str | None
    factor: str | None
    question: str | None = Field(description="Empty: the factor as a whole")
    name: str
    name_en: str
    shown: bool = Field(description="False: fewer ballots than the smallest group; the numbers are empty then")
    answering: int | None = Field(description="Ballots with an answer to it")
    answers: int | None = Field(description="Answers; to a factor one ballot gives several")
    satisfied: int | None = Field(description="Of the answers")
    share: float | None = Field(description="Satisfied of all answers, unweighted")
    low: float | None = Field(description="Lower end of the 95 % interval")
    high: float | None
    weighted: SurveyWeighted | None = Field(
        description="Empty where people are not known, or a cell has fewer than two ballots"
    )
    counts: dict[str, int] = Field(description="Of a question: how often each answer was given")
    ballots: int = Field(description="Of the unit")
    quota: int = Field(description="Ballots wanted of the unit")
    below_quota: bool


class SurveyResultPage(Out):
    survey: str
    questionnaire: str
    version: str
    template: bool
    notice: str | None
    notice_en: str | None
    period: str
    confidence: float
    smallest_group: int
    items: list[SurveyResultOut]
    next_cursor: str | None
