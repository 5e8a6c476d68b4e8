"""Request and response models of publications."""

from datetime import date, datetime
from typing import Annotated, Final, Literal

from fastapi import Header, Path
from pydantic import AfterValidator, Field

from cchc_shared.http.field_errors import pattern, refuse
from cchc_shared.http.paging import Cursor, Limit
from cchc_shared.http.schemas import Day, In, Out, bounded
from feedback_api.publications.domain import SheetTable
from feedback_api.screening.domain import screen

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


class FiguresOut(Out):
    """Figures under the names and by the definitions of `/v1/statistics/feedback`."""

    received: int
    resolved: int
    on_time: int
    late: int
    overdue_open: int
    missed: int = Field(description="Of units: reports that they passed on when they were late already; of all: 0")
    on_time_rate: float | None = Field(description="on_time / (on_time + late + overdue_open + missed)")
    satisfied_rate: float | None = Field(description="Share of satisfied ratings; null if nobody has rated")
    reopened: int


class FiguresRowOut(Out):
    """Figures of reports received in the month, and in the year up to its end."""

    code: str | None = Field(description="Null for all reports, and for those without a category")
    name: SheetTextOut
    month: FiguresOut
    year: FiguresOut


class FigureChangeOut(Out):
    """A figure that the former version gave otherwise."""

    table: SheetTable
    code: str | None
    name: SheetTextOut
    period: Literal["month", "year"]
    figure: str = Field(description="Name of the figure")
    old: float | None
    new: float | None


class PublicationOut(Out):
    """A published sheet: of the city, or of one unit. Its bytes, and so their hash, never change.

    Units are counted by the time that they had themselves, everything else by what senders were promised.
    """

    publication: Literal["feedback"]
    month: str
    unit: NamedUnitOut | None = Field(description="Null: the whole city")
    version: int
    issuer: SheetTextOut
    published_at: datetime
    as_of: date = Field(description="The day at whose end reports stood as they are counted: the last of the month")
    known_at: date = Field(description="Only what was known at the end of that day is counted")
    rule: str | None = Field(description="Id of the rule by which the month was closed; null: by the co-ordinator")
    rules_version: str = Field(description="Version of the city's rules")
    reason: str | None = Field(description="Why this version was made; null: closed by itself")
    total: FiguresRowOut
    by_channel: list[FiguresRowOut]
    by_kind: list[FiguresRowOut]
    by_category: list[FiguresRowOut]
    by_unit: list[FiguresRowOut] = Field(description="Units with any figure; empty in the sheet of a unit")
    changes: list[FigureChangeOut] = Field(description="Against the former version; empty in the first")


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


class CorrectionOut(Out):
    """The new version, and what it changes in the city's sheet."""

    month: str
    version: int
    published_at: datetime
    known_at: date
    reason: str
    changes: list[FigureChangeOut]


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
