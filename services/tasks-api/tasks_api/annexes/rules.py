"""The city's words for reading annexes, from its document `plan_columns.yaml`, as `wording.unmarked` writes them."""

from pathlib import Path
from typing import Self

import msgspec

from cchc_shared.contract.provenance import Versioned
from cchc_shared.contract.yaml_text import read_document


class Headings(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"is_": "is", "not_": "not"}
):
    """The headings of one field, best first: whole ones, words within them, and words that rule the field out."""

    is_: tuple[str, ...]
    has: tuple[str, ...]
    not_: tuple[str, ...]


class AnnexRules(Versioned, frozen=True):
    """`plan_columns.yaml`. `ditto` and `blank` are cells as written; bounds are bytes, lines and columns."""

    columns: dict[str, Headings]
    subheadings: tuple[str, ...]
    unused: tuple[str, ...]
    unit_words: tuple[str, ...]
    due_words: tuple[str, ...]
    ditto: tuple[str, ...]
    blank: tuple[str, ...]
    refers_below: tuple[str, ...]
    totals: tuple[str, ...]
    footers: tuple[str, ...]
    pages: tuple[str, ...]
    annex_titles: tuple[str, ...]
    tcvn3: str
    tcvn3_means: str
    most_bytes: int
    most_unpacked_bytes: int
    most_lines: int
    most_columns: int

    @classmethod
    def load(cls, profile: Path) -> Self:
        """Read it from the folder of the city's documents."""
        return read_document(profile / "plan_columns.yaml", cls)
