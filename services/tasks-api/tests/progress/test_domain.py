"""Rates as reports write them, and the levels that sources name."""

from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks_api.progress.domain import AssignedBy, Level, Levels, Origin
from tasks_api.progress.rules import ProgressRules
from tasks_api.tasks.progress import Rate

LEVELS = ProgressRules.load(Path(__file__).parents[4] / "data" / "hanoi").reader()


@pytest.mark.parametrize(
    ("completed", "total", "text"),
    [
        (31, 34, "31/34 = 91.18 %"),
        (18, 19, "18/19 = 94.74 %"),
        (44, 60, "44/60 = 73.33 %"),
        (15, 15, "15/15 = 100.00 %"),
        (1, 800, "1/800 = 0.13 %"),
        (0, 0, "0/0"),
    ],
)
def test_rates_read_as_in_reports(completed: int, total: int, text: str) -> None:
    assert Rate(completed, total).text == text


@given(st.integers(1, 10**9).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total))))
def test_a_rate_is_nearest_and_half_goes_up(of: tuple[int, int]) -> None:
    percent = Rate(*of).percent
    assert percent is not None
    off = Fraction(percent) - Fraction(of[0] * 100, of[1])
    assert -Fraction(1, 200) < off <= Fraction(1, 200)
    assert percent == percent.quantize(Decimal("0.01"))


@pytest.mark.parametrize(
    ("source", "level"),
    [
        ("Nghị quyết số 76/NQ-CP ngày 15/7/2021", "government"),
        ("Chỉ thị 07/CT-TTg", "government"),
        ("Thông báo 12/TB-VPCP", "government"),
        ("Thủ tướng Chính phủ giao", "government"),
        ("Công văn 5/BNV-CCHC", "ministry"),
        ("Bộ Nội vụ yêu cầu", "ministry"),
        ("Kế hoạch số 313/KH-UBND ngày 22/12/2023 của UBND Thành phố", "city"),
        ("Nghị quyết 12/NQ-HĐND", "city"),
        ("Chương trình số 01-CTr/TU", "city"),
        ("Tổ chức phi Chính phủ", "unit"),
        ("", "unit"),
    ],
)
def test_the_level_is_that_of_the_source(source: str, level: str) -> None:
    assert LEVELS.of(Origin(source, by_city=False)) == level
    assert LEVELS.of(Origin(source, by_city=True)) == ("city" if level == "unit" else level)


def test_a_document_that_names_no_such_level_is_refused() -> None:
    with pytest.raises(ValueError, match="moon"):
        Levels([Level("city", LEVELS.names["city"], ())], AssignedBy("city", "moon"))
