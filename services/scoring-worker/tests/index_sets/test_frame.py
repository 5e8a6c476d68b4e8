"""Where the points of a criterion go that does not apply: four ways, and what holds of all."""

import json
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cchc_shared.contract.codes import UnitKind
from scoring_worker.index_sets.document import FaultyDocument, load
from scoring_worker.index_sets.domain import Elsewhere, IndexSet
from scoring_worker.index_sets.evaluation import Evaluator, Score
from scoring_worker.index_sets.frame import seats
from scoring_worker.index_sets.leaf import Subject
from scoring_worker.index_sets.reading import NOT_APPLICABLE, Reading

WAYS: tuple[Elsewhere, ...] = ("shrink", "scale", "share", "full")


def text(words: str) -> dict[str, str]:
    return {"vi": words, "en": words}


def leaf(code: str, points: object, **more: object) -> dict[str, Any]:
    return {"code": code, "name": text(code), "max": points, "indicator": code, "rule": {"kind": "linear"}, **more}


def document(*groups: list[dict[str, Any]], **more: object) -> IndexSet:
    """A set with a field for each group of criteria."""
    codes = [each["code"] for group in groups for each in group]
    fields = [
        {"code": f"F{number}", "name": text(f"F{number}"), "criteria": group} for number, group in enumerate(groups, 1)
    ]
    content = {
        "code": "X", "version": "1", "title": text("X"), "source": "invented for a test", "status": "R",
        "effective_from": "2020-01-01", "places": 2, "ranking": "1-2-2-4", "missing": "exclude",
        "kinds": ["department"], "bands": [], "fields": fields,
        "indicators": {code: {"name": text(code), "source": "imported", "of": "share"} for code in codes},
    }  # fmt: skip
    return load(json.dumps(content | more)).index_set


def scored(index_set: IndexSet, values: Mapping[str, Reading]) -> Score:
    return Evaluator(index_set).score(Subject({}, UnitKind.DEPARTMENT, values))


HALF = Reading(1, 2)


@pytest.mark.parametrize(
    ("goes", "total", "maximum"),
    [
        # Half of everything else; criterion `b` (4 of 10 points) does not apply.
        ("shrink", "3.00", "6"),
        ("scale", "5.00", "10"),
        ("share", "5.00", "10"),
        ("full", "7.00", "10"),
    ],
)
def test_four_ways(goes: Elsewhere, total: str, maximum: str) -> None:
    one = document([leaf("a", 2), leaf("b", 4, not_applicable=goes), leaf("c", 4)])
    score = scored(one, {"a": HALF, "b": NOT_APPLICABLE, "c": HALF})
    assert (score.total, score.max) == (Decimal(total), Decimal(maximum))
    assert score.coverage == 1, "what does not apply is not missing"


def test_scaling_and_sharing_differ_between_criteria() -> None:
    """Of the 4 points of `b`: in proportion, 4/3 go to `a` (2) and 8/3 to `c` (4); shared equally, 2 to each."""
    values = {"a": Reading(1, 1), "b": NOT_APPLICABLE, "c": Reading(0, 1)}
    for goes, total in (("scale", "3.33"), ("share", "4.00")):
        one = document([leaf("a", 2), leaf("b", 4, not_applicable=goes), leaf("c", 4)])
        assert scored(one, values).total == Decimal(total)


def test_points_go_no_further_than_their_group() -> None:
    one = document([leaf("a", 4, not_applicable="scale"), leaf("b", 6)], [leaf("c", 10)])
    score = scored(one, {"a": NOT_APPLICABLE, "b": Reading(1, 1), "c": Reading(0, 1)})
    assert [(part.score, part.max) for part in score.fields] == [(Decimal(10), Decimal(10)), (Decimal(0), Decimal(10))]


def test_a_group_of_which_nothing_is_left_takes_its_points_out() -> None:
    one = document([leaf("a", 4, not_applicable="scale")], [leaf("c", 10)])
    score = scored(one, {"a": NOT_APPLICABLE, "c": HALF})
    assert (score.total, score.max, score.percent) == (Decimal(5), Decimal(10), Decimal(50))


def test_the_three_ways_of_one_official_document() -> None:
    """Decision 212/2025 of Hải Phòng: full points for who has no property to declare, 4 points of conduct divided
    equally among the other criteria of the group, and group 5 scaled up to its points for who has not all of it."""
    general = [
        leaf("property", 4, not_applicable="full"),
        leaf("conduct", 4, not_applicable="share"),
        *(leaf(f"g{number}", 4) for number in range(3)),
    ]
    other = [leaf("par", 2, not_applicable="scale"), leaf("ddci", 2, not_applicable="scale"), leaf("land", 16)]
    one = document(general, other, points="40")
    values = {each["code"]: HALF for each in (*general, *other)}
    values |= dict.fromkeys(("property", "conduct", "par", "ddci"), NOT_APPLICABLE)
    score = scored(one, values)
    assert score.max == 40
    # 4 for property; the other three have 16/3 points each, of which half, rounded: 2.67; 20 points for land, half.
    assert [part.score for part in score.fields] == [Decimal("12.01"), Decimal("10.00")]


def test_an_exemption_is_for_units_kinds_and_periods() -> None:
    exemption = {"criteria": ["F2"], "reason": text("không có thủ tục"), "units": ["bhxh"], "periods": ["2025"]}
    one = document([leaf("a", 4)], [leaf("b", 6)], exemptions=[exemption])
    evaluator = Evaluator(one)
    for unit, period, maximum in (
        ("bhxh", "2025-H1", 4),
        ("bhxh", "2025", 4),
        ("bhxh", "2026-H1", 10),
        ("x", "2025", 10),
    ):
        values = {"a": HALF, "b": HALF}
        assert evaluator.score(Subject({}, UnitKind.DEPARTMENT, values, unit, period)).max == maximum


