"""Outlines that tests make themselves."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import msgspec

from feedback_api.places.domain import Places
from feedback_api.places.geojson import read
from feedback_api.places.outlines import Outlines
from feedback_api.places.rules import OutlineFile

FILE = OutlineFile(
    file="made.geojson",
    version="t1",
    valid_from=date(2025, 7, 1),
    source="made by this test",
    licence="CC0",
    status="R",
)
LON, LAT = 105.80, 21.00
STEP = 0.01
"""Degrees: about a kilometre."""


def feature(code: str, kind: str, coordinates: object, name: str = "") -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": {"code": code, "name": name},
        "geometry": {"type": kind, "coordinates": coordinates},
    }


def square(code: str, column: int, row: int, size: int = 1) -> dict[str, Any]:
    """A square of a grid, counted in steps from its south-west corner."""
    corners = [(0, 0), (size, 0), (size, size), (0, size), (0, 0)]
    return feature(code, "Polygon", [[list(corner(column + x, row + y)) for x, y in corners]])


def corner(column: float, row: float) -> tuple[float, float]:
    """Longitude and latitude of a point of the grid."""
    return LON + column * STEP, LAT + row * STEP


def collection(features: Iterable[dict[str, Any]]) -> bytes:
    return msgspec.json.encode({"type": "FeatureCollection", "features": list(features)})


def outlines(*features: dict[str, Any]) -> Outlines:
    return Outlines(read(collection(features)))


def places(features: Sequence[dict[str, Any]], file: OutlineFile = FILE, within_m: float = 5000) -> Places:
    return Places([(file, outlines(*features))], within_m)
