"""A document that tasks come from, other than a plan: who sent it, its number and day. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

import msgspec

from cchc_shared.files.keys import key_of


class DocumentKind(StrEnum):
    """What kind of source it is."""

    INCOMING = "incoming"
    """A document that was received (văn bản đến)."""
    MEETING = "meeting"
    """The conclusions of a meeting."""
    PETITION = "petition"
    """Voters' petitions that came by a document; those that came as reports are linked to these (`petition`)."""
    DECISION = "decision"
    """A decision or directive of the city's own."""


NAMES: Final = {
    DocumentKind.INCOMING: "Văn bản đến",
    DocumentKind.MEETING: "Kết luận cuộc họp",
    DocumentKind.PETITION: "Kiến nghị cử tri",
    DocumentKind.DECISION: "Văn bản chỉ đạo",
}


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """A document as it was registered. `unit` registered it, and assigns what comes of it.

    `dated_on` is the day that it bears, `received_on` the one on which it came; `number` is empty for what has none.
    """

    id: int
    code: str
    kind: DocumentKind
    number: str
    dated_on: date
    received_on: date
    sender: str
    subject: str
    unit: str
    registered_at: datetime
    registered_by: str
    version: int = 1


_OFFICE: Final = "application/vnd.openxmlformats-officedocument."
_ENDINGS: Final[Mapping[str, str]] = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "application/pdf": "pdf",
    "application/msword": "doc",
    "application/vnd.oasis.opendocument.text": "odt",
    f"{_OFFICE}wordprocessingml.document": "docx",
    f"{_OFFICE}spreadsheetml.sheet": "xlsx",
    f"{_OFFICE}presentationml.presentation": "pptx",
}


class DocumentFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file of a document: a row of the table `document_files`. `sha256` is of the bytes that are kept and served."""

    id: UUID
    document_id: int
    code: str
    number: int
    caption: str | None = None
    media_type: str
    size: int
    """In bytes."""
    sha256: bytes
    source_sha256: bytes
    thumbnail_sha256: bytes | None = None
    scanned: bool
    replaces: UUID | None = None
    """The file of this document in whose place it stands."""
    added_at: datetime
    added_by: str
    removed_at: datetime | None = None
    removed_by: str | None = None

    @property
    def key(self) -> str | None:
        """Where its bytes are in the storage; None when it was taken back."""
        return None if self.removed_at is not None else key_of(self.code, self.sha256)

    @property
    def thumbnail_key(self) -> str | None:
        """Where its thumbnail is, if it has one."""
        if self.thumbnail_sha256 is None or self.removed_at is not None:
            return None
        return key_of(self.code, self.thumbnail_sha256)

    @property
    def keys(self) -> frozenset[str]:
        """Every object that it refers to."""
        return frozenset(key for key in (self.key, self.thumbnail_key) if key is not None)

    @property
    def name(self) -> str:
        """A name that says nothing of whoever sent it: `van-ban-1.pdf`."""
        return f"van-ban-{self.number}.{_ENDINGS.get(self.media_type, 'bin')}"


def replacements(files: Sequence[DocumentFile]) -> dict[UUID, UUID]:
    """Which file stands in whose place: of the files of a document, from the former to the one that stands."""
    return {each.replaces: each.id for each in files if each.replaces is not None and each.removed_at is None}


def code_of(id_: int, year: int) -> str:
    return f"VB-{year}-{id_:06d}"


def source_of(document: Document) -> str:
    """How a task names its source. The symbol in the number tells whose rules of extension hold."""
    number = f" số {document.number}" if document.number else ""
    day = f"{document.dated_on.day}/{document.dated_on.month}/{document.dated_on.year}"
    return f"{NAMES[document.kind]}{number} ngày {day} của {document.sender}"
