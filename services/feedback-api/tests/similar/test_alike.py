"""Which reports are proposed as telling the same: on labelled pairs, and as properties."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from math import cos, radians
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cchc_shared.contract.yaml_text import read_document
from feedback_api.places.domain import METRES_PER_DEGREE, Position
from feedback_api.similar.domain import Likeness, Told, alike, metres_between, rounded
from feedback_api.similar.rules import FILE, SimilarRules

from ..conftest import PROFILE


class Case(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Two reports; `metres` is None where the second has no place."""

    same: bool
    first: str
    second: str
    days: float
    categories: tuple[str | None, str | None]
    metres: float | None = None


class Cases(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    chosen_on: tuple[Case, ...]
    held_out: tuple[Case, ...]


CHOSEN_ON, HELD_OUT = msgspec.structs.astuple(read_document(Path(__file__).parent / "pairs.yaml", Cases))
RULES = read_document(PROFILE / FILE, SimilarRules)
EMPTY = RULES.empty_words.unmarked
AT = datetime(2026, 11, 18, 2, tzinfo=UTC)
HERE = Position(21.03, 105.83)


def a_report(code: str, content: str, category: str | None, north_m: float | None, days: float) -> Told:
    lat = None if north_m is None else HERE.lat + north_m / METRES_PER_DEGREE
    lon = None if north_m is None else HERE.lon
    at = AT + timedelta(days=days)
    return Told(code=code, category=category, title=None, content=content, lat=lat, lon=lon, received_at=at)


def pair(case: Case) -> tuple[Told, Told]:
    first = a_report("A", case.first, case.categories[0], 0, 0)
    return first, a_report("B", case.second, case.categories[1], case.metres, case.days)


def proposed(one: Told, other: Told) -> Sequence[Likeness]:
    return alike(one, [other], RULES.similar, EMPTY)


def measured(cases: Sequence[Case]) -> tuple[float, float]:
    """Precision and recall."""
    found = [bool(proposed(*pair(case))) for case in cases]
    right = sum(case.same for case, each in zip(cases, found, strict=True) if each)
    return right / sum(found), right / sum(case.same for case in cases)


def test_precision_and_recall_on_the_invented_pairs() -> None:
    assert measured(CHOSEN_ON) == (1.0, 1.0)
    precision, recall = measured(HELD_OUT)
    assert (round(precision, 2), round(recall, 2)) == (0.78, 0.88)


@pytest.mark.parametrize("case", [*CHOSEN_ON, *HELD_OUT], ids=lambda case: case.second[:30])
def test_it_makes_no_difference_which_of_two_is_asked_for(case: Case) -> None:
    one, other = pair(case)
    there, back = proposed(one, other), proposed(other, one)
    assert [each.score for each in there] == pytest.approx([each.score for each in back])


TEXTS = st.text(st.sampled_from("đèn cháy hỏng rác 12 ngõ\n.,"), max_size=60)


@given(TEXTS, TEXTS, st.none() | st.floats(-2000, 2000), st.floats(-60, 60))
def test_a_score_lies_between_0_and_1_and_nothing_far_is_proposed(
    first: str, second: str, metres: float | None, days: float
) -> None:
    for found in proposed(a_report("A", first, "trees", 0, 0), a_report("B", second, None, metres, days)):
        assert 0 <= found.score <= 1
        assert found.distance_m is None or found.distance_m <= RULES.similar.within_m
        assert found.days <= RULES.similar.within_days


def test_the_most_alike_come_first_and_no_more_than_the_rule_says() -> None:
    one = a_report("A", HELD_OUT[0].first, "sanitation", 0, 0)
    others = [a_report(f"B{number:02}", HELD_OUT[0].first, "sanitation", number * 10, 0) for number in range(25)]
    found = alike(one, reversed(others), RULES.similar, EMPTY)
    assert [each.code for each in found] == [other.code for other in others[: RULES.similar.proposed]]


def test_reasons_are_said_in_two_languages() -> None:
    (found,) = proposed(*pair(CHOSEN_ON[0]))
    assert [reason.vi for reason in found.reasons] == [
        "cách khoảng 40 mét",
        "gửi cách nhau 1 ngày",
        "cùng lĩnh vực",
        f"{len(found.common)} từ giống nhau",
    ]
    assert {"doi", "can", "om"} < found.common


@given(st.floats(8, 24), st.floats(102, 110), st.floats(-2000, 2000), st.floats(-2000, 2000))
def test_distances_are_those_of_the_plane(lat: float, lon: float, north: float, east: float) -> None:
    other = Position(
        lat + north / METRES_PER_DEGREE,
        lon + east / METRES_PER_DEGREE / cos(radians(lat)),
    )
    assert metres_between(Position(lat, lon), other) == pytest.approx((north**2 + east**2) ** 0.5, rel=1e-3, abs=1e-3)


@given(st.floats(8, 24), st.floats(102, 110), st.integers(2, 4))
def test_a_rounded_place_is_within_half_a_step(lat: float, lon: float, decimals: int) -> None:
    found = rounded(Position(lat, lon), decimals)
    assert abs(found.lat - lat) <= 0.51 * 10**-decimals
    assert abs(found.lon - lon) <= 0.51 * 10**-decimals


def test_a_hidden_category_that_the_city_does_not_have_is_a_fault() -> None:
    RULES.check_codes({"security", "trees"})
    with pytest.raises(ValueError, match="security"):
        RULES.check_codes({"trees"})
