"""Standard replies: texts with named blanks, and how they are filled. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from string import Formatter
from typing import Final
from uuid import UUID

import msgspec

from cchc_shared.contract.codes import FeedbackKind, Role
from cchc_shared.contract.rules import RuleBroken


class Blank(StrEnum):
    """What may be filled in: what the report is called, who has it, and by when. Nothing of its sender."""

    CODE = "code"
    UNIT = "unit"
    CATEGORY = "category"
    RECEIVED_ON = "received_on"
    ANSWER_BY = "answer_by"


class StandardReply(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a reply: a row of the table `standard_reply`. `unit` is None for one of every unit."""

    id: UUID
    version: int
    unit: str | None
    kind: FeedbackKind | None
    category: str | None
    title: str
    text: str
    retired: bool = False
    actor: str
    role: Role
    at: datetime


class Filled(msgspec.Struct, frozen=True):
    """A text with its blanks filled; what the report does not say stays as it is written, and is named."""

    text: str
    left: Sequence[Blank]


_PARSER: Final = Formatter()
_BLANKS: Final = ", ".join(f"{{{blank}}}" for blank in Blank)


def check_blanks(text: str) -> None:
    """Raise `RuleBroken` unless all that stands in braces is a blank. A brace itself is written twice."""
    try:
        parts = list(_PARSER.parse(text))
    except ValueError as error:
        raise RuleBroken(
            "text", "có dấu ngoặc nhọn lẻ; viết {{ và }} nếu cần chính dấu ấy", "has a single brace; write {{ and }}"
        ) from error
    for _, name, form, conversion in parts:
        if name is not None and (name not in set(Blank) or form or conversion):
            raise RuleBroken(
                "text",
                f"chỉ điền được các chỗ trống: `{_BLANKS}`",
                f"has a blank that is none of: {_BLANKS}",
            )


def filled(text: str, values: Mapping[Blank, str | None]) -> Filled:
    """The text with these values in its blanks. The text has been checked."""
    parts, left = list[str](), dict[Blank, None]()
    for words, name, _, _ in _PARSER.parse(text):
        parts.append(words)
        if name is not None:
            blank = Blank(name)
            value = values.get(blank)
            if value is None:
                left[blank] = None
            parts.append(f"{{{blank}}}" if value is None else value)
    return Filled("".join(parts), tuple(left))
