"""Query and response models of reports that may tell the same."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field

from cchc_shared.contract.codes import FeedbackStatus
from cchc_shared.http.schemas import In, Out, bounded


class WordsOut(Out):
    """A sentence for people."""

    vi: str
    en: str


class SimilarOut(Out):
    """Another report that may tell the same."""

    code: str
    score: float = Field(description="Between 0 and 1; it orders the proposals, and is no probability")
    reasons: list[WordsOut]
    words: list[str] = Field(description="Syllables that both have, as this report writes them")
    category: str | None
    status: FeedbackStatus
    unit: str
    received_at: datetime
    distance_m: int | None = Field(description="Null where one of the two has no place")
    title: str | None = Field(description="Null also where you may not read that report")
    readable: bool = Field(description="Whether you may read that report")


class SimilarReports(Out):
    """Proposals, the most alike first. Nothing follows from them: `mark_duplicate` is for a person to decide."""

    code: str
    items: list[SimilarOut]


class NearbyQuery(In):
    lat: float = Field(ge=-90, le=90, description="WGS 84, in degrees")
    lon: float = Field(ge=-180, le=180)
    category: Annotated[str, bounded(60, min_length=1)] | None = Field(
        default=None, description="Only reports of this category"
    )


class NearbyOut(Out):
    """What everyone may know of a report: no words, and a rounded place."""

    code: str
    category: str | None
    status: Literal["open", "published"]
    received_on: date
    lat: float = Field(description="Rounded")
    lon: float = Field(description="Rounded")
    distance_m: int = Field(description="From the rounded place")


class NearbyReports(Out):
    """The nearest first."""

    items: list[NearbyOut]
