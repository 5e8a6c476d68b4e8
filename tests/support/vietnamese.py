"""Finds what is no Vietnamese word in a Vietnamese sentence: no syllable, no name of the contract or of a standard."""

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Final

from tests.support.contracts import documents

LETTERS: Final = re.compile("[ăâđêôơưàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ]", re.IGNORECASE)
"""Letters that no English word has."""
# A syllable without a mark has the level tone, and one that ends in c, ch, p or t never has it.
_SYLLABLE: Final = re.compile(
    "(?:b|ch|c|d|gh|gi|g|h|kh|k|l|m|ngh|ng|nh|n|ph|qu|q|r|s|th|tr|t|v|x)?"
    "(?:oai|oay|oao|oeo|uay|uya|uyu|ai|ao|au|ay|eo|ia|ie|iu|oa|oe|oi|oo|ua|ue|ui|uo|uy|a|e|i|o|u|y)"
    "(?:ng|nh|m|n)?",
    re.IGNORECASE,
)
_ENGLISH: Final = re.compile(
    "be|by|for|from|go|he|it|me|met|missing|more|my|no|of|on|or|since|than|the|then|to|until|us"
)
"""English words of the shape of a syllable, or of a name; "in", "do", "so", "an" and "can" are Vietnamese too."""
_STANDARDS: Final = re.compile(
    "allow|authorization|content-type|host|retry-after|traceparent|"
    "ascii|base64|bearer|byte|content|cors|csv|dd|doc|docx|etag|http|idempotency|json|kafka|kh|kib|macro|mm|nul|pdf|"
    "postgresql|rfc|rtf|s|sslmode|tcvn|token|ubnd|unicode|utf|vni|xls|xlsx|yyyy"
)
"""Names of standards and products, and abbreviations that stand in the city's own documents."""
# What a caller has written, code, settings, files, paths of fields, numbers with their letters, percent-encoded bytes.
_QUOTED: Final = re.compile(
    r"“.*”|`[^`]*`|\b[A-Z]+_[A-Z_]+\b|\b\w+\.json\b|\b(?:body|query|path|header|cookie)(?:\.[\w-]+)+|\bbody\b"
    r"|%[0-9A-F]{2}|\w*\d\w*",
    re.DOTALL,
)
_WORD: Final = re.compile(r"[^\W\d_]+(?:[_-][^\W\d_]+)*")


def foreign_words(sentence: str) -> list[str]:
    """Words that have no place in the sentence; empty for one in good Vietnamese."""
    return [word for word in _WORD.findall(_QUOTED.sub(" ", sentence)) if not _known(word)]


def _known(word: str) -> bool:
    lower = word.lower()
    if _ENGLISH.fullmatch(lower):
        return False
    if LETTERS.search(word) or lower in _names() or any(each.fullmatch(lower) for each in (_STANDARDS, _SYLLABLE)):
        return True
    return ("_" in word or "-" in word) and all(map(_known, re.split("[_-]", word)))


@cache
def _names() -> frozenset[str]:
    """Names of fields, parameters, values and headers that the contract has."""
    contract = json.loads(documents()["openapi/gateway.json"])
    return frozenset(name.lower() for name in _named(contract)) | {"true", "false", "null"}


def _named(node: object) -> Iterator[str]:
    if isinstance(node, list):
        for each in node:
            yield from _named(each)
    elif isinstance(node, dict):
        yield from node.get("properties", {})
        yield from (value for value in node.get("enum", ()) if isinstance(value, str))
        if isinstance(node.get("const"), str):
            yield node["const"]
        if "in" in node and isinstance(node.get("name"), str):
            yield node["name"]
        for name, each in node.items():
            if name != "example":
                yield from _named(each)
