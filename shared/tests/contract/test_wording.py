"""Words without marks: equal however they were typed."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cchc_shared.contract.wording import unmarked

LETTERS = st.sampled_from("aăâbcdđeêghiklmnoôơpqrstuưvxy AĂÂĐÊÔƠƯ 09 ,.-/ ß é ü")
MARKS = st.sampled_from(["", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323"])
TEXTS = st.lists(st.tuples(LETTERS, MARKS)).map(lambda pairs: "".join(letter + mark for letter, mark in pairs))


def slowly(text: str) -> str:
    """Character by character, as one would do it by hand."""
    words = [""]
    for letter in unicodedata.normalize("NFD", text.casefold()):
        if "a" <= letter <= "z" or "0" <= letter <= "9" or letter == "đ":
            words[-1] += "d" if letter == "đ" else letter
        elif not unicodedata.combining(letter):
            words.append("")
    return " ".join(filter(None, words))


@given(TEXTS)
def test_it_is_what_one_would_do_by_hand(text: str) -> None:
    assert unmarked(text) == slowly(text)


@given(st.text())
def test_form_capitals_and_a_second_time_make_no_difference(text: str) -> None:
    words = unmarked(text)
    assert words == unmarked(words) == unmarked(unicodedata.normalize("NFD", text))
    assert words == unmarked(unicodedata.normalize("NFC", text))
    assert words.isascii()


@pytest.mark.parametrize(
    ("one", "other", "words"),
    [
        ("hoà bình", "hòa bình", "hoa binh"),
        ("Xã Thuỵ Hương", "xã Thụy Hương", "xa thuy huong"),
        ("ĐƯỜNG  NGẬP, nước!", "đường ngập nước", "duong ngap nuoc"),
        ("Sản phẩm/ Kết quả", "sản phẩm kết quả", "san pham ket qua"),
        ("…", "", ""),
    ],
)
def test_spellings_of_the_same_words(one: str, other: str, words: str) -> None:
    assert unmarked(one) == unmarked(other) == words
