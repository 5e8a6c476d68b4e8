"""What a column holds of a person, said once on the column itself: for erasure, and for the tests of it."""

from typing import Any, Final

from sqlalchemy import Column, Table

_MARK: Final = "personal"

WORDS: Final[dict[Any, Any]] = {_MARK: "words"}
"""What people wrote, and where it was: `Column("title", Text, info=WORDS)`."""
SENDER: Final[dict[Any, Any]] = {_MARK: "sender"}
"""What leads to the person who sent it, or would if somebody tried."""
OFFICIAL: Final[dict[Any, Any]] = {_MARK: "official"}
"""Who held an office: kept for as long as somebody answers for what was done in it."""


def marked(table: Table, mark: dict[Any, Any]) -> list[Column[Any]]:
    """The columns of the table with that mark."""
    return [column for column in table.columns if column.info.get(_MARK) == mark[_MARK]]
