"""The language that a caller asks for: Vietnamese, or English where it is preferred."""

import re
from typing import Annotated, Final

from fastapi import Header

from cchc_shared.http.field_errors import pattern

# RFC 9110, 12.5.4, and the underscore that some programs write.
RANGES: Final = pattern(
    r"^[A-Za-z0-9*,;=._ \t-]*$",
    vi="không phải danh sách ngôn ngữ, như vi,en;q=0.8",
    en="is not a list of languages, such as vi,en;q=0.8",
)
AcceptLanguage = Annotated[
    str | None,
    Header(
        alias="Accept-Language",
        max_length=500,
        pattern=RANGES,
        description="Messages are English where it is preferred to Vietnamese",
    ),
]
# RFC 9110, 12.4.2.
_QVALUE: Final = re.compile(r"0(\.[0-9]{0,3})?|1(\.0{0,3})?")


def language_of(accept_language: str | None) -> str:
    """`en` when the caller prefers English to Vietnamese, otherwise `vi`."""
    qualities: dict[str, float] = {}
    for part in (accept_language or "").lower().split(","):
        tag, *parameters = map(str.strip, part.split(";"))
        weight = next((each.removeprefix("q=") for each in parameters if each.startswith("q=")), "1")
        if _QVALUE.fullmatch(weight):
            language = tag.partition("-")[0]
            qualities[language] = max(qualities.get(language, 0.0), float(weight))
    others = qualities.get("*", 0.0)
    return "en" if qualities.get("en", others) > qualities.get("vi", others) else "vi"
