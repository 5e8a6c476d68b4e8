"""Request models of files of documents."""

from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Path
from pydantic import Field

from cchc_shared.files.forms import FileIn
from cchc_shared.http.declared import FORM
from cchc_shared.http.schemas import bounded

FileId = Annotated[UUID, Path(description="Id of a file of this document")]


class DocumentFileIn(FileIn):
    """A file of a document. Its name is not kept."""

    caption: Annotated[str, bounded(500, min_length=1)] | None = Field(
        default=None, description="What it is: the signed text, an annex; no person's name"
    )
    replaces: UUID | None = Field(default=None, description="Id of the file in whose place it stands from now on")


FORM_OF_A_FILE: Final[dict[str, Any]] = {
    "requestBody": {"required": True, "content": {FORM: {"schema": DocumentFileIn.model_json_schema()}}},
    "x-large-body": True,
}
"""The route reads the form itself, once it knows who sends it."""
