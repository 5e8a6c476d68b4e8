from decimal import Decimal

from scoring_worker.scores.ranking import ranks

VALUES = [Decimal(80), Decimal(95), None, Decimal(80), Decimal(70)]


def test_equal_scores_share_a_rank_and_leave_out_the_next() -> None:
    assert ranks(VALUES, "1-2-2-4") == [2, 1, None, 2, 4]


def test_equal_scores_share_a_rank_and_leave_out_none() -> None:
    assert ranks(VALUES, "1-2-2-3") == [2, 1, None, 2, 3]


def test_equal_is_equal_in_value_whatever_the_places() -> None:
    assert ranks([Decimal("80.0"), Decimal("80.00")], "1-2-2-4") == [1, 1]
