"""What a number that was entered says."""

from decimal import Decimal

import pytest

from scoring_worker.index_sets.reading import NOT_APPLICABLE, Reading
from scoring_worker.values.domain import Entered

PLACE = ("so-y-te", "2026-H1", "TDGQ_ON_TIME")


@pytest.mark.parametrize(
    ("entered", "reading", "says"),
    [
        (Entered(*PLACE, Decimal(7), Decimal(8)), Reading(Decimal(7), Decimal(8)), True),
        (Entered(*PLACE, value=Decimal("0.5")), Reading(Decimal("0.5")), True),
        (Entered(*PLACE, applicable=False), NOT_APPLICABLE, True),
        (Entered(*PLACE), Reading(None), False),
    ],
)
def test_reading(entered: Entered, reading: Reading, *, says: bool) -> None:
    assert (entered.reading, entered.says) == (reading, says)


def test_a_new_version_is_one_that_says_something_else() -> None:
    one = Entered(*PLACE, Decimal(7), Decimal(8))
    assert one.said == Entered("so-noi-vu", *PLACE[1:], Decimal("7.0"), Decimal(8)).said
    assert one.said != one._replace(evidence="Cổng DVCQG").said
