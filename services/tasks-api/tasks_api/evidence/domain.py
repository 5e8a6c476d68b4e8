"""A piece of evidence. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from cchc_shared.files.keys import key_of

_OFFICE: Final = "application/vnd.openxmlformats-officedocument."
_NAMES: Final[Mapping[str, tuple[str, str]]] = {
    "image/jpeg": ("anh", "jpg"),
    "image/png": ("anh", "png"),
    "image/webp": ("anh", "webp"),
    "application/pdf": ("tai-lieu", "pdf"),
    f"{_OFFICE}wordprocessingml.document": ("tai-lieu", "docx"),
    f"{_OFFICE}spreadsheetml.sheet": ("bang-tinh", "xlsx"),
    f"{_OFFICE}presentationml.presentation": ("trinh-chieu", "pptx"),
}


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the table `task_evidence`. A link has a `url`, a file what is known of its bytes."""

    id: UUID
    task_id: int
    code: str
    number: int
    caption: str | None = None
    url: str | None = None
    media_type: str | None = None
    size: int | None = None
    """In bytes."""
    sha256: bytes | None = None
    source_sha256: bytes | None = None
    scanned: bool = False
    unit: str
    added_at: datetime
    added_by: str
    removed_at: datetime | None = None
    removed_by: str | None = None

    @property
    def key(self) -> str | None:
        """Where its bytes are in the storage; None for a link, and for what was removed."""
        return None if self.sha256 is None or self.removed_at is not None else key_of(self.code, self.sha256)

    @property
    def name(self) -> str:
        """A name that says nothing of whoever sent it: `tai-lieu-1.pdf`."""
        if self.url is not None:
            return f"lien-ket-{self.number}"
        what, ending = _NAMES.get(self.media_type or "", ("tep", "bin"))
        return f"{what}-{self.number}.{ending}"
