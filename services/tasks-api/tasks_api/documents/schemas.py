"""Request and response models of documents."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any, Self
from uuid import UUID

import msgspec
from pydantic import Field

from cchc_shared.http.field_errors import pattern
from cchc_shared.http.paging import Cursor, Limit
from cchc_shared.http.schemas import Day, In, Out, UnitCode, bounded
from tasks_api.documents.domain import Document, DocumentFile, DocumentKind, replacements, source_of
from tasks_api.tasks.schemas import TaskAssignedOut, TaskIn

CODE = pattern(r"^[A-Za-z0-9-]+$", vi="không phải mã văn bản", en="is not the code of a document")
MOST_TASKS = 100


class DocumentIn(In):
    """A document to be registered."""

    kind: DocumentKind
    number: Annotated[str, bounded(100)] = Field(default="", description="Number and symbol; empty if it has none")
    dated_on: Day = Field(description="The day that it bears")
    received_on: Day | None = Field(default=None, description="The day on which it came; today if absent")
    sender: Annotated[str, bounded(300, min_length=1)] = Field(
        description="The body that issued it, or which held the meeting; no person's name"
    )
    subject: Annotated[str, bounded(2000, min_length=1)]


class DocumentQuery(In):
    """Filters of the list; an absent one does not narrow it."""

    kind: DocumentKind | None = None
    unit: UnitCode | None = Field(default=None, description="The unit that registered it")
    number: Annotated[str, bounded(100, min_length=1)] | None = None
    dated_from: Day | None = None
    dated_to: Day | None = None
    q: Annotated[str, bounded(200, min_length=1)] | None = Field(
        default=None, description="Words of the code, number, sender or subject, with or without marks"
    )
    cursor: Cursor = None
    limit: Limit = 50


class DocumentFileOut(Out):
    """A file of a document."""

    id: UUID
    name: str = Field(description="A neutral name: the one that the file had is not kept")
    caption: str | None
    media_type: str
    bytes: int
    sha256: str = Field(
        description="Of the bytes that are served: an image is written anew without its metadata, all else is kept"
    )
    scanned: bool = Field(description="Whether a scanner looked for malware and found none")
    thumbnail: str | None = Field(description="Path of a small image, of an image")
    added_at: datetime
    replaced_by: UUID | None = Field(description="Given: another file stands in its place; it stays to be read")
    removed_at: datetime | None = Field(description="Given: it was taken back, and its bytes are gone")

    @classmethod
    def of(cls, file: DocumentFile, replaced_by: UUID | None) -> Self:
        thumbnail = f"/v1/documents/{file.code}/files/{file.id}/thumbnail" if file.thumbnail_key else None
        return cls(
            id=file.id,
            name=file.name,
            caption=file.caption,
            media_type=file.media_type,
            bytes=file.size,
            sha256=file.sha256.hex(),
            scanned=file.scanned,
            thumbnail=thumbnail,
            added_at=file.added_at,
            replaced_by=replaced_by,
            removed_at=file.removed_at,
        )


class DocumentOut(Out):
    code: str
    kind: DocumentKind
    number: str
    dated_on: date
    received_on: date
    sender: str
    subject: str
    source: str = Field(description="How its tasks name it")
    unit: str = Field(description="The unit that registered it, and assigns what comes of it")
    registered_at: datetime
    files: list[DocumentFileOut] = Field(description="The signed text, its annexes: in the order in which they came")
    version: int = Field(description="A file that is added or taken back makes a new one")

    @classmethod
    def of(cls, document: Document, files: Sequence[DocumentFile]) -> Self:
        fields: dict[str, Any] = msgspec.structs.asdict(document)
        later = replacements(files)
        shown = [DocumentFileOut.of(each, later.get(each.id)) for each in files]
        return cls(**fields, source=source_of(document), files=shown)


class DocumentPage(Out):
    items: list[DocumentOut]
    next_cursor: str | None


class DocumentTaskIn(TaskIn):
    """A task that comes from the document. Its source is the document, unless it says more."""


class DocumentTasksIn(In):
    tasks: list[DocumentTaskIn] = Field(min_length=1, max_length=MOST_TASKS)


class DocumentTasks(Out):
    items: list[TaskAssignedOut]
