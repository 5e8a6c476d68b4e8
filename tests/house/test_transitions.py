"""Every table of transitions is tried by the test that comes with the workflow kit (tests/support/workflow.py)."""

import ast
from pathlib import Path

import pytest

from tests.house.sources import PACKAGES, SERVICES, modules, shown

TABLES = {
    shown(module): (service, module)
    for service in PACKAGES
    for module in modules(service)
    if module.name == "transitions.py"
}


def tried(test: str, table: str) -> bool:
    """Whether a test module makes a machine of this module's table, and runs all that the kit has for it."""
    tree = ast.parse(test)
    imported = {
        (node.module, alias.name) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names
    }
    called = {
        node.func.attr for node in ast.walk(tree) if isinstance(node, ast.Call) if isinstance(node.func, ast.Attribute)
    }
    made = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and ast.unparse(node.func) == "Machine"]
    return (
        {("tests.support.workflow", "Machine"), (table, "TABLE")} <= imported
        and {"check", "sequences"} <= called
        and any(ast.unparse(node.args[0]) == "TABLE" for node in made if node.args)
    )


@pytest.mark.parametrize("table", TABLES)
def test_each_table_has_the_test_of_the_kit(table: str) -> None:
    service, module = TABLES[table]
    room = module.parent
    test: Path = SERVICES / service / "tests" / room.relative_to(PACKAGES[service]) / "test_transitions.py"
    assert test.is_file(), f"{shown(room)} has no test of its transitions"
    name = ".".join(module.relative_to(PACKAGES[service].parent).with_suffix("").parts)
    assert tried(test.read_text("utf-8"), name), f"{shown(test)} tries no Machine of TABLE"


def test_there_are_tables() -> None:
    assert len(TABLES) >= 2


def test_a_test_without_the_kit_is_seen() -> None:
    whole = """
from reports.transitions import TABLE
from tests.support.workflow import Machine
MACHINE = Machine(TABLE)
TestAnySequence = MACHINE.sequences()
MACHINE.check()
"""
    assert tried(whole, "reports.transitions")
    assert not tried(whole, "tasks.transitions")
    for line in whole.split("\n"):
        if line and line.split()[0] != "from":
            assert not tried(whole.replace(line, ""), "reports.transitions")
