"""The files of a feature have fixed names: those of the tables of docs/adr/0011-one-shape-of-a-feature.md."""

import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.house.sources import PACKAGES, REPOSITORY, WITH_FEATURES

DECISION = (REPOSITORY / "docs/adr/0011-one-shape-of-a-feature.md").read_text("utf-8")
CELLS = [[cell.strip() for cell in line.split("|")[1:-1]] for line in DECISION.splitlines() if line.startswith("| `")]


def named(cell: str) -> list[str]:
    """The names in a cell of a table."""
    return re.findall(r"`([\w.]+)`", cell)


OF_ANY = {cells[0].strip("`") for cells in CELLS if cells[0].endswith(".py`")} | {"__init__.py"}
"""Files that any feature may have."""

OF_ONE = {(cells[0].strip("`"), file) for cells in CELLS if not cells[0].endswith(".py`") for file in named(cells[1])}
"""Folder and file: what one feature alone has."""


def rooms(service: str) -> list[Path]:
    """The folders directly below the package of a service."""
    return [folder for folder in sorted(PACKAGES[service].iterdir()) if (folder / "__init__.py").is_file()]


def strangers(folders: Iterable[Path]) -> list[str]:
    """Files whose names stand in neither table."""
    files = [file for folder in folders for file in sorted(folder.glob("*.py"))]
    return [
        f"{file.parent.name}/{file.name}"
        for file in files
        if file.name not in OF_ANY and (file.parent.name, file.name) not in OF_ONE
    ]


@pytest.mark.parametrize("service", WITH_FEATURES)
def test_each_file_has_a_name_of_the_tables(service: str) -> None:
    assert strangers(rooms(service)) == [], "use a name of ADR 0011, or add the file there with its reason"


def test_the_tables_name_nothing_that_is_gone() -> None:
    there = {(file.parent.name, file.name) for each in WITH_FEATURES for room in rooms(each) for file in room.iterdir()}
    assert there >= OF_ONE
    assert {"__init__.py", *OF_ANY} <= {name for _, name in there}


def test_a_new_name_is_seen(tmp_path: Path) -> None:
    for file in ("helpers.py", "service.py", "writer.py"):
        (tmp_path / file).touch()
    assert strangers([tmp_path]) == [f"{tmp_path.name}/helpers.py", f"{tmp_path.name}/writer.py"]
