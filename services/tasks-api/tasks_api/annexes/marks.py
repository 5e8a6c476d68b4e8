"""Marks by which lines are numbered ("A.", "II", "1", "1.2", "a)", "-"), and which of them stands below which."""

import re
from typing import Final, NamedTuple

_MARK: Final = (
    r"[(\[]?(?P<mark>[IVXivx]{2,7}(?:\.\d+)*|[A-Z\u0110](?:\.\d+)*"
    r"|\d{1,4}(?:\.\d{1,3})*(?:\.?[a-z\u0111])?|[a-z\u0111]|[-–+•*])"
)
_ALONE: Final = re.compile(_MARK + r"[\s.)\]:/]*")
_BEFORE: Final = re.compile(_MARK + r"(?:[.)\]:/]+\s*|(?<=[-–+•*])\s+|\s+[-–.:]\s+)(?=\S)(?P<rest>.+)", re.DOTALL)
_ROMAN: Final = re.compile(r"[IVX]+")

LETTER, ROMAN, NUMBER, SMALL, BULLET = 0, 1, 3, 20, 21
UNMARKED: Final = 2
"""Depth of a title without a mark: below sections, above what is numbered."""


class Mark(NamedTuple):
    """How deep a mark stands, and its parts."""

    depth: int
    path: tuple[str, ...]

    @property
    def heads_sections(self) -> bool:
        """Whether such marks are those of sections."""
        return self.depth < UNMARKED

    @property
    def is_number(self) -> bool:
        return self.depth == NUMBER and len(self.path) == 1

    def holds(self, below: "Mark") -> bool:
        """Whether a line of this mark is the one of which a line of that mark is a part."""
        if below.depth <= self.depth:
            return False
        both_numbered = self.depth >= NUMBER and below.depth < SMALL
        return not both_numbered or below.path[: len(self.path)] == self.path


def mark(text: str) -> Mark | None:
    """The mark that a cell consists of, if it is one."""
    found = _ALONE.fullmatch(text.strip())
    return _mark(found["mark"]) if found else None


def leading(text: str) -> tuple[Mark, str] | None:
    """The mark before a title, and the title: "II. BỔ SUNG" is the second section, "BỔ SUNG"."""
    found = _BEFORE.fullmatch(text.strip())
    return (_mark(found["mark"]), found["rest"].strip()) if found else None


def written_mark(text: str) -> str:
    """The mark before a title as it is written, without what closes it."""
    found = _BEFORE.fullmatch(text.strip())
    return found["mark"] if found else ""


def _mark(text: str) -> Mark:
    first, *rest = parts = tuple(part.lstrip("0") or "0" for part in text.split("."))
    if first[0].isdigit():
        return Mark(NUMBER + len(rest), tuple(parts))
    if not first[0].isalpha():
        return Mark(BULLET, ("-",))
    if first.islower():
        return Mark(SMALL, tuple(parts))
    base = ROMAN if _ROMAN.fullmatch(first) else LETTER
    return Mark(NUMBER + len(rest) - 1, tuple(parts)) if rest else Mark(base, tuple(parts))
