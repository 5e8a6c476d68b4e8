"""Which outline holds a place: exactly one inside and on borders, none outside; points only suggest."""

import random
from typing import Any

import msgspec
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from feedback_api.places import geojson
from feedback_api.places.domain import Position
from feedback_api.places.geojson import FaultyOutlines, read

from .maps import LAT, LON, STEP, collection, corner, feature, outlines, square

SIDE = 4
GRID = outlines(*(square(f"{column}{row}", column, row) for column in range(SIDE) for row in range(SIDE)))


def at(column: float, row: float) -> Position:
    lon, lat = corner(column, row)
    return Position(lat, lon)


INSIDE = st.floats(0.001, 0.999)


@given(st.integers(0, SIDE - 1), st.integers(0, SIDE - 1), INSIDE, INSIDE)
def test_a_place_inside_an_outline_is_always_of_it(column: int, row: int, x: float, y: float) -> None:
    assert GRID.holding(at(column + x, row + y)) == f"{column}{row}"


@given(st.integers(0, SIDE), st.floats(0, SIDE), st.booleans())
def test_a_place_on_a_border_is_of_exactly_one_of_both_sides(line: int, along: float, upright: bool) -> None:
    column, row = (line, along) if upright else (along, line)
    found = GRID.holding(at(column, row))
    touching = {
        f"{each}{other}"
        for each in range(SIDE)
        for other in range(SIDE)
        if each - 1e-9 <= column <= each + 1 + 1e-9 and other - 1e-9 <= row <= other + 1 + 1e-9
    }
    if 0 < column < SIDE and 0 < row < SIDE:
        assert found in touching
    else:  # the outermost border may lie a rounding error outside
        assert found is None or found in touching


@st.composite
def tilings(draw: st.DrawFn) -> list[Any]:
    """A city cut into cells of any shape that share their corners."""
    seed = draw(st.integers(0, 1000))
    dice = random.Random(seed)  # noqa: S311 - no secret
    points = shapely.MultiPoint([(LON + dice.random() * 0.1, LAT + dice.random() * 0.1) for _ in range(8)])
    return list(shapely.get_parts(shapely.voronoi_polygons(points)))


@given(tilings(), st.data())
def test_each_corner_and_each_border_of_a_tiling_is_of_one_outline(cells: list[Any], data: st.DataObject) -> None:
    made = outlines(
        *(feature(f"{number}", "Polygon", msgspec.json.decode(shapely.to_geojson(cell))["coordinates"])
          for number, cell in enumerate(cells))
    )  # fmt: skip
    cell = data.draw(st.sampled_from(cells))
    vertices = list(cell.exterior.coords)
    start = data.draw(st.integers(0, len(vertices) - 2))
    share = data.draw(st.floats(0, 1))
    (x, y), (to_x, to_y) = vertices[start], vertices[start + 1]
    outer = shapely.union_all(cells).boundary
    lon, lat = x + (to_x - x) * share, y + (to_y - y) * share
    if outer.distance(shapely.Point(lon, lat)) > 1e-6:
        assert made.holding(Position(lat, lon)) is not None


def test_a_hole_is_not_held_and_another_unit_may_fill_it() -> None:
    ring = square("ring", 0, 0, 3)
    hole = square("x", 1, 1)["geometry"]["coordinates"][0]
    ring["geometry"]["coordinates"].append(hole)
    assert outlines(ring).holding(at(1.5, 1.5)) is None
    both = outlines(ring, square("core", 1, 1))
    assert (both.holding(at(1.5, 1.5)), both.holding(at(0.5, 0.5))) == ("core", "ring")


def test_a_unit_may_have_several_parts() -> None:
    parts = [square("x", 0, 0)["geometry"]["coordinates"], square("x", 3, 3)["geometry"]["coordinates"]]
    made = outlines(feature("apart", "MultiPolygon", parts), square("other", 1, 1))
    assert [made.holding(at(place, place)) for place in (0.5, 1.5, 2.5, 3.5)] == ["apart", "other", None, "apart"]


def test_a_point_holds_nothing_and_the_nearest_is_told_with_its_distance() -> None:
    made = outlines(feature("a", "Point", corner(0, 0)), feature("b", "Point", corner(3, 0)))
    assert made.holding(at(0, 0)) is None
    nearest = made.nearest(at(1, 0), 5000)
    assert nearest is not None
    assert (nearest.code, round(nearest.distance_m)) == ("a", 1038)  # 0.01° of longitude at 21° north
    assert made.nearest(at(1, 0), 1000) is None


