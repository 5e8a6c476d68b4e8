"""Request and response models of index sets."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from fastapi import Path, Query
from pydantic import Field

from cchc_shared.contract.codes import UnitKind
from cchc_shared.contract.provenance import Provenance
from cchc_shared.http.schemas import NO_NUL, Out

YAML = "application/yaml"
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_BYTES = {"schema": {"type": "string", "format": "binary"}}
SetCode = Annotated[str, Path(max_length=50, pattern=NO_NUL, description="Code of an index set")]
SetVersion = Annotated[str, Path(max_length=50, pattern=NO_NUL)]
OtherVersion = Annotated[str, Query(alias="to", max_length=50, pattern=NO_NUL, description="The version to compare to")]

SET_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "An index set, whose schema is `index-set.schema.json`; or a workbook of one",
        "content": {YAML: _BYTES, WORKBOOK: _BYTES},
    }
}


WORKBOOK_ANSWER: dict[int | str, dict[str, Any]] = {200: {"content": {WORKBOOK: _BYTES}}}


class SetVersionOut(Out):
    """A version of an index set. It never changes; a change is a new version."""

    code: str
    version: str
    title: str
    title_en: str
    template: bool = Field(description="True if no authority has decided the weights of this set")
    source: str
    status: Provenance = Field(description="V read in a source, N checked by figures, S second-hand, R not official")
    effective_from: date
    effective_to: date | None
    kinds: list[UnitKind]
    sha256: str = Field(description="SHA-256 of its content")
    loaded_at: datetime


class SetList(Out):
    items: list[SetVersionOut]


class SetDocument(SetVersionOut):
    notice: str | None
    notice_en: str | None
    remarks: list[str] = Field(description="What readers should know of the document that it was made from")
    remarks_en: list[str]
    document: dict[str, Any] = Field(description="The whole of it; see `index-set.schema.json`")


class SetLoaded(Out):
    code: str
    version: str
    sha256: str
    status: Literal["loaded", "known", "sound"] = Field(
        description="`known`: it was there already. `sound`: nothing is wrong with it; it was only tried"
    )


class SetDifference(Out):
    path: str = Field(description="Where; criteria stand by their codes")
    before: Any
    after: Any


class SetDifferences(Out):
    code: str
    before: str
    after: str
    items: list[SetDifference]
