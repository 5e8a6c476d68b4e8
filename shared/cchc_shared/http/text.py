"""Text as it comes in: composed (NFC), without characters that nobody sees; otherwise the sender's own words.

Two keyboards write one letter in two ways, and a copied text brings direction marks, soft hyphens and byte order marks
along. Left alone, they make equal words unequal for search, for ids and for people.
"""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

# General category Cf. Two of them mean something inside a word: the joiners U+200C and U+200D, in scripts of Asia and
# in emoji. They stay between two visible characters, one of which is of those.
_FORMAT: Final = (
    "\\u00ad\\u0600-\\u0605\\u061c\\u06dd\\u070f\\u0890\\u0891\\u08e2\\u180e\\u200b\\u200e\\u200f\\u202a-\\u202e"
    "\\u2060-\\u2064\\u2066-\\u206f\\ufeff\\ufff9-\\ufffb\\U000110bd\\U000110cd\\U00013430-\\U0001343f"
    "\\U0001bca0-\\U0001bca3\\U0001d173-\\U0001d17a\\U000e0001\\U000e0020-\\U000e007f"
)
_INVISIBLE: Final = re.compile(f"[{_FORMAT}]")
# From Arabic to Myanmar, Khmer and Mongolian, Arabic forms, symbols with which emoji are made.
_JOINED: Final = (
    "\\u0600-\\u109f\\u1780-\\u18af\\ufb50-\\ufdff\\ufe70-\\ufefc"
    "\\u2190-\\u21ff\\u2600-\\u27bf\\u2b00-\\u2bff\\ufe0f\\U0001f000-\\U0001faff"
)
_STRAY_JOINERS: Final = re.compile(
    r"(?<![^\s\u200c\u200d])[\u200c\u200d]+|[\u200c\u200d]+(?![^\s\u200c\u200d])"
    f"|(?<![{_JOINED}\\u200c\\u200d])[\\u200c\\u200d]+(?![{_JOINED}\\u200c\\u200d])"
)


def clean(text: str) -> str:
    """The text in composed form, without invisible format characters."""
    if text.isascii():
        return text
    if not text.isprintable():  # no format character is; most texts are, and searching them takes twenty times as long
        text = _STRAY_JOINERS.sub("", _INVISIBLE.sub("", text))
    return unicodedata.normalize("NFC", text)


def trimmed(text: str) -> str | None:
    """The text without the blanks around it; None for one that is not clean, or that no database can keep."""
    if text.isprintable():
        text = text.strip(" ")  # no other blank is
        return text if text.isascii() or unicodedata.is_normalized("NFC", text) else None
    text = text.strip(" \t\r\n")
    return text if "\0" not in text and text == text.strip() and text == clean(text) else None


def cleaned(value: Any) -> Any:
    """A value of a request with its strings clean: a string, a list of them, or the fields of an object."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [clean(each) if isinstance(each, str) else each for each in value]
    return value


def cleaned_fields(fields: Any) -> Any:
    """The fields of an object, each clean; anything that is no object is left as it is."""
    return {name: cleaned(value) for name, value in fields.items()} if isinstance(fields, Mapping) else fields


def clean_query(query: bytes) -> bytes:
    """A query string with its values clean. Bytes that are no UTF-8 stay, to be refused by name."""
    if b"%" not in query:
        return query
    pairs = query_pairs(query)
    cleaned_pairs = [(clean(name), clean(value)) for name, value in pairs]
    return query if pairs == cleaned_pairs else urlencode(cleaned_pairs, errors="surrogateescape").encode("ascii")


def query_pairs(query: bytes) -> list[tuple[str, str]]:
    """Names and values in their order, empty ones included; bytes that are no UTF-8 come as lone surrogates."""
    return parse_qsl(query.decode("latin-1"), keep_blank_values=True, errors="surrogateescape")
