"""Nobody is turned away for how they write a phone number, an e-mail address or a place."""

import json
import math
from collections.abc import Callable
from typing import Any

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_api import rulebook
from feedback_api.intake.normalization import PhoneNumbers, Placed, read_email
from feedback_api.intake.rules import IntakeRules

from ..conftest import HOME_AFFAIRS, PROFILE, REPORT, People, Service

COUNTRY = rulebook.load(PROFILE, IntakeRules).country
PHONES = PhoneNumbers(COUNTRY.phones)


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("0912345678", "+84912345678"),
        (" 0912 345 678 ", "+84912345678"),
        ("0912\u00a0345\u2013678", "+84912345678"),
        ("\uff10\uff19\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18", "+84912345678"),
        ("+84 (0)912-345.678", "+84912345678"),
        ("84912345678", "+84912345678"),
        ("0084 912345678", "+84912345678"),
        ("(024) 3.825-3536", "+842438253536"),
        ("0243.934.6034", "+842439346034"),
        ("+44 20 7946 0958", "+442079460958"),
        ("gọi tôi", None),
        ("0912345678 gọi sau 18h", None),
        ("0912345678 / 0987654321", None),
        ("113", None),
        ("09", None),
        ("٠٩١٢٣٤٥٦٧٨", "+84912345678"),
    ],
)
def test_phone_numbers_are_read_as_people_write_them(written: str, number: str | None) -> None:
    assert PHONES.read(written) == number


def by_the_library(written: str) -> str | None:
    try:
        parsed = phonenumbers.parse(written, COUNTRY.phones)
    except phonenumbers.NumberParseException:
        return None
    written_back = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    return written_back if phonenumbers.is_possible_number(parsed) else None


@given(st.from_regex(r"0[0-9]{5,12}", fullmatch=True))
def test_the_short_way_reads_numbers_as_the_library_does(written: str) -> None:
    assert PHONES.read(written) == by_the_library(written)


@given(st.text(max_size=40))
def test_no_text_is_too_odd_for_a_phone_number_or_an_address(text: str) -> None:
    number, address = PHONES.read(text), read_email(text)
    assert number is None or PHONES.read(number) == number
    assert address is None or read_email(address) == address


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("bay@example.vn", "bay@example.vn"),
        (" bay@example.vn. ", "bay@example.vn"),
        ("bay @ example.vn", "bay@example.vn"),
        ("<bay@example.vn>", "bay@example.vn"),
        ("mailto:bay@example.vn", "bay@example.vn"),
        ("bay\uff20example.vn", "bay@example.vn"),
        ("bảy@example.vn", "bảy@example.vn"),
        ("bay@example", None),
        ("bay at example.vn", None),
        ("@", None),
    ],
)
def test_addresses_are_read_as_people_write_them(written: str, address: str | None) -> None:
    assert read_email(written) == address


IN_THE_COUNTRY = st.tuples(st.floats(8.6, 23.3), st.floats(102.2, 109.3))


WAYS: list[Callable[[float], float | str]] = [str, float, lambda degrees: f" {degrees}\u00b0".replace(".", ",")]


@given(IN_THE_COUNTRY, st.sampled_from(WAYS))
def test_places_are_read_in_either_order_and_with_either_mark(
    place: tuple[float, float], write: Callable[[float], float | str]
) -> None:
    lat, lon = (round(each, 6) for each in place)
    assert Placed.read(write(lat), write(lon), COUNTRY.box) == ((lat, lon), False)
    assert Placed.read(write(lon), write(lat), COUNTRY.box) == ((lat, lon), True)


@given(st.floats() | st.text(max_size=10) | st.none(), st.floats() | st.text(max_size=10) | st.none())
def test_a_place_is_on_earth_or_none(lat: float | str | None, lon: float | str | None) -> None:
    placed = Placed.read(lat, lon, COUNTRY.box)
    if placed is not None:
        assert abs(placed.coordinates.lat) <= 90
        assert abs(placed.coordinates.lon) <= 180


def test_places_elsewhere_are_taken_as_they_are() -> None:
    assert Placed.read(48.85, 2.35, COUNTRY.box) == ((48.85, 2.35), False)
    assert Placed.read("NaN", 105, COUNTRY.box) is None
    assert Placed.read(math.inf, 105, COUNTRY.box) is None
    assert Placed.read(200, 10, COUNTRY.box) is None


async def seen(service: Service, people: People, **body: object) -> tuple[list[tuple[str, str]], dict[str, Any]]:
    """What a sender is warned of, and the report as the unit that holds it sees it."""
    answer = await service.post({"unit": HOME_AFFAIRS, **body}, **people["citizen"])
    assert answer.status_code == 201, answer.text
    report, reporter = [
        (await service.client.get(answer.headers["location"] + what, headers=people["officer"])).json()
        for what in ("", "/reporter")
    ]
    warnings = [(each["field"], each["code"]) for each in answer.json()["warnings"]]
    return warnings, report | {"reporter": reporter}


async def test_an_address_is_place_enough(service: Service, people: People) -> None:
    warnings, report = await seen(service, people, location={"address": "12 phố A"})
    assert (warnings, report["location"]) == ([], {"lat": None, "lon": None, "address": "12 phố A"})
    warnings, report = await seen(service, people, location={})
    assert (warnings, report["location"]) == ([], None)


async def test_swapped_coordinates_are_put_right_and_said(service: Service, people: People) -> None:
    warnings, report = await seen(service, people, location={"lat": "105,8342", "lon": "21,0278"})
    assert warnings == [("body.location", "coordinates-swapped")]
    assert report["location"] == {"lat": 21.0278, "lon": 105.8342, "address": None}


async def test_what_nobody_can_read_is_kept_sealed_and_said(service: Service, people: People) -> None:
    warnings, report = await seen(
        service,
        people,
        location={"lat": "gần chợ", "lon": 105.8, "address": "Chợ Mơ"},
        reporter={"name": "Bảy", "phone": "số cũ", "email": "không có"},
    )
    fields = ("body.location", "body.reporter.phone", "body.reporter.email")
    assert sorted(warnings) == sorted((field, "kept-as-written") for field in fields)
    assert report["location"] == {"lat": None, "lon": None, "address": "Chợ Mơ"}
    kept = {"phone": "số cũ", "email": "không có", "place": "gần chợ; 105.8"}
    assert {name: report["reporter"][name] for name in kept} == kept


async def test_warnings_are_said_again_in_the_language_of_the_day(service: Service, people: People) -> None:
    body, headers = {"reporter": {"phone": "số cũ"}}, people["citizen"] | {"Idempotency-Key": "k"}
    answers = [await service.post(body, **headers) for _ in range(2)]
    english = await service.post(body, **headers, **{"Accept-Language": "en"})
    assert answers[0].text == answers[1].text
    assert "giữ nguyên văn" in answers[0].json()["warnings"][0]["message"]
    assert "as it was written" in english.json()["warnings"][0]["message"]
    assert english.json()["code"] == answers[0].json()["code"]


async def test_numbers_that_are_none_are_refused_by_both_ways(service: Service, people: People) -> None:
    for number in ("NaN", "Infinity", "-Infinity", "1e400"):
        body = json.dumps(REPORT | {"location": {"lat": "?", "lon": 105}}).replace('"?"', number)
        for media in ("application/json", "application/json; charset=utf-8"):
            headers = {"Content-Type": media}
            answer = await service.client.post("/v1/feedback", content=body, headers=headers)
            assert answer.status_code == 422, body
