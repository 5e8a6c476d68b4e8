"""Request and response models of connected systems."""

from datetime import datetime
from typing import Annotated, Final

from fastapi import Path
from pydantic import Field, StringConstraints

from cchc_shared.contract.codes import Channel
from cchc_shared.http.field_errors import pattern
from cchc_shared.http.schemas import In, Out, UnitCode, bounded

CODE: Final = pattern(
    r"^[a-z][a-z0-9-]{1,39}$",
    vi="phải gồm 2 đến 40 chữ thường không dấu, chữ số hoặc dấu gạch ngang, bắt đầu bằng chữ",
    en="must be 2 to 40 small letters, digits and hyphens, and begin with a letter",
)
ROUTE: Final = pattern(
    r"^[a-z][a-z0-9_.-]{0,99}$",
    vi="phải là tên một nhóm hoặc một thao tác của hợp đồng, như `dossiers` hoặc `dossiers.send`",
    en="must be the name of an area or an operation of the contract, such as dossiers or dossiers.send",
)
SystemCode = Annotated[str, StringConstraints(max_length=40, pattern=CODE)]
CodeInPath = Annotated[SystemCode, Path(description="Code of a connected system")]
Route = Annotated[str, StringConstraints(max_length=100, pattern=ROUTE)]


class SystemIn(In):
    """A connected system: who answers for it, and how far it may go."""

    name: Annotated[str, bounded(200, min_length=1)]
    office: Annotated[str, bounded(200, min_length=1)] = Field(
        description="Name of the office that answers for it; nobody's name"
    )
    routes: Annotated[list[Route], Field(min_length=1, max_length=50)] = Field(
        description="What it may call: areas of the contract (`dossiers`), and single operations (`dossiers.send`)"
    )
    units: Annotated[list[UnitCode], Field(max_length=50)] = Field(
        default=[], description="Codes of the units of which it may speak and read"
    )
    whole_city: bool = Field(default=False, description="It speaks for every unit; `units` is empty then")
    channels: Annotated[list[Channel], Field(max_length=len(Channel))] = Field(
        default=[], description="Channels of which it may send reports; none if absent"
    )


class NewSystem(SystemIn):
    """A connected system with the code under which it is known for ever."""

    code: SystemCode


class SystemOut(Out):
    """One version of a connected system. Versions never change."""

    code: str
    version: int
    name: str
    office: str
    routes: list[str]
    units: list[str]
    whole_city: bool
    channels: list[Channel]
    suspended: bool = Field(description="Its keys open nothing")
    created_at: datetime
    actor: str = Field(description="Subject of the token of whoever made this version")
    at: datetime


class SystemPage(Out):
    items: list[SystemOut]
    next_cursor: str | None


class SystemHistory(Out):
    """All versions, oldest first."""

    items: list[SystemOut]
