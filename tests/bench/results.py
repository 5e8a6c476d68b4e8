"""What a measurement found, and how it is shown."""

import operator
import os
import platform
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

_HOLDS: dict[str, Callable[[float, float], bool]] = {"≥": operator.ge, "≤": operator.le, "<": operator.lt}


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured value; `unit` stands behind it: `/s`, ` ms`, ` MB`."""

    label: str
    value: float
    unit: str

    def __str__(self) -> str:
        places = 0 if self.value >= 100 else 1 if self.value >= 10 else 2
        return f"{self.label} {self.value:,.{places}f}{self.unit}"


@dataclass(frozen=True, slots=True)
class Bound:
    """What is required of the judged value."""

    sign: Literal["≥", "≤", "<"]
    value: float
    unit: str = ""

    def holds(self, judged: float) -> bool:
        return _HOLDS[self.sign](judged, self.value)

    def __str__(self) -> str:
        return f"{self.sign} {self.value:g}{self.unit}"


@dataclass(frozen=True, slots=True)
class Result:
    """One row: the absolute figures and, where something is required, the value that is judged."""

    name: str
    figures: Sequence[Figure]
    judged: float | None = None
    bound: Bound | None = None

    @property
    def met(self) -> bool | None:
        if self.judged is None or self.bound is None:
            return None
        return self.bound.holds(self.judged)

    def document(self) -> dict[str, Any]:
        """The row as JSON."""
        return {
            "name": self.name,
            "figures": [{"label": one.label, "value": round(one.value, 3), "unit": one.unit} for one in self.figures],
            "judged": None if self.judged is None else round(self.judged, 3),
            "required": None if self.bound is None else str(self.bound),
            "met": self.met,
        }

    def cells(self) -> tuple[str, str, str, str, str]:
        """The row of the table."""
        unit = self.bound.unit if self.bound else ""
        judged = "" if self.judged is None else f"{self.judged:.{0 if self.judged >= 100 else 2}f}{unit}"
        met = {True: "yes", False: "NO", None: ""}[self.met]
        return self.name, ", ".join(map(str, self.figures)), judged, "" if self.bound is None else str(self.bound), met


def table(results: Iterable[Result]) -> str:
    """All rows under their headings."""
    rows = [("what", "measured", "ratio", "required", "met"), *(result.cells() for result in results)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:]])


def machine() -> dict[str, Any]:
    """What the run was taken on."""
    return {"cores": os.cpu_count(), "python": platform.python_version(), "system": platform.platform(terse=True)}
