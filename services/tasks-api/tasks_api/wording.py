"""Vietnamese words in a form in which two spellings of the same words are equal."""

import re
import unicodedata


def plain(text: str) -> str:
    """Composed letters, single spaces, no capitals, no closing mark."""
    return " ".join(unicodedata.normalize("NFC", text).casefold().split()).rstrip(".;,")


def unmarked(text: str) -> str:
    """Letters and digits without marks: "Sản phẩm/ Kết quả" is "san pham ket qua"."""
    decomposed = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    return " ".join(re.findall(r"[a-z0-9]+", "".join(c for c in decomposed if not unicodedata.combining(c))))
