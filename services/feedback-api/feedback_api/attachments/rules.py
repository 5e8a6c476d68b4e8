"""Which files may be attached, by the city's rules."""

from typing import Annotated

import msgspec
from msgspec import Meta

from cchc_shared.contract.provenance import Provenance
from cchc_shared.files.images import MediaType
from feedback_api.rulebook import Part

Positive = Annotated[int, Meta(ge=1)]


class Bounds(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is taken, how much of it, and how long an upload in parts may last."""

    source: str
    status: Provenance
    media_types: frozenset[MediaType]
    most_bytes: Positive
    most_pixels: Positive
    most_per_report: Annotated[int, Meta(ge=1, le=1000)]
    """Of each side: the sender, the unit, the desk."""
    thumbnail_pixels: Annotated[int, Meta(ge=16, le=2000)]
    """The longer side of a thumbnail."""
    upload_hours: Positive
    most_parts: Positive
    """Of one upload."""


class AttachmentRules(Part, frozen=True, kw_only=True):
    """The part of the city's rules that attachments read."""

    attachments: Bounds
