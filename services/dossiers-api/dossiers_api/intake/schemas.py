"""What a system sends of dossiers, and what it is answered."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, Final, NamedTuple

from pydantic import Field, ValidationError, ValidatorFunctionWrapHandler, WrapValidator, model_validator

from cchc_shared.contract.codes import Digitisation, DossierChannel, DossierStatus
from cchc_shared.http.field_errors import FieldError, field_path, refuse
from cchc_shared.http.schemas import In, Instant, Out, ProblemDocument, UnitCode, bounded
from dossiers_api.intake import vocabulary
from dossiers_api.intake.json_text import Repeated, repeated_key
from dossiers_api.intake.plain import read_plain

MOST_AT_ONCE: Final = 1000


class DeliveryIn(In):
    """That a dossier took a status, and all that is known of it by then: each delivery repeats what earlier ones said.

    It is known by `dossier`, `status` and `at`: sent again as it was, it changes nothing.
    """

    dossier: Annotated[str, bounded(60, min_length=1)] = Field(
        description="Code of the dossier (`H26.33-261118-0001`), as Decree 61/2018 article 26 has it"
    )
    status: DossierStatus
    at: Instant = Field(description="When the dossier took this status; a rating: when it was given")
    procedure: Annotated[str, bounded(60, min_length=1)] = Field(description="National code of the procedure")
    unit: UnitCode = Field(description="The unit that handles it: its code, or its name as the directory has it")
    channel: DossierChannel
    field: Annotated[str, bounded(60, min_length=1)] | None = Field(
        default=None, description="Code of the procedure's field"
    )
    received_at: Instant | None = Field(default=None, description="When the unit took it in; asked for from receipt on")
    appointment_at: Instant | None = Field(
        default=None, description="First instant at which the result is late. The first appointment holds"
    )
    fee_charged: bool = False
    paid_online: bool | None = Field(default=None, description="Absent: nothing is paid yet")
    digitisation: Digitisation | None = None
    electronic_result: bool | None = Field(default=None, description="Whether the result is electronic, at its end")
    satisfied: bool | None = Field(default=None, description="What the applicant said of the handling")
    source_status: Annotated[str, bounded(60)] | None = Field(
        default=None, description="The status in the sender's own words, kept as it was"
    )


class NationalItem(NamedTuple):
    """An item in the words of the national portal."""

    fields: dict[str, Any]


def read_item(value: Any, validate: ValidatorFunctionWrapHandler) -> Any:
    """An item in either vocabulary, or what is wrong with it: one bad item refuses nobody else's."""
    if (plain := read_plain(value)) is not None:
        return plain
    return read_slowly(value, validate)


def read_slowly(value: Any, validate: ValidatorFunctionWrapHandler) -> Any:
    """The same of an item that is not plainly a delivery of ours."""
    if (name := repeated_key(value)) is not None:
        return FieldError(field_path(name), "ghi hai lần", "stands there twice")
    if vocabulary.is_national(value):
        return NationalItem(value)
    try:
        return validate(value)
    except ValidationError as error:
        return error


class Together(In):
    """A body of items, in which no object says one thing twice."""

    @model_validator(mode="before")
    @classmethod
    def _meant(cls, said: Any) -> Any:
        if isinstance(said, Repeated):
            raise refuse(f"`{field_path(said.key)}` ghi hai lần", f"{field_path(said.key)} stands there twice")
        return said


class DeliveriesIn(Together):
    """Deliveries that a system sends together."""

    items: list[Annotated[DeliveryIn, WrapValidator(read_item)]] = Field(min_length=1, max_length=MOST_AT_ONCE)


class ProgressIn(In):
    """That an office works on a dossier since an instant: a step.

    A row is known by `dossier`, `office`, `started_at` and `at`: sent again as it was, it changes nothing.
    """

    dossier: Annotated[str, bounded(60, min_length=1)] = Field(description="Code of the dossier")
    office: Annotated[str, bounded(200, min_length=1)] = Field(description="Its name; nobody's name")
    at: Instant = Field(description="When it was so as this row says")
    started_at: Instant = Field(description="Since when the office works on it")
    due_at: Instant | None = Field(
        default=None, description="First instant at which the step is late. What is said first holds"
    )
    ended_at: Instant | None = Field(
        default=None, description="Absent: it ends when the next step begins, the last one with the dossier"
    )
    source_status: Annotated[str, bounded(60)] | None = Field(default=None, description="The sender's own word")


class ProgressListIn(Together):
    """Progress rows that a system sends together."""

    items: list[Annotated[ProgressIn, WrapValidator(read_slowly)]] = Field(min_length=1, max_length=MOST_AT_ONCE)


class DossierResultStatus(StrEnum):
    """What became of one delivery."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    REJECTED = "rejected"


@dataclass(slots=True)
class DossierResult:
    """What became of one delivery."""

    index: Annotated[int, Field(description="Position in the request, counted from 0")]
    status: DossierResultStatus
    dossier: Annotated[str | None, Field(description="Code of the dossier, as far as it could be read")]
    problem: ProblemDocument | None = None


@dataclass(slots=True)
class DossierResults:
    results: list[DossierResult]


class Section(StrEnum):
    """Headings of `docs/guides/dossiers.md` that say how a line has to be."""

    DELIVERY = "A delivery · Một lần gửi"
    DAY = "A whole day in one file · Cả ngày trong một tệp"
    NATIONAL = "In the words of the national portal · Theo từ vựng của Cổng Dịch vụ công quốc gia"


NDJSON: Final = "application/x-ndjson"
DAY_BODY: Final[dict[str, Any]] = {
    "requestBody": {"required": True, "content": {NDJSON: {"schema": {"type": "string", "format": "binary"}}}},
    "x-large-body": True,
}
CHECK_BODY: Final[dict[str, Any]] = {"requestBody": DAY_BODY["requestBody"]}
DAY_ANSWER: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {NDJSON: {"schema": {"type": "string", "format": "binary"}}}}
}
"""Lines of `LineRefused` and `LinesTaken`."""


class LineRefused(Out):
    """A line of which nothing took effect."""

    line: int = Field(description="Counted from 1")
    dossier: str | None = Field(description="Code of the dossier, as far as it could be read")
    problem: ProblemDocument


class LinesTaken(Out):
    """What became of the lines so far."""

    lines: int = Field(description="Number of the last line that was read")
    accepted: int
    duplicate: int
    rejected: int
    done: bool = Field(description="Whether the whole file was read. An answer that does not end so was broken off")


class LineWrong(LineRefused):
    """A line that would be refused."""

    section: Section = Field(description="Heading of the guide on dossiers that says how such a line has to be")


class LinesJudged(Out):
    """What is wrong with the lines of a file that was not sent."""

    lines: int = Field(description="How many lines were looked at; empty ones are left out")
    wrong: list[LineWrong]
