"""The outlines that the city's profile names, with their source, licence and period."""

from datetime import date
from pathlib import Path
from typing import Annotated, Self

import msgspec
from msgspec import Meta

from cchc_shared.contract.provenance import Provenance, Versioned
from cchc_shared.contract.yaml_text import read_document

FILE = "places.yaml"


class OutlineFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A GeoJSON file, relative to the profile's folder, and the days on which it holds (both included)."""

    file: str
    version: str
    valid_from: date
    valid_to: date | None = None
    source: str
    licence: str
    status: Provenance

    def valid_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


class PlacesDocument(Versioned, frozen=True, kw_only=True):
    """`places.yaml`. The first file that is valid on a day is the one of that day."""

    suggest_within_m: Annotated[float, Meta(gt=0)]
    """How far from a place the nearest unit may be, in metres, to be suggested for it."""
    outlines: tuple[OutlineFile, ...]

    @classmethod
    def load(cls, profile: Path) -> Self:
        """Read it from the folder of the city's documents."""
        return read_document(profile / FILE, cls)
