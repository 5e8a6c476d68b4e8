"""A document as it grows out of cells: what it says so far, where each path of it stands, and what is wrong."""

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final

from scoring_worker.index_sets.faults import Fault
from scoring_worker.workbooks.layout import GENERAL_NAME

Path = tuple[str | int, ...]
WRONG: Final = object()
"""In the place of a value that could not be read: no check takes it for one."""


@dataclass
class Draft:
    """`cells` are by path, as in `Tiêu chí!D14`; `wrong` are cells of which a fault was said already.

    `is_whole`: nothing was left out, so that what is wrong with the document as a whole can be said as well.
    """

    content: dict[str, Any] = field(default_factory=dict)
    cells: dict[str, str] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    wrong: set[str] = field(default_factory=set)
    is_whole: bool = True

    def place(self, path: Path, cell: str) -> None:
        """Say where something stands, or would; the first part of a thing is where the thing stands."""
        self.cells[dotted(path)] = cell
        self.cells.setdefault(dotted(path[:-1]), cell)

    def put(self, path: Path, value: Any) -> None:
        """Set a value; what it stands in begins to be where it is not."""
        here: Any = self.content
        for step, after in pairwise(path):
            if isinstance(step, int) and step == len(here):
                here.append([] if isinstance(after, int) else {})
            elif not isinstance(step, int):
                here.setdefault(step, [] if isinstance(after, int) else {})
            here = here[step]
        last = path[-1]
        if isinstance(last, int):
            here.append(value)
        else:
            here[last] = value

    def count(self, path: Path) -> int:
        """How many stand in a list so far."""
        found = self._at(path)
        return len(found) if isinstance(found, list) else 0

    def has(self, path: Path) -> bool:
        return self._at(path) is not None

    def _at(self, path: Path) -> Any:
        here: Any = self.content
        for step in path:
            if isinstance(here, dict):
                here = here.get(step)
            else:
                here = here[step] if isinstance(here, list) and isinstance(step, int) else None
        return here

    def fault(self, cell: str, vi: str, en: str, path: Path = (), *, leaves_out: bool = True) -> None:
        """Say what is wrong with a cell, unless something was said of it already."""
        if cell not in self.wrong:
            self.faults.append(Fault(dotted(path), vi, en, cell=cell))
            self.wrong.add(cell)
        self.is_whole = self.is_whole and not leaves_out

    def placed(self, fault: Fault) -> Fault:
        """A fault of the document, with its cell."""
        return Fault(fault.path, fault.vi, fault.en, fault.found, cell_of(fault.path, self.cells))


def cell_of(path: str, cells: dict[str, str] | Any) -> str:
    """Where a path stands, or what it is a part of."""
    while path and path not in cells:
        path = path.rpartition(".")[0]
    return str(cells.get(path) or f"{GENERAL_NAME}!A1")


def dotted(path: Path) -> str:
    return ".".join(map(str, path))
