"""Words without marks: equal however they were typed."""

import re
import unicodedata
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cchc_shared.contract.wording import MOST_VOWELS, sought, unmarked

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


SYLLABLES = [
    ("hoà", "hòa"),
    ("thuý", "thúy"),
    ("khoẻ", "khỏe"),
    ("quý", "qúy"),
    ("giường", "gìương"),
    ("NGUYỄN", "nguyễn"),
    ("đường", "ĐƯỜNG"),
]


@pytest.mark.parametrize(("one", "other"), SYLLABLES)
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_styles_of_tone_marks_make_no_difference(one: str, other: str, form: Literal["NFC", "NFD"]) -> None:
    assert sought(unicodedata.normalize(form, one)) == sought(unicodedata.normalize(form, other))


@given(TEXTS)
def test_what_is_typed_is_among_what_is_sought(text: str) -> None:
    found = sought(text)
    assert found.phrases == tuple(filter(None, map(unmarked, text.split())))
    assert found.words == unmarked(text).split()
    for spellings in found.marked:
        bare = {unmarked(each) for each in spellings}
        assert len(bare) == 1  # however it is spelt, it is one word
        assert bare <= spellings
        assert bare <= set(found.words)
    composed = unicodedata.normalize("NFC", text).lower()
    for word in re.findall(r"[^ ,./-]+", composed):
        assert word.isascii() or not unmarked(word) or any(word in spellings for spellings in found.marked)


@given(st.text())
def test_any_query_can_be_read(text: str) -> None:
    found = sought(text)
    assert all(phrase == unmarked(phrase) != "" for phrase in found.phrases)
    assert all(len(spellings) <= MOST_VOWELS + 2 for spellings in found.marked)


def test_phrases_are_quoted_or_joined() -> None:
    assert sought('phố "Nguyễn  Trãi" PA-26-000001 “số 8').phrases == (
        "pho",
        "nguyen trai",
        "pa 26 000001",
        "so",
        "8",
    )
