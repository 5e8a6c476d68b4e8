"""Pages follow each other by opaque cursors."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cchc_shared.http.paging import decode_cursor, encode_cursor
from cchc_shared.http.problems import Problem


@given(st.text().filter(lambda name: "\0" not in name), st.integers(-(2**63), 2**63 - 1))
def test_a_cursor_comes_back_as_it_was_given(name: str, number: int) -> None:
    name = name.encode("utf-8", "ignore").decode()
    cursor = encode_cursor(name, number)
    assert decode_cursor(cursor, str, int) == (name, number)
    assert cursor.isascii()
    assert "=" not in cursor


@given(st.text(max_size=60))
def test_what_is_no_cursor_is_a_problem_of_the_query(nonsense: str) -> None:
    found = None
    try:
        values = decode_cursor(nonsense, str, int)
    except Problem as problem:
        found = problem
    if found is None:
        assert [type(value) for value in values] == [str, int]
    else:
        assert (found.status, found.errors[0].field) == (422, "query.cursor")


@pytest.mark.parametrize("values", [("a\0b", 1), (1, "a"), ("a",), ("a", 1, 2)])
def test_a_cursor_of_another_list_is_refused(values: tuple[str | int, ...]) -> None:
    with pytest.raises(Problem):
        decode_cursor(encode_cursor(*values), str, int)
