"""Ranges of bytes: every one that is satisfiable, against slices; and what is passed over."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cchc_shared.files.ranges import OutOfRange, Span, asks_for_a_part, span

TAG = '"abc"'
SIZES = st.integers(1, 40)


@given(size=SIZES, first=st.integers(0, 50), last=st.integers(0, 50))
def test_from_one_byte_to_another(size: int, first: int, last: int) -> None:
    wanted = f"bytes={first}-{last}"
    if last < first:
        assert span(wanted, size) is None
    elif first >= size:
        with pytest.raises(OutOfRange) as none_there:
            span(wanted, size)
        assert none_there.value.size == size
    else:
        found = span(wanted, size)
        assert found is not None
        content = range(size)
        assert content[found.first : found.past] == content[first : last + 1]
        assert found.content_range == f"bytes {first}-{min(last, size - 1)}/{size}"


@given(size=SIZES, first=st.integers(0, 39))
def test_from_one_byte_on(size: int, first: int) -> None:
    if first < size:
        assert span(f"bytes={first}-", size) == Span(first, size, size)
    else:
        with pytest.raises(OutOfRange):
            span(f"bytes={first}-", size)


@given(size=SIZES, count=st.integers(1, 50))
def test_so_many_at_the_end(size: int, count: int) -> None:
    assert span(f"Bytes= -{count} ", size) == Span(max(0, size - count), size, size)


def test_none_at_the_end_are_nowhere() -> None:
    with pytest.raises(OutOfRange, match="5") as none_there:
        span("bytes=-0", 5)
    assert none_there.value.size == 5


@pytest.mark.parametrize("wanted", ["bytes=0-1,3-4", "lines=0-1", "bytes=a-b", "bytes=-", "bytes=0", "", "bytes=٠-١"])
def test_what_is_no_single_range_is_passed_over(wanted: str) -> None:
    assert span(wanted, 5) is None
    if wanted != "bytes=-":
        assert not asks_for_a_part(wanted, None, TAG)


@pytest.mark.parametrize(
    ("only_if", "counts"),
    [(None, True), (TAG, True), ('"other"', False), (f"W/{TAG}", False), ("Wed, 18 Nov 2026 08:59:00 GMT", False)],
)
def test_a_range_of_what_has_changed_does_not_count(only_if: str | None, *, counts: bool) -> None:
    assert asks_for_a_part("bytes=0-1", only_if, TAG) is counts
