"""What a reader finds wrong with what was written: said in Vietnamese and English, never silently mended."""

from typing import NamedTuple


class Message(NamedTuple):
    """One sentence for people, in both languages."""

    vi: str
    en: str


class Finding(NamedTuple):
    """A message about one cell of a table. `row` counts the rows of content from 1; 0 is the document itself."""

    row: int
    field: str
    message: Message


class Unreadable(ValueError):
    """A document of which nothing can be taken over."""

    def __init__(self, vi: str, en: str) -> None:
        super().__init__(en)
        self.message = Message(vi, en)
