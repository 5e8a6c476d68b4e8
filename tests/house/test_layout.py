"""Tests stand where the code stands: whoever knows the folder of a feature knows the folder of its tests."""

import ast
from pathlib import Path

import pytest

from tests.house.sources import PACKAGES, SERVICES, SHARED

ROOTS = {
    **{service: (package, SERVICES / service / "tests") for service, package in PACKAGES.items()},
    "shared": (SHARED / "cchc_shared", SHARED / "tests"),
}
"""Distribution → the folder of its package, and the folder of its tests."""


def says_something(module: Path) -> bool:
    """Whether a module holds more than its docstring."""
    body = ast.parse(module.read_text("utf-8")).body
    return any(not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)) for node in body)


def rooms(package: Path) -> list[str]:
    """The folders directly below a package that hold code."""
    folders = [folder for folder in sorted(package.iterdir()) if folder.is_dir() and folder.name != "__pycache__"]
    return [folder.name for folder in folders if any(map(says_something, folder.rglob("*.py")))]


def without_tests(package: Path, tests: Path) -> list[str]:
    """The rooms of a package that have no tests of their own."""
    return [room for room in rooms(package) if not list((tests / room).rglob("test_*.py"))]


@pytest.mark.parametrize("distribution", ROOTS)
def test_every_room_has_its_tests(distribution: str) -> None:
    assert without_tests(*ROOTS[distribution]) == []


def test_no_test_of_shared_stands_outside_the_rooms() -> None:
    assert [test.name for test in (SHARED / "tests").glob("test_*.py")] == []


def test_a_room_without_tests_is_seen(tmp_path: Path) -> None:
    package, tests = tmp_path / "package", tmp_path / "tests"
    for folder in (package / "tested", package / "forgotten", package / "empty", tests / "tested"):
        folder.mkdir(parents=True)
    (package / "tested" / "domain.py").write_text("VALUE = 1\n")
    (package / "forgotten" / "domain.py").write_text('"""Why."""\n\nVALUE = 1\n')
    (package / "empty" / "__init__.py").write_text('"""A folder of documents."""\n')
    (tests / "tested" / "test_domain.py").touch()
    assert without_tests(package, tests) == ["forgotten"]
