"""Texts of a document, in two languages."""

import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Final

from pydantic import AfterValidator, Field

from scoring_worker.index_sets.wrong import Wrong

STRICT: Final[dict[str, Any]] = {"extra": "forbid"}

Figure = Annotated[Decimal, Field(max_digits=18, decimal_places=9)]
"""A number of a document. As an exact fraction, 1e-99999999 would fill the memory."""

_LONGEST_CODE: Final = 100


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text).replace("\r\n", "\n").strip()


def _checked(code: str) -> str:
    if not code or len(code) > _LONGEST_CODE or any(sign in code for sign in ",;\n"):
        raise Wrong(
            f"mã có từ 1 đến {_LONGEST_CODE} ký tự, không có dấu phẩy, dấu chấm phẩy hay xuống dòng",
            f"a code has 1 to {_LONGEST_CODE} characters, and no comma, semicolon or line break",
        )
    return code


Words = Annotated[str, AfterValidator(_composed)]
"""A text as it is compared: composed (NFC), without blanks around it."""
Code = Annotated[Words, AfterValidator(_checked)]
"""What something is called by. Lists of codes stand in one cell of a workbook, with semicolons between."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text for people, in Vietnamese and English.

    Like the rest of an index set a dataclass that Pydantic checks: it names every fault of a document, not the first.
    """

    __pydantic_config__: ClassVar = STRICT

    vi: Words
    en: Words
