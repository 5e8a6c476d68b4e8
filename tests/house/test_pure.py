"""The pure modules are listed once: mutants, the floor of coverage and the import rules speak of the same."""

import configparser
import re
from pathlib import Path

import pytest

from tests.house.sources import PACKAGES, REPOSITORY, SHARED
from tests.mutants.pure import patterns, pure_modules

ROOTS = [*PACKAGES.values(), SHARED / "cchc_shared"]


def name_of(module: Path) -> str:
    """The name by which a module is imported."""
    [root] = [root for root in ROOTS if module.is_relative_to(root)]
    return ".".join(module.relative_to(root.parent).with_suffix("").parts).removesuffix(".__init__")


def held_by_the_rules() -> list[str]:
    """What the contract `domain` names: `*` is one name, `**` any number of them."""
    rules = configparser.ConfigParser()
    rules.read(REPOSITORY / ".importlinter")
    return rules["importlinter:contract:domain"]["source_modules"].split()


def expanded(expressions: list[str]) -> set[str]:
    """The modules that the rules speak of: those named, and what stands below them."""
    words = {"**": r"\w+(\.\w+)*", "*": r"\w+"}
    meant = [r"\.".join(words.get(part, part) for part in expression.split(".")) for expression in expressions]
    names = {name_of(module) for root in ROOTS for module in root.rglob("*.py")}
    return {name for name in names if any(re.fullmatch(rf"{each}(\.\w+)*", name) for each in meant)}


@pytest.mark.parametrize("pattern", patterns())
def test_each_line_names_modules(pattern: str) -> None:
    assert list(REPOSITORY.glob(pattern))


def test_the_import_rules_hold_the_same_modules() -> None:
    listed = {name_of(module) for module in pure_modules()}
    assert sorted(expanded(held_by_the_rules()) ^ listed) == []


def test_domain_and_transitions_are_pure_wherever_they_stand() -> None:
    named = {
        each for root in PACKAGES.values() for name in ("domain", "transitions") for each in root.rglob(f"{name}.py")
    }
    assert named <= set(pure_modules())
