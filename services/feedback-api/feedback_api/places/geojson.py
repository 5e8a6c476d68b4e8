"""Outlines read from GeoJSON (RFC 7946) within bounds; every fault is named with its feature."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Final, NamedTuple

import msgspec
from msgspec import Meta

MAX_BYTES: Final = 64 * 1024 * 1024
MAX_FEATURES: Final = 20_000
MAX_RINGS: Final = 1_000
"""Of one feature."""
MAX_VERTICES: Final = 2_000_000
"""Of the whole file."""
NAMED: Final = 20
"""So many faults are named; a file with more is faulty as a whole."""

Vertex = Annotated[list[float], Meta(min_length=2, max_length=3)]
"""Longitude, latitude and perhaps a height, which is not read."""
Ring = list[Vertex]
Rings = list[Ring]


class FaultyOutlines(ValueError):
    """The file is no collection of outlines; `faults` say what is wrong with which feature."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


class Outline(NamedTuple):
    """A unit with the polygons that it covers, or with a single point inside it."""

    code: str
    name: str
    polygons: Sequence[Rings]
    point: Vertex | None


class _Point(msgspec.Struct, tag_field="type", tag="Point"):
    coordinates: Vertex


class _Polygon(msgspec.Struct, tag_field="type", tag="Polygon"):
    coordinates: Rings


class _MultiPolygon(msgspec.Struct, tag_field="type", tag="MultiPolygon"):
    coordinates: list[Rings]


class _Properties(msgspec.Struct):
    code: Annotated[str, Meta(min_length=1, max_length=100)]
    name: Annotated[str, Meta(max_length=300)] = ""


class _Feature(msgspec.Struct, tag_field="type", tag="Feature"):
    properties: _Properties
    geometry: _Point | _Polygon | _MultiPolygon


class _Collection(msgspec.Struct, tag_field="type", tag="FeatureCollection"):
    features: list[msgspec.Raw]


def read(content: bytes) -> list[Outline]:
    """The outlines of a feature collection in WGS 84. Raises `FaultyOutlines`.

    `properties.code` is the code of a unit. Polygons and MultiPolygons are outlines; a Point only tells where it is.
    """
    if len(content) > MAX_BYTES:
        raise FaultyOutlines([f"tệp lớn hơn {MAX_BYTES} byte · the file is larger than {MAX_BYTES} bytes"])
    try:
        features = msgspec.json.decode(content, type=_Collection).features
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise FaultyOutlines([f"không phải tập hợp đối tượng · no FeatureCollection: {error}"]) from error
    if len(features) > MAX_FEATURES:
        raise FaultyOutlines([f"quá {MAX_FEATURES} đối tượng · more than {MAX_FEATURES} features"])
    outlines, faults, vertices = list[Outline](), list[str](), 0
    for number, raw in enumerate(features, 1):
        try:
            feature = msgspec.json.decode(raw, type=_Feature)
        except (msgspec.MsgspecError, RecursionError) as error:
            faults.append(_fault(number, _code(raw), f"sai dạng · is not of the form: {error}"))
            continue
        outline = _outline(feature)
        faults += [_fault(number, outline.code, fault) for fault in _faults(outline)]
        outlines.append(outline)
        vertices += sum(len(ring) for rings in outline.polygons for ring in rings)
        if vertices > MAX_VERTICES:
            faults.append(f"quá {MAX_VERTICES} đỉnh · more than {MAX_VERTICES} vertices")
            break
    if not outlines and not faults:
        faults.append("không có đối tượng nào · there is no feature")
    if faults:
        raise FaultyOutlines(faults[:NAMED])
    return outlines


def _outline(feature: _Feature) -> Outline:
    code, name = feature.properties.code, feature.properties.name
    match feature.geometry:
        case _Point(point):
            return Outline(code, name, (), point)
        case _Polygon(rings):
            return Outline(code, name, [rings], None)
        case _MultiPolygon(polygons):
            return Outline(code, name, polygons, None)


def _faults(outline: Outline) -> Iterator[str]:
    if outline.point is not None and not _on_earth(outline.point):
        yield "tọa độ của điểm ngoài phạm vi · the point is not in WGS 84"
    if outline.point is None and not (outline.polygons and all(outline.polygons)):
        yield "không có vòng nào · has no ring"
    rings = [ring for polygon in outline.polygons for ring in polygon]
    if len(rings) > MAX_RINGS:
        yield f"quá {MAX_RINGS} vòng · has more than {MAX_RINGS} rings"
        return
    for number, ring in enumerate(rings, 1):
        if len(ring) < 4:
            yield f"vòng {number} có ít hơn 4 đỉnh · ring {number} has fewer than 4 vertices"
        elif ring[0] != ring[-1]:
            yield f"vòng {number} không khép kín · ring {number} is not closed"
        if not all(map(_on_earth, ring)):
            yield f"tọa độ của vòng {number} ngoài phạm vi · ring {number} is not in WGS 84"


def _on_earth(vertex: Vertex) -> bool:
    return -180 <= vertex[0] <= 180 and -90 <= vertex[1] <= 90


def _fault(number: int, code: str, what: str) -> str:
    return f"đối tượng · feature {number} ({code}): {what}"


def _code(raw: msgspec.Raw) -> str:
    """The code of a feature that is otherwise faulty."""
    try:
        feature: Any = msgspec.json.decode(raw)
        return str(feature["properties"]["code"])[:100]
    except (msgspec.MsgspecError, RecursionError, TypeError, KeyError):
        return "?"
