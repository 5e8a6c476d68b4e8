"""Texts in cells of .csv files: what begins like a formula is written so that spreadsheet programs take it for text.

Anybody may write a title such as `=HYPERLINK(…)`; who opens the file must not run it. Such a text gets an apostrophe
before it, and so does one that has apostrophes before such a beginning already: taking one away gives back every text.
"""

import re
from typing import Final

# OWASP, "CSV Injection", with the wide forms that programs in East Asia take for the same signs.
_FORMULA: Final = r"[=+\-@\t\r\n＝＋－＠]"
_BEGINS_A_FORMULA: Final = re.compile(rf"'*{_FORMULA}")
_MADE_INERT: Final = re.compile(rf"'+{_FORMULA}")


def inert(text: str) -> str:
    """The text as a cell that no program runs."""
    return f"'{text}" if _BEGINS_A_FORMULA.match(text) else text


def plain(cell: str) -> str:
    """The text of which `inert` made the cell; any other cell is its own text."""
    return cell[1:] if _MADE_INERT.match(cell) else cell
