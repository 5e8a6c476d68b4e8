"""Reports near a place: a circle of metres, by the distance on a sphere."""

from math import asin, cos, radians, sin, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_api.reports.location import EARTH_METRES, HALF_ROUND, Circle

from ..conftest import People, Service

HERE = (21.0278, 105.8342)
# Metres from there, about: north, east, and across the border of a strip.
PLACES = {
    0: HERE,
    90: (21.0286, 105.8342),
    104: (21.0278, 105.8352),
    470: (21.032, 105.8342),
    5200: (21.0278, 105.8842),
}


def metres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """By the haversine formula."""
    (lat1, lon1), (lat2, lon2) = (tuple(map(radians, place)) for place in (one, other))
    squared = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lon2 - lon1) / 2) ** 2
    return 2 * EARTH_METRES * asin(min(1.0, sqrt(squared)))


async def test_what_is_near_is_listed(service: Service, people: People) -> None:
    codes = {}
    for place in PLACES.values():
        body = {"location": {"lat": place[0], "lon": place[1]}}
        codes[str((await service.post(body, **people["citizen"])).json()["code"])] = place
    await service.post({"location": {"address": "Ngõ 12, phố Huế"}})
    near = ",".join(map(str, HERE))
    for radius in (None, "1", "95", "110", "500", "5000"):
        query = {"near": near} | ({} if radius is None else {"radius": radius})
        answer = await service.client.get("/v1/feedback", params=query, headers=people["desk"])
        found = {item["code"] for item in answer.json()["items"]}
        reach = float(radius or 500)
        assert found == {code for code, place in codes.items() if metres(HERE, place) <= reach}, radius


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"near": "21"}, "query.near"),
        ({"near": "91,105"}, "query.near"),
        ({"near": "21,181"}, "query.near"),
        ({"near": "21;105"}, "query.near"),
        ({"radius": "100"}, "query.radius"),
        ({"near": "21,105", "radius": "0"}, "query.radius"),
        ({"near": "21,105", "radius": "5001"}, "query.radius"),
    ],
)
async def test_what_is_no_place_is_refused(service: Service, people: People, query: dict[str, str], field: str) -> None:
    answer = await service.client.get("/v1/feedback", params=query, headers=people["desk"])
    assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (422, [field])


@given(st.floats(-90, 90), st.floats(-180, 180), st.floats(1, 100_000), st.floats(0, 6.3), st.floats(0, 1))
def test_the_box_of_a_circle_holds_it(lat: float, lon: float, radius: float, bearing: float, share: float) -> None:
    box = Circle(lat, lon, radius).box
    # Some place of the circle, by the formula for a destination.
    angle, phi = share * radius / EARTH_METRES, radians(lat)
    sine = sin(phi) * cos(angle) + cos(phi) * sin(angle) * cos(bearing)
    there = asin(max(-1.0, min(1.0, sine)))
    assert box.south - 1e-6 <= there * 180 / 3.141592653589793 <= box.north + 1e-6
    reach = sin(angle) / max(1e-12, cos(phi))
    if reach < 1:  # else the circle goes round a pole
        most = asin(reach) * 180 / 3.141592653589793
        assert box.east - box.west == 2 * HALF_ROUND or lon + most <= box.east + 1e-6
