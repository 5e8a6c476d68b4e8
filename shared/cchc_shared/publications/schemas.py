"""Request and response models of publications; a service adds its figures and tables."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Final, Literal

from fastapi import Header, Path
from pydantic import AfterValidator, Field

from cchc_shared.contract.screening import screen
from cchc_shared.http.field_errors import pattern, refuse
from cchc_shared.http.paging import Cursor, Limit
from cchc_shared.http.schemas import Day, In, Out, bounded

MONTH: Final = pattern(
    r"^(19|2[0-9])[0-9]{2}-(0[1-9]|1[0-2])$",
    vi="phải gồm năm và tháng, như 2026-11",
    en="must be a year and a month, such as 2026-11",
)
MonthOf = Annotated[str, Path(pattern=MONTH, description="The month of receipt, `2026-11`", examples=["2026-11"])]
UNIT: Final = pattern(r"^[a-z0-9]+(-[a-z0-9]+)*$", vi="không phải mã đơn vị", en="is not the code of a unit")
UnitOf = Annotated[str, Path(max_length=100, pattern=UNIT, description="Code of a unit")]
Form = Annotated[Literal["html", "csv", "json"], Path(description="Form of the answer")]
Accept = Annotated[str | None, Header(alias="Accept", max_length=1000, include_in_schema=False)]


def _without_personal_data(text: str) -> str:
    if screen(text).findings:
        raise refuse(
            "có dữ liệu cá nhân (số điện thoại, thư điện tử, số giấy tờ …) mà ai cũng sẽ đọc được",
            "holds personal data (a phone number, an e-mail address, the number of a paper …) that anyone would read",
        )
    return text


class VersionQuery(In):
    """Which version is meant."""

    version: int | None = Field(default=None, ge=1, le=9999, description="A former version; the newest if absent")


class SheetTextOut(Out):
    """A text in Vietnamese and in English."""

    vi: str
    en: str


class NamedUnitOut(Out):
    """A unit with its name at the end of the month."""

    code: str
    name: SheetTextOut


class FigureChange(Out):
    """A figure that the former version gave otherwise."""

    table: str
    code: str | None
    name: SheetTextOut
    period: Literal["month", "year"]
    figure: str = Field(description="Name of the figure")
    old: float | None
    new: float | None


class Publication(Out):
    """What every published sheet begins with; its tables follow, and `changes`."""

    publication: str
    month: str
    unit: NamedUnitOut | None = Field(description="Null: the whole city")
    version: int
    issuer: SheetTextOut
    published_at: datetime
    as_of: date
    known_at: date = Field(description="Only what was known at the end of that day is counted")
    rule: str | None = Field(description="Id of the rule by which the month was closed; null: by the co-ordinator")
    rules_version: str = Field(description="Version of the city's rules")
    reason: str | None = Field(description="Why this version was made; null: closed by itself")


class PublicationVersionOut(Out):
    """A version of a month."""

    version: int
    published_at: datetime
    known_at: date
    reason: str | None
    sha256: str = Field(description="Of the JSON of the city's sheet, in hexadecimal")


class PublishedMonthOut(Out):
    """A month with its versions, the newest first."""

    month: str
    versions: list[PublicationVersionOut]


class PublishedMonthsOut(Out):
    """All months, the newest first."""

    items: list[PublishedMonthOut]


class CorrectionIn(In):
    """Why the month is published anew. Anyone reads it: name no person."""

    reason: Annotated[str, bounded(500, min_length=5), AfterValidator(_without_personal_data)]


class Correction(Out):
    """The new version, and what it changes in the city's sheet."""

    month: str
    version: int
    published_at: datetime
    known_at: date
    reason: str
    changes: Sequence[FigureChange]


class PostingIn(In):
    """Where a version hangs, or hung. Sent again with `taken_down_on`, it says that the sheet came down."""

    version: int = Field(ge=1, le=9999)
    place: Annotated[str, bounded(200, min_length=3), AfterValidator(_without_personal_data)] = Field(
        description="Where people can read it. Anyone reads this: name no person"
    )
    posted_on: Day
    taken_down_on: Day | None = None


class PostingOut(Out):
    """A version that a unit hung at a place."""

    month: str
    version: int
    unit: str
    unit_name: str
    place: str
    posted_on: date
    taken_down_on: date | None
    recorded_at: datetime


class PostingsQuery(In):
    """A page of the log, of all units or of one."""

    unit: Annotated[str, bounded(100, min_length=1)] | None = Field(default=None, description="Code of a unit")
    limit: Limit = 50
    cursor: Cursor = None


class PostingPage(Out):
    items: list[PostingOut]
    next_cursor: str | None
