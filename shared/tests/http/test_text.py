"""Text comes in composed and without what nobody sees; otherwise it stays as its sender wrote it."""

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cchc_shared.http.schemas import In
from cchc_shared.http.text import clean, clean_query


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("nga\u0323\u0302p", "ngập"),  # the Vietnamese keyboard of Windows
        ("nga\u0302\u0323p", "ngập"),  # of macOS
        ("Hà\u00a0Nội", "Hà\u00a0Nội"),
        ("\ufeffrác\u200b thải\u00ad", "rác thải"),
        ("\u202eđảo\u202c", "đảo"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧"),
        ("PDF\u200cها", "PDF\u200cها"),
        ("क्\u200dष", "क्\u200dष"),
        ("❤\ufe0f\u200d🔥", "❤\ufe0f\u200d🔥"),
        ("\u200dđầu và cuối\u200c", "đầu và cuối"),
        ("ng\u200dập", "ngập"),
        ("so\u200c-y-\u200d\u200cte", "so-y-te"),
        ("é \u200c é", "é  é"),
        ("dòng một\nđòng hai\t!", "dòng một\nđòng hai\t!"),
        ("", ""),
    ],
)
def test_text_is_composed_and_visible(written: str, kept: str) -> None:
    assert clean(written) == kept


@given(st.text())
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    assert unicodedata.is_normalized("NFC", once)


def test_every_format_character_but_the_joiners_goes() -> None:
    formats = {chr(code) for code in range(sys.maxunicode) if unicodedata.category(chr(code)) == "Cf"}
    assert {character for character in formats if character in clean(f"م{character}م")} == {"\u200c", "\u200d"}


class Inner(In):
    words: str


class Outer(In):
    name: str
    many: list[str]
    inner: Inner
    number: int


def test_every_string_of_a_body_is_clean() -> None:
    body = Outer.model_validate(
        {"name": "e\u0301", "many": ["e\u0301", "\ufeffa"], "inner": {"words": "o\u031b"}, "number": 3}
    )
    assert (body.name, body.many, body.inner.words, body.number) == ("é", ["é", "a"], "ơ", 3)


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        (b"q=nga%CC%A3%CC%82p", b"q=ng%E1%BA%ADp"),
        (b"q=%EF%BB%BFa&limit=3&q=", b"q=a&limit=3&q="),
        (b"q=a+b%20c", b"q=a+b%20c"),
        (b"q=%FF&a=%CC%81", b"q=%FF&a=%CC%81"),
        (b"q=e%CC%81&a=%FF", b"q=%C3%A9&a=%FF"),
        (b"", b""),
    ],
)
def test_a_query_is_clean_before_anybody_reads_it(sent: bytes, meant: bytes) -> None:
    assert clean_query(sent) == meant
