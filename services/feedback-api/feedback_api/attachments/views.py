"""An attachment as its readers see it."""

from collections.abc import Mapping
from typing import Final

from feedback_api.attachments import access
from feedback_api.attachments.schemas import AttachmentOut
from feedback_api.reports.attachments import Attachment
from feedback_api.reports.domain import Feedback

_NAMES: Final[Mapping[str, tuple[str, str]]] = {
    "image/jpeg": ("anh", "jpg"),
    "image/png": ("anh", "png"),
    "image/webp": ("anh", "webp"),
    "application/pdf": ("tai-lieu", "pdf"),
}


def name(attachment: Attachment) -> str:
    """A name that says nothing of whoever sent it: `anh-1.jpg`."""
    what, ending = _NAMES.get(attachment.media_type, ("tep", "bin"))
    return f"{what}-{attachment.number}.{ending}"


def path(attachment: Attachment) -> str:
    """Where its content is read."""
    return f"/v1/feedback/{attachment.code}/attachments/{attachment.id}"


def attachment(report: Feedback, found: Attachment) -> AttachmentOut:
    """The answer; what it does not have is not set, and does not appear."""
    fields: dict[str, object] = {
        "id": found.id,
        "name": name(found),
        "media_type": found.media_type,
        "bytes": found.size,
        "sha256": found.sha256.hex(),
        "purpose": found.purpose,
        "caption": found.caption,
        "uploaded_at": found.uploaded_at,
        "by": found.by,
        "public": access.is_public(report, found),
        "scan": found.scan,
    }
    if found.thumbnail_sha256 is not None:
        fields |= {"width": found.width, "height": found.height, "thumbnail": f"{path(found)}/thumbnail"}
    return AttachmentOut.model_validate(fields)