points = st.integers(1, 40).map(lambda quarters: Decimal(quarters) / 4)
groups = st.lists(
    st.lists(st.tuples(points, st.sampled_from(WAYS), st.booleans()), min_size=1, max_size=5), min_size=1, max_size=4
)


@given(groups, st.data())
def test_no_way_makes_points_or_loses_any(
    drawn: list[list[tuple[Decimal, Elsewhere, bool]]], data: st.DataObject
) -> None:
    """Scaled, shared and given points stay; only those of `shrink`, and of a group with nobody left, go."""
    numbered = [[(f"c{one}x{two}", *each) for two, each in enumerate(group)] for one, group in enumerate(drawn)]
    one = document(*[[leaf(code, str(own), not_applicable=goes) for code, own, goes, _ in group] for group in numbered])
    exempt = {code: None for group in numbered for code, _, _, out in group if out}
    here = seats(one, UnitKind.DEPARTMENT, exempt)
    expected = Fraction(0)
    for group in numbered:
        staying = [own for _, own, _, out in group if not out]
        expected += Fraction(sum(staying, Decimal(0)))
        expected += Fraction(sum(own for _, own, goes, out in group if out and goes == "full"))
        if staying:
            expected += Fraction(sum(own for _, own, goes, out in group if out and goes in ("scale", "share")))
    held = sum((Fraction(own) * here[code].factor for group in numbered for code, own, _, _ in group), Fraction(0))
    assert held == expected
    assert all(seat.factor >= 1 for code, seat in here.items() if seat.applies)


@pytest.mark.parametrize(
    ("printed", "faults"), [("10.05", ["points"]), ("10.5", [])], ids=["as printed", "as it must have been meant"]
)
def test_a_published_set_whose_points_do_not_add_up(printed: str, faults: list[str]) -> None:
    """A district's index for its sections (2019): the printed points of the fields come to 99.55, not to 100."""
    maxima = ["20.5", "10", "10", "6", printed, "6", "14", "9", "14"]
    make = [[leaf(f"c{number}", own)] for number, own in enumerate(maxima)]
    if not faults:
        assert document(*make, points=100).points == 100
        return
    with pytest.raises(FaultyDocument) as raised:
        document(*make, points=100)
    (fault,) = raised.value.faults
    assert (fault.path, "99.55 points, not 100" in fault.en) == ("points", True)


def test_parts_have_points_of_their_own_for_each_kind() -> None:
    """70 appraised + 30 by survey; 40 + 20 for central agencies; without a survey, scaled to 100."""
    local = {"kinds": ["department"]}
    parts = [
        {"code": "appraised", "name": text("thẩm định"), "points": 70, "points_of": {"central_agency": 40}},
        {"code": "survey", "name": text("điều tra"), "points": 30, "points_of": {"central_agency": 20}},
    ]
    make = [
        leaf("a", 40, part="appraised"),
        leaf("b", 30, part="appraised", **local),
        leaf("s", 20, part="survey"),
        leaf("t", 10, part="survey", **local),
    ]
    one = document(make, parts=parts, kinds=["department", "central_agency"])
    values = dict.fromkeys("abst", HALF)
    for kind, total in ((UnitKind.DEPARTMENT, 50), (UnitKind.CENTRAL_AGENCY, 30)):
        score = Evaluator(one).score(Subject({}, kind, values))
        assert (score.total, score.percent) == (Decimal(total), Decimal(50))
    asked = Evaluator(one).score(Subject({}, UnitKind.DEPARTMENT, {"a": Reading(1, 1), "b": Reading(1, 1)}))
    assert asked[:4] == (Decimal(70), Decimal(70), Decimal(100), Decimal("0.7"))
    make[3]["max"] = 9
    with pytest.raises(FaultyDocument) as raised:
        document(make, parts=parts, kinds=["department", "central_agency"])
    assert [fault.path for fault in raised.value.faults] == ["parts.1.points"]


def test_bonus_and_penalty_are_capped_and_add_no_maximum() -> None:
    bonus = {"code": "B", "name": text("thưởng"), "adds": "bonus", "cap": 2, "criteria": [leaf("b", 5)]}
    penalty = {"code": "P", "name": text("phạt"), "adds": "penalty", "cap": 3, "criteria": [leaf("p", 5)]}
    base = document([leaf("a", 10)], [leaf("b", 5)], [leaf("p", 5)])
    fields = [{"code": "F1", "name": text("F1"), "criteria": [leaf("a", 10)]}, bonus, penalty]
    indicators = {code: {"name": text(code), "source": "imported", "of": "share"} for code in base.indicators}
    one = document([leaf("a", 10)], fields=fields, indicators=indicators, points=10)
    for values, total in (
        ({"a": HALF, "b": HALF}, "7"),  # 2.5, but 2 at most
        ({"a": HALF, "p": Reading(1, 5)}, "4"),
        ({"a": Reading(0, 1), "p": Reading(1, 1)}, "0"),  # never below nothing
        ({"a": HALF, "b": Reading(1, 5), "p": Reading(1, 1)}, "3"),
    ):
        score = scored(one, values)
        assert score[:3] == (Decimal(total), Decimal(10), Decimal(total) * 10)
