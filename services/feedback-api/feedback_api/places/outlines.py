"""Outlines in memory: which one holds a place, and which is nearest. The only module that knows shapely.

It is imported where a city has outlines, and there alone: with numpy it takes a process 23 MB and 0.3 s.
"""

from collections.abc import Sequence
from math import cos, radians
from typing import Final

import shapely
from shapely.geometry.base import BaseGeometry

from feedback_api.places.domain import METRES_PER_DEGREE, Nearest, Position
from feedback_api.places.geojson import FaultyOutlines, Outline, Rings, Vertex

LEAST_AREA: Final = 1.0
"""Square metres. What is less is a line that rounding bent."""


class Outlines:
    """The outlines of one file.

    Kept in metres east and north, with one scale for the whole file: of a city's extent distances are right to about
    0.3 %, and what lies on which side of a line is exact.
    Raises `FaultyOutlines` for an outline with less than `LEAST_AREA`.
    """

    def __init__(self, outlines: Sequence[Outline]) -> None:
        self._scale = _scale(outlines)
        shapes, faults, repaired = list[tuple[str, BaseGeometry]](), list[str](), list[str]()
        for outline in outlines:
            shape = self._shape(outline)
            if outline.point is None and not shape.is_valid:
                shape = _polygonal(shapely.make_valid(shape))
                repaired.append(outline.code)
            if outline.point is None and shape.area < LEAST_AREA:
                faults.append(f"{outline.code}: không có diện tích · has no area")
            shapes.append((outline.code, shape))
        if faults:
            raise FaultyOutlines(faults)
        self.repaired = tuple(repaired)
        """Codes of the units whose outline crossed itself."""
        self.names = {outline.code: outline.name for outline in outlines}
        # By code: of several that a point on a common border touches, the first is always the same.
        shapes.sort(key=lambda each: each[0])
        self._codes = [code for code, _ in shapes]
        self._all = shapely.STRtree([shape for _, shape in shapes])
        covering = [(code, shape) for code, shape in shapes if shape.geom_type != "Point"]
        self._covering_codes = [code for code, _ in covering]
        self._covering = shapely.STRtree([shape for _, shape in covering])
        for _, shape in covering:
            shapely.prepare(shape)

    @property
    def polygons(self) -> int:
        """How many outlines cover an area; the others are only points."""
        return len(self._covering_codes)

    def holding(self, position: Position) -> str | None:
        """Code of the unit that the place lies in; on a common border the first of the codes. A point holds nothing."""
        found = self._covering.query(self._point(position.lon, position.lat), predicate="intersects")
        return self._covering_codes[found.min()] if len(found) else None

    def nearest(self, position: Position, within_m: float) -> Nearest | None:
        """The nearest unit, by its border or its point, and how far it is."""
        point = self._point(position.lon, position.lat)
        found, distances = self._all.query_nearest(point, max_distance=within_m, return_distance=True)
        return Nearest(self._codes[found.min()], float(distances[0])) if len(found) else None

    def _shape(self, outline: Outline) -> BaseGeometry:
        if outline.point is not None:
            return self._point(*outline.point[:2])
        return shapely.MultiPolygon([self._polygon(rings) for rings in outline.polygons])

    def _polygon(self, rings: Rings) -> shapely.Polygon:
        shell, *holes = ([self._metres(vertex) for vertex in ring] for ring in rings)
        return shapely.Polygon(shell, holes)

    def _metres(self, vertex: Vertex) -> tuple[float, float]:
        return vertex[0] * self._scale, vertex[1] * METRES_PER_DEGREE

    def _point(self, lon: float, lat: float) -> shapely.Point:
        return shapely.Point(lon * self._scale, lat * METRES_PER_DEGREE)


def _scale(outlines: Sequence[Outline]) -> float:
    """Metres of one degree of longitude, in the middle of the outlines."""
    latitudes = [
        vertex[1]
        for outline in outlines
        for ring in [[outline.point] if outline.point else [], *(ring for rings in outline.polygons for ring in rings)]
        for vertex in ring
    ]
    return METRES_PER_DEGREE * cos(radians((min(latitudes) + max(latitudes)) / 2))


def _polygonal(shape: BaseGeometry) -> BaseGeometry:
    """The parts of a repaired outline that have an area."""
    parts = shapely.get_parts(shape, return_index=False)
    return shapely.union_all([part for part in parts if part.area >= LEAST_AREA])
