"""What is read of an annex: lines of cells as the file has them, and rows of tasks as they are meant."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

import msgspec

from cchc_shared.contract.provenance import Text
from tasks_api.findings import Finding

How = Literal["merged", "parent", "ditto", "above"]
"""Where a value comes from that is not the cell's own: a merged cell, the row it is a part of, a mark that says "as
above", or the row above in a file that does not say what is merged (a guess, with a finding)."""


class Line(NamedTuple):
    """One line of a document. `table` is 0 outside of tables. A merged cell's text stands in its first cell alone; `up`
    and `left` name the columns that belong to a cell above or at the left. `doubts` are about single columns."""

    cells: tuple[str, ...]
    table: int = 0
    up: frozenset[int] = frozenset()
    left: frozenset[int] = frozenset()
    doubts: tuple[tuple[int, Text], ...] = ()

    def at(self, column: int) -> str:
        return self.cells[column] if column < len(self.cells) else ""

    @property
    def filled(self) -> list[int]:
        """The columns whose cells hold something."""
        return [column for column, cell in enumerate(self.cells) if cell]


class Sheet(NamedTuple):
    """A stream of lines: a text, a document with its tables, or one sheet of a workbook.

    `merges_known` says whether the file tells merged cells: then a blank cell is blank."""

    name: str
    lines: list[Line]
    merges_known: bool
    findings: tuple[Text, ...] = ()


class AnnexRow(msgspec.Struct, frozen=True, kw_only=True):
    """A task as it stands in the document; codes of units and dates are not read here.

    `line` counts the lines under the first headings from 1. `cells` has the value that counts for each field, `written`
    the untouched wording of the row's own cell, `inherited` where the value of a field came from otherwise. `parent` is
    the line of the row it is a part of, when that one is a task or gives values.
    """

    line: int
    number: str
    sections: tuple[str, ...]
    annex: str
    parent: int | None
    cells: Mapping[str, str]
    written: Mapping[str, str]
    inherited: Mapping[str, How]
    findings: tuple[Finding, ...]


class Column(NamedTuple):
    """A heading as written, and the field it stands for."""

    heading: str
    field: str | None


class Question(NamedTuple):
    """A column that is not used and looks as if it should be: a person says which field it is, or none."""

    heading: str
    looks_like: str
    examples: tuple[str, ...]
    message: Text


class AnnexDocument(msgspec.Struct, frozen=True, kw_only=True):
    """The tasks of a document. `passed_over` says which sheets and tables were not read."""

    rows: tuple[AnnexRow, ...]
    columns: tuple[Column, ...]
    questions: tuple[Question, ...]
    findings: tuple[Finding, ...]
    passed_over: tuple[Text, ...]
