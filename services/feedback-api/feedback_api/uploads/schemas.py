"""The state of an upload in parts, and the headers of tus."""

from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from fastapi import Header, Path
from pydantic import Field

from cchc_shared.http.field_errors import pattern
from cchc_shared.http.schemas import Out

VERSION: Final = "1.0.0"
_VERSION: Final = pattern(r"^[0-9.]+$", vi="không phải số phiên bản", en="is not a version")

UploadId = Annotated[UUID, Path(description="Id of an upload, from its `Location`")]
Resumable = Annotated[
    str | None, Header(alias="Tus-Resumable", max_length=20, pattern=_VERSION, description=f"`{VERSION}`")
]
Length = Annotated[int, Header(alias="Upload-Length", ge=1, lt=1 << 31, description="Bytes of the whole file")]
Offset = Annotated[int, Header(alias="Upload-Offset", ge=0, lt=1 << 31, description="Bytes that arrived before")]


class UploadOut(Out):
    """How far an upload is."""

    id: UUID
    report: str
    length: int
    offset: int = Field(description="Bytes that have arrived; the same as `Upload-Offset`")
    expires_at: datetime
    attachment: UUID | None = Field(description="What it became, once all of it has arrived")
