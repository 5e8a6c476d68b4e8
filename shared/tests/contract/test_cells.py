"""Cells that begin like formulas are made inert, and read back to what was written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cchc_shared.contract.cells import inert, plain

SIGNS = "=+-@\t\r\n＝＋－＠"
TEXTS = st.text() | st.text(alphabet=f"'{SIGNS}a") | st.builds(str.__add__, st.sampled_from(SIGNS), st.text())


@given(TEXTS)
def test_every_text_reads_back(text: str) -> None:
    assert plain(inert(text)) == text


@given(TEXTS)
def test_no_cell_begins_like_a_formula(text: str) -> None:
    assert inert(text)[:1] not in set(SIGNS)


@given(st.text(alphabet=st.characters(blacklist_characters=f"'{SIGNS}")))
def test_other_texts_are_written_as_they_are(text: str) -> None:
    assert inert(text) == text


@pytest.mark.parametrize(("text", "cell"), [("=1+1", "'=1+1"), ("'=1", "''=1"), ("'quoted'", "'quoted'"), ("", "")])
def test_the_apostrophe(text: str, cell: str) -> None:
    assert inert(text) == cell
