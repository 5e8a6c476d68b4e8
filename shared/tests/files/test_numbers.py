"""Numbers of spreadsheets as they are shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cchc_shared.files.numbers import shown


@pytest.mark.parametrize(
    ("value", "code", "expected"),
    [
        ("46058", "dd/mm/yyyy", "05/02/2026"), ("46357", "mm/yyyy", "12/2026"),
        ("46058", "yyyy-mm-dd h:mm:ss", "2026-02-05"),
        ("46058.5", "dd/mm/yyyy hh:mm", "05/02/2026 12:00"), ("46058", '"Ngày" d "tháng" m', "Ngày 5 tháng 2"),
        ("1", "General", "1"), ("1.1", "General", "1.1"),
        ("1.1000000000000001", "General", "1.1"), ("1.1", "0.00", "1.10"),
        ("1", "0%", "100%"), ("7", "00", "07"), ("1234567", "#,##0", "1,234,567"), ("1e300", "0.00", "1e300"),
        ("x", "0", "x"), ("46058", "[$-42A]dd/mm/yyyy;@", "05/02/2026"),
    ],
)  # fmt: skip
def test_a_number_is_what_its_format_shows(value: str, code: str, expected: str) -> None:
    assert shown(value, code) == expected


@given(st.text(max_size=12), st.text('0#.,%ymdhs/;"[]\\@ -', max_size=12))
def test_any_format_shows_something(value: str, code: str) -> None:
    for number in (value, "46058.25", "-3", "1e9"):
        assert isinstance(shown(number, code), str)
