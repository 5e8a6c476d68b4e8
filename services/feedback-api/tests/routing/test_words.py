"""Phrases found at once are those that a slow search finds one by one."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from feedback_api.routing.words import PhraseIndex

WORDS = st.sampled_from(["cây", "cay", "CÂY", "đổ", "do", "hoà", "hòa", "Hoa", "ngập", "nước", "a", "ab", "-", "…"])
FORMS = st.sampled_from(["NFC", "NFD"])
TEXTS = st.builds(unicodedata.normalize, FORMS, st.lists(WORDS, max_size=8).map(" ".join))
PHRASES = st.builds(unicodedata.normalize, FORMS, st.lists(WORDS, min_size=1, max_size=3).map(" ".join))


def bare(text: str) -> list[str]:
    """The words of a text without marks, letter by letter."""
    words = [""]
    for letter in unicodedata.normalize("NFD", text.casefold()):
        if letter.isascii() and letter.isalnum():
            words[-1] += letter
        elif letter == "đ":
            words[-1] += "d"
        elif not unicodedata.combining(letter):
            words.append("")
    return [word for word in words if word]


def stands_in(phrase: list[str], text: list[str]) -> bool:
    return any(text[start : start + len(phrase)] == phrase for start in range(len(text) - len(phrase) + 1))


@given(st.lists(PHRASES, max_size=6), st.lists(TEXTS, max_size=2))
def test_found_is_what_a_slow_search_finds(phrases: list[str], texts: list[str]) -> None:
    slow = {
        " ".join(bare(phrase))
        for phrase in phrases
        for text in texts
        if bare(phrase) and stands_in(bare(phrase), bare(text))
    }
    assert PhraseIndex(phrases).found(*texts) == slow
