"""Vietnamese words in a form in which two spellings of the same words are equal."""

import unicodedata


def plain(text: str) -> str:
    """Composed letters, single spaces, no capitals, no closing mark."""
    return " ".join(unicodedata.normalize("NFC", text).casefold().split()).rstrip(".;,")
