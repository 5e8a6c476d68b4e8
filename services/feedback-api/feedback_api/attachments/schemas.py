"""Request and response models of attachments."""

from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Path
from pydantic import Field, WithJsonSchema

from cchc_shared.files.forms import FileIn
from cchc_shared.http.declared import FORM
from cchc_shared.http.schemas import In, Out, bounded
from feedback_api.reports.attachments import Purpose, Scan, Side

AttachmentId = Annotated[UUID, Path(description="Id of an attachment of this report")]
GivenPurpose = Annotated[Purpose, WithJsonSchema({"type": "string", "enum": [each.value for each in Purpose]})]
Caption = Annotated[str, bounded(500)]


class Words(In):
    """What is said of a file."""

    purpose: GivenPurpose = Field(default=Purpose.OTHER, description="What the file is to show")
    caption: Caption | None = Field(default=None, description="Published with the file, if that is")


class AttachIn(Words, FileIn):
    """A file for a report. Its name is not kept."""


FORM_OF_A_FILE: Final[dict[str, Any]] = {
    "requestBody": {"required": True, "content": {FORM: {"schema": AttachIn.model_json_schema()}}},
    "x-large-body": True,
}
"""The route reads the form itself, once it knows who sends it."""


class AttachmentOut(Out):
    """A file that was attached to a report. Only an image has the optional fields."""

    id: UUID
    name: str = Field(description="A neutral name: the one that the file had is not kept")
    media_type: str
    bytes: int
    sha256: str = Field(description="Of the bytes that are served: an image is written anew without its metadata")
    purpose: Purpose
    caption: str | None
    uploaded_at: datetime
    by: Side
    public: bool = Field(description="Whether anyone may read it")
    scan: Scan = Field(description="An infected file was refused and is not kept; only officials see that it was sent")
    width: int | None = None
    height: int | None = None
    thumbnail: str | None = Field(default=None, description="Path of a small image")


class AttachmentList(Out):
    items: list[AttachmentOut]
