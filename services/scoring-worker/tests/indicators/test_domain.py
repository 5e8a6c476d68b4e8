"""What is checked of numbers before they are taken in."""

from decimal import Decimal

import pytest

from scoring_worker.facts.domain import FactState
from scoring_worker.index_sets.indicators import FromEvents, Imported, Term
from scoring_worker.index_sets.texts import Text
from scoring_worker.indicators.domain import Known, faults
from scoring_worker.sources.task import COMPLETION
from scoring_worker.values.domain import Entered

NAME = Text("x", "x")
KNOWN = {
    "SHARE": Known(Imported(NAME, "imported", "share"), ("X",)),
    "AMOUNT": Known(Imported(NAME, "council", "amount"), ("X",)),
    "COUNTED": Known(FromEvents(NAME, (Term(COMPLETION, (FactState.ON_TIME,)),)), ("X",)),
}
THERE = {"2026": {"A": True, "B": False}}
ONE, TWO = Decimal(1), Decimal(2)


@pytest.mark.parametrize(
    ("given", "fields"),
    [
        ({"numerator": ONE, "denominator": TWO}, []),
        ({"value": Decimal("0.5")}, []),
        ({}, []),
        ({"applicable": False}, []),
        ({"indicator": "AMOUNT", "numerator": TWO}, []),
        ({"indicator": "AMOUNT", "value": TWO}, []),
        ({"indicator": "AMOUNT", "numerator": ONE, "denominator": TWO}, ["denominator"]),
        ({"numerator": TWO, "denominator": ONE}, ["numerator"]),
        ({"numerator": ONE}, ["denominator"]),
        ({"denominator": ONE}, ["numerator"]),
        ({"value": TWO}, ["value"]),
        ({"value": ONE, "numerator": ONE}, ["value"]),
        ({"value": ONE, "applicable": False}, ["value"]),
        ({"denominator": ONE, "applicable": False}, ["denominator"]),
        ({"indicator": "COUNTED", "value": ONE}, ["indicator"]),
        ({"indicator": "SHARES", "value": ONE}, ["indicator"]),
        ({"unit": "B", "indicator": "NONE"}, ["unit", "indicator"]),
    ],
)
def test_faults_of_an_item(given: dict[str, object], fields: list[str]) -> None:
    item = Entered(**{"unit": "A", "period": "2026", "indicator": "SHARE", **given})  # type: ignore[arg-type]
    assert [fault.field for fault in faults([item], KNOWN, THERE)] == fields


def test_near_names_are_proposed() -> None:
    (fault,) = faults([Entered("A", "2026", "AMOUNTS", value=ONE)], KNOWN, THERE)
    assert "`AMOUNT`" in fault.message.vi
    (fault,) = faults([Entered("A", "2026", "ZZZ", value=ONE)], KNOWN, THERE)
    assert fault.message.en == "is in no index set"


def test_one_number_is_sent_once() -> None:
    twice = [Entered("A", "2026", "SHARE", value=ONE), Entered("A", "2026", "SHARE", value=ONE)]
    (fault,) = faults(twice, KNOWN, THERE)
    assert (fault.item, fault.field) == (1, None)
