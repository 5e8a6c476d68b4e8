"""Findings: faults and doubts in a document, in Vietnamese and English. They are reported, never corrected silently."""

from typing import NamedTuple

from cchc_shared.contract.provenance import Text


class Finding(NamedTuple):
    """A message about one cell of a table. `row` counts the rows of content from 1; 0 is the document itself."""

    row: int
    field: str
    message: Text
