"""What two services need is written once: no run of equal lines stands in both."""

from collections.abc import Iterator, Sequence
from itertools import combinations
from pathlib import Path

import pytest

from tests.house.sources import PACKAGES, history, modules

LONGEST = 6
"""So many equal lines in a row are one too many."""

FRONT_DOORS = {"api.py", "worker.py"}
"""Entry points are a few lines each and alike on purpose."""


def significant(source: str) -> Iterator[str]:
    """The lines that say something: no blanks, comments, imports, lone brackets."""
    within_import = False
    for line in source.splitlines():
        stripped = line.strip()
        if stripped.startswith(("import ", "from ")):
            within_import = stripped.endswith("(")
            continue
        if within_import:
            within_import = not stripped.endswith(")")
            continue
        if len(stripped) > 2 and not stripped.startswith("#"):
            yield stripped


def runs(lines: Sequence[str], length: int = LONGEST) -> set[tuple[str, ...]]:
    """Every run of so many lines."""
    return {tuple(lines[at : at + length]) for at in range(len(lines) - length + 1)}


def sources(service: str) -> list[Path]:
    return [module for module in modules(service) if module.name not in FRONT_DOORS] + history(service)


@pytest.mark.parametrize(("one", "other"), list(combinations(PACKAGES, 2)))
def test_no_run_of_equal_lines_stands_in_two_services(one: str, other: str) -> None:
    there = {run: module for module in sources(other) for run in runs(list(significant(module.read_text("utf-8"))))}
    found = {
        f"{module} ~ {there[run]}: {run[0]}"
        for module in sources(one)
        for run in runs(list(significant(module.read_text("utf-8"))))
        if run in there
    }
    assert sorted(found) == []


def test_a_planted_run_is_seen() -> None:
    lines = [f"value_{number} = {number}" for number in range(8)]
    first, second = "\n".join(["a = 1", *lines]), "\n\n# why\n".join(["b = 2", *lines, "c = 3"])
    assert runs(list(significant(first))) & runs(list(significant(second)))
    assert not runs(lines[:5])
