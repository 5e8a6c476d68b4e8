"""Request and response models of evidence."""

from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Path
from pydantic import Field

from cchc_shared.files.forms import FileIn
from cchc_shared.http.declared import FORM
from cchc_shared.http.field_errors import pattern
from cchc_shared.http.schemas import In, Out, bounded

EvidenceId = Annotated[UUID, Path(description="Id of a piece of evidence of this task")]
Caption = Annotated[str, bounded(500, min_length=1)]
URL = pattern(
    r"^https?://[^\s/?#@]+([/?#]\S*)?$",
    vi="không phải địa chỉ bắt đầu bằng `https://` hoặc `http://`",
    en="is no http or https address",
)


class EvidenceIn(FileIn):
    """A file that shows the product. Its name is not kept."""

    caption: Caption | None = None


class LinkIn(In):
    """Where the product can be seen."""

    url: Annotated[str, Field(max_length=2000, pattern=URL)]
    caption: Caption | None = None


FORM_OF_A_FILE: Final[dict[str, Any]] = {
    "requestBody": {"required": True, "content": {FORM: {"schema": EvidenceIn.model_json_schema()}}},
    "x-large-body": True,
}
"""The route reads the form itself, once it knows who sends it."""


class EvidenceOut(Out):
    """A file or a link that shows the product. Who added it is shown as the officer of the task is."""

    id: UUID
    name: str = Field(description="A neutral name: the one that the file had is not kept")
    caption: str | None
    url: str | None = Field(description="Of a link; a file has what follows")
    media_type: str | None
    bytes: int | None
    sha256: str | None = Field(
        description="Of the bytes that are served: an image is written anew without its metadata"
    )
    scanned: bool = Field(description="Whether a scanner looked for malware and found none")
    unit: str = Field(description="The lead at that time")
    added_at: datetime
    added_by: str | None
    removed_at: datetime | None = Field(description="Given: it was taken back, and its bytes are gone")
    removed_by: str | None


class EvidenceList(Out):
    items: list[EvidenceOut]