def test_the_nearest_is_by_metres_not_by_degrees() -> None:
    """At 60° north a degree of longitude is half as long as one of latitude."""
    made = outlines(feature("east", "Point", [10.015, 60.0]), feature("north", "Point", [10.0, 60.01]))
    nearest = made.nearest(Position(60.0, 10.0), 5000)
    assert nearest is not None
    assert nearest.code == "east"


def test_distance_is_to_the_border() -> None:
    nearest = outlines(square("s", 0, 0)).nearest(at(0.5, 1.5), 5000)
    assert nearest is not None
    assert nearest.distance_m == pytest.approx(STEP / 2 * 111_195)


def test_an_outline_that_crosses_itself_is_repaired_and_named() -> None:
    bow = [list(corner(*each)) for each in [(0, 0), (2, 2), (2, 0), (0, 2), (0, 0)]]
    made = outlines(feature("bow", "Polygon", [bow]), square("s", 5, 5))
    assert made.repaired == ("bow",)
    held = [made.holding(at(*each)) for each in ((0.5, 1), (1.5, 1), (1, 0.2))]
    assert held == ["bow", "bow", None]


def flat(code: str) -> dict[str, Any]:
    return feature(code, "Polygon", [[list(corner(*each)) for each in [(0, 0), (1, 1), (2, 2), (0, 0)]]])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"{", "FeatureCollection"),
        (b"\xff", "FeatureCollection"),
        (b"[" * 100_000, "FeatureCollection"),
        (b"{}", "FeatureCollection"),
        (b'{"type": "Feature"}', "FeatureCollection"),
        (collection([]), "no feature"),
        (collection([feature("a", "LineString", [corner(0, 0)])]), "1 (a)"),
        (collection([square("a", 0, 0), {"type": "Feature", "properties": {}, "geometry": None}]), "2 (?)"),
        (collection([feature("a", "Polygon", [[corner(0, 0), corner(1, 1), corner(0, 0)]])]), "1 (a)"),
        (collection([feature("a", "Polygon", [[corner(0, 0), corner(1, 1), corner(1, 0), corner(0, 1)]])]), "closed"),
        (collection([feature("a", "Polygon", [[[0, 91], [1, 1], [2, 0], [0, 91]]])]), "WGS 84"),
        (collection([feature("a", "Point", [181, 0])]), "WGS 84"),
        (collection([feature("a", "Polygon", [])]), "no ring"),
        (collection([feature("a", "MultiPolygon", [[]])]), "no ring"),
        (collection([feature("a", "MultiPolygon", [])]), "no ring"),
        (collection([feature("a", "Polygon", [[[0], [1, 1], [2, 0], [0]]])]), "1 (a)"),
    ],
)
def test_faults_are_named_by_feature(content: bytes, said: str) -> None:
    with pytest.raises(FaultyOutlines) as found:
        read(content)
    assert said in str(found.value)


def test_an_outline_without_area_is_named() -> None:
    with pytest.raises(FaultyOutlines, match="flat"):
        outlines(square("s", 0, 0), flat("flat"))


RINGS = square("a", 0, 0)["geometry"]["coordinates"]


@pytest.mark.parametrize(
    ("bound", "features"),
    [
        ("MAX_BYTES", [square("a", 0, 0)]),
        ("MAX_FEATURES", [square("a", 0, 0), square("b", 0, 0)]),
        ("MAX_RINGS", [feature("a", "MultiPolygon", [RINGS, RINGS])]),
        ("MAX_VERTICES", [square("a", 0, 0)]),
    ],
)  # fmt: skip
def test_bounds(bound: str, features: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch) -> None:
    content = collection(features)
    read(content)
    monkeypatch.setattr(geojson, bound, 1)
    with pytest.raises(FaultyOutlines, match="1"):
        read(content)


def test_all_faults_are_named_up_to_a_bound() -> None:
    with pytest.raises(FaultyOutlines) as found:
        read(collection([feature(f"{number}", "Point", [200, 0]) for number in range(50)]))
    assert len(found.value.faults) == geojson.NAMED
