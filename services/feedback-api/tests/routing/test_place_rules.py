"""Rules that ask for the unit of the place."""

from datetime import date
from typing import Any

import pytest

from cchc_shared.contract.codes import UnitKind
from cchc_shared.directory.domain import Unit, Units
from feedback_api.places.domain import Position

from ..conftest import CENTRE, JUSTICE
from ..places.maps import corner, places, square
from .cases import case, on, router, rule

SINCE = date(2025, 7, 1)
KNOWN = Units(
    [
        Unit(CENTRE, None, None),
        Unit(JUSTICE, None, None),
        Unit("ward", SINCE, None, "Phường", UnitKind.COMMUNE),
        Unit("park", SINCE, None, "Ban Quản lý", UnitKind.SERVICE_UNIT),
    ]
)
CITY = places([square("ward", 0, 0), square("park", 1, 0), square("unknown", 2, 0)])


def at(column: float) -> Position:
    lon, lat = corner(column, 0.5)
    return Position(lat, lon)


@pytest.mark.parametrize(
    ("conditions", "column", "unit"),
    [
        ({"place": {"units": ["ward"]}}, 0.5, JUSTICE),
        ({"place": {"units": ["ward"]}}, 1.5, CENTRE),
        ({"place": {"kinds": ["commune"]}}, 0.5, JUSTICE),
        ({"place": {"kinds": ["commune"]}}, 1.5, CENTRE),
        ({"place": {"units": ["ward"], "kinds": ["service_unit"]}}, 0.5, CENTRE),
        ({"place": {"units": ["unknown"]}}, 2.5, CENTRE),  # the directory does not know it
        ({"place": {"kinds": ["commune"]}}, 9, CENTRE),
        ({"to": "commune_of_place"}, 0.5, "ward"),
        ({"to": "commune_of_place", "place": {"kinds": ["service_unit"]}}, 0.5, CENTRE),
        ({"to": "commune_of_place", "place": {"kinds": ["service_unit"]}}, 1.5, "park"),
        ({"to": "commune_of_place"}, 2.5, CENTRE),
        ({"to": "commune_of_place"}, 9, CENTRE),  # the nearest is a suggestion, and routes nothing
    ],
)
def test_the_unit_of_the_place(conditions: dict[str, Any], column: float, unit: str) -> None:
    routed = router(rule("r", **conditions), places=CITY).route(KNOWN, case()._replace(position=at(column)))
    assert routed.unit == unit
    held = {"unit": "ward" if column < 1 else "park", "outlines": "t1", "status": "R"}
    assert routed.trace.get("matched") == (None if unit == CENTRE else {"place": held})


def test_outlines_of_another_time_hold_nothing() -> None:
    tried = router(rule("r", to="commune_of_place"), places=CITY)
    assert tried.route(KNOWN, case(at=on(SINCE))._replace(position=at(0.5))).unit == "ward"
    assert tried.route(KNOWN, case(at=on(date(2025, 6, 30)))._replace(position=at(0.5))).unit == CENTRE
