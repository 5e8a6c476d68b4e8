"""Provenance of documents (how sure they are), and the bilingual texts in them."""

from datetime import date
from typing import Generic, Literal, TypeVar

import msgspec

Provenance = Literal["V", "N", "S", "R"]
"""V: read in the source. N: computed from published figures. S: second-hand. R: a default of this software, never
official."""

T = TypeVar("T")


class Sourced(msgspec.Struct, Generic[T], frozen=True, forbid_unknown_fields=True):
    """A value with where it was read."""

    value: T
    source: str
    status: Provenance


class Versioned(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Fields that every document of a city has: version, source and provenance."""

    version: str
    effective_from: date
    source: str
    status: Provenance


class Text(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A text for people, in Vietnamese and English."""

    vi: str
    en: str
