"""What a ballot is, when a survey is open, and what its ballots say in whatever order."""

from collections import Counter
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cchc_shared.contract.rules import RuleBroken
from scoring_worker.index_sets.indicators import FromEvents, Imported, Indicator
from scoring_worker.index_sets.texts import Text
from scoring_worker.questionnaires.document import load
from scoring_worker.surveys.domain import (
    Ballots,
    Survey,
    ballot,
    check_fed,
    check_place,
    check_populations,
    entered,
    results,
)
from tests.support.surveys import SMALL

OF = load(SMALL).questionnaire
OPENS = datetime(2026, 6, 1, tzinfo=UTC)
SURVEY = Survey(
    code="S", questionnaire="SMALL", version="1", period="2026", units=("A", "B"), populations={},
    opens_at=OPENS, closes_at=OPENS + timedelta(days=1),
)  # fmt: skip
LINES = st.tuples(*(st.sampled_from("0123"), st.sampled_from("0123"), st.sampled_from("0123"), st.sampled_from("012")))


@pytest.mark.parametrize(("after", "state"), [(-1, "planned"), (0, "open"), (86_399, "open"), (86_400, "closed")])
def test_the_state_is_a_function_of_the_clock_and_half_open(after: int, state: str) -> None:
    assert SURVEY.state(OPENS + timedelta(seconds=after)) == state


@given(st.integers(-2, 100_000), st.booleans(), st.booleans())
def test_it_may_be_withdrawn_once_until_it_is_over(after: int, withdrawn: bool, sealed: bool) -> None:
    now = OPENS + timedelta(seconds=after)
    of = msgspec.structs.replace(
        SURVEY, withdrawn_at=OPENS if withdrawn else None, sealed_at=OPENS if withdrawn or sealed else None
    )
    assert of.may_be_withdrawn(now) == (now < of.closes_at and not withdrawn and not sealed)
    assert (of.state(now) == "withdrawn") == withdrawn


@pytest.mark.parametrize(
    ("answers", "line"),
    [({"A1": 3}, "3000"), ({"K": 2, "A2": 1}, "0102"), ({"A1": 1, "A2": 2, "R1": 3, "K": 1}, "1231")],
)
def test_a_ballot_is_a_digit_for_each_question(answers: dict[str, int], line: str) -> None:
    assert ballot(answers, OF) == line


@pytest.mark.parametrize(
    ("answers", "field"), [({}, "answers"), ({"K": 3}, "answers.K"), ({"Z": 1, "A1": 9}, "answers.Z")]
)
def test_what_is_no_ballot(answers: dict[str, int], field: str) -> None:
    with pytest.raises(RuleBroken) as raised:
        ballot(answers, OF)
    assert raised.value.field == field
    for unit, stratum in (("C", "a"), ("A", "c")):
        with pytest.raises(RuleBroken):
            check_place(SURVEY, OF, unit, stratum)


@given(st.lists(st.tuples(st.sampled_from("AB"), st.sampled_from("ab"), LINES), max_size=30), st.integers())
def test_results_do_not_depend_on_order_and_show_no_small_group(
    cast: list[tuple[str, str, tuple[str, ...]]], seed: int
) -> None:
    box = Counter((unit, stratum, "".join(line)) for unit, stratum, line in cast)
    there = [Ballots(*key, number) for key, number in box.items()]
    shuffled = list(there)
    Random(seed).shuffle(shuffled)  # noqa: S311 - an order
    assert entered(SURVEY, OF, there) == entered(SURVEY, OF, shuffled)
    for unit in SURVEY.units:
        mine = [each for each in there if each.unit == unit]
        found = list(results(SURVEY, OF, unit, mine))
        assert found == list(results(SURVEY, OF, unit, [each for each in shuffled if each.unit == unit]))
        assert len(found) == 6
        for each in found:
            asked = [place for place, q in enumerate(OF.questions) if q.code == each.question] or OF.of(
                OF.factors[[factor.code for factor in OF.factors].index(str(each.factor))]
            )
            lines = [line for of, _, line in cast if of == unit]
            answering = [line for line in lines if any(line[place] != "0" for place in asked)]
            if each.sums is None:
                assert each.counts == {}
                assert each.plain is None
            else:
                assert len(answering) >= OF.smallest_group.ballots
                assert each.sums.answering == len(answering)
                assert each.sums.x == sum(line[place] != "0" for line in lines for place in asked)
        shown = {each.question: each.sums is not None for each in found if each.factor == "access"}
        assert shown["A1"] == shown["A2"]  # all of a factor's questions, or none


def test_what_is_fed_is_what_is_shown_of_the_factors_that_feed() -> None:
    box = [Ballots("A", "a", "3130", 2), Ballots("A", "b", "0310", 1), Ballots("B", "a", "3330", 2)]
    (one,) = entered(SURVEY, OF, box)
    assert one[:5] == ("A", "2026", "SIPAS_ACCESS", Decimal(3), Decimal(5))


NAME = Text("x", "x")
SATISFIED = Imported(NAME, "survey", "share")


@pytest.mark.parametrize(
    ("known", "is_fed"),
    [
        ({"SIPAS_ACCESS": SATISFIED}, True),
        ({"SIPAS_ACCESS": Imported(NAME, "survey", "amount")}, False),
        ({"SIPAS_ACCESS": Imported(NAME, "council", "share")}, False),
        ({"SIPAS_ACCESS": FromEvents(NAME, ())}, False),
        ({"OTHER": SATISFIED}, False),
    ],
)
def test_what_a_factor_feeds_must_be_read_as_a_share_from_a_survey(known: dict[str, Indicator], is_fed: bool) -> None:
    with nullcontext() if is_fed else pytest.raises(RuleBroken, match="feeds SIPAS_ACCESS"):
        check_fed(OF, known)


def test_people_are_given_for_each_unit_and_cell_or_for_none() -> None:
    whole = [(unit, cell, 10) for unit in "AB" for cell in "ab"]
    check_populations(["A", "B"], OF, [])
    check_populations(["A", "B"], OF, whole)
    for wrong in (whole[1:], [*whole, whole[0]], [*whole, ("A", "c", 1)]):
        with pytest.raises(RuleBroken, match="4 rows"):
            check_populations(["A", "B"], OF, wrong)


def test_with_people_the_weighted_share_is_fed_and_with_an_empty_cell_the_plain_one() -> None:
    people = {unit: {"a": 300, "b": 100} for unit in "AB"}
    weighed = msgspec.structs.replace(SURVEY, populations=people)
    box = [Ballots("A", "a", "3000", 2), Ballots("A", "b", "1000", 2), Ballots("B", "a", "3000", 3)]
    first, second = entered(weighed, OF, box)
    assert (first.value, first.numerator) == (Decimal("0.75"), None)
    assert (second.value, second.numerator, second.denominator) == (None, Decimal(3), Decimal(3))
    assert "quyền số" in str(first.evidence)
    assert "quyền số" not in str(second.evidence)
