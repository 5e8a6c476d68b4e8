"""Each operation, called by each role at each place, answers as declared and ruled; things of others are not there.

A new operation comes in with its call in a tour; one whose path names a thing needs a rule as well.
"""

import asyncio
from collections.abc import Mapping

import pytest

from tests.end_to_end.matrix.riding import OPERATIONS, Seen, ids, ride
from tests.end_to_end.matrix.rules import FILES, MAKING, RULES, expected, rule_of
from tests.support.system import System

running = pytest.mark.parametrize("system", ["apart"], indirect=True)


@pytest.fixture(scope="module")
def seen(system: System) -> Mapping[str, Seen]:
    """Every operation, as all callers found it."""
    return asyncio.run(ride(system))


def by_line(faults: list[str]) -> str:
    return "\n" + "\n".join(faults)


def test_what_names_a_thing_has_a_rule_and_every_rule_an_operation() -> None:
    assert [id_ for id_, (_, path, _) in OPERATIONS.items() if ids(path) and rule_of(id_) is None] == []
    named = [name for rule in RULES for name in rule.operations.split()]
    assert [name for name in named if name not in OPERATIONS] == []
    assert len(named) == len(set(named))


@running
def test_every_operation_is_called_by_everybody(seen: Mapping[str, Seen]) -> None:
    assert seen.keys() == OPERATIONS.keys()


@running
def test_callers_get_what_is_declared_and_ruled(seen: Mapping[str, Seen]) -> None:
    wrong = [
        f"{id_}: {cell.name} got {got}, not {' or '.join(sorted(meant))}"
        for id_, each in seen.items()
        for cell, got in each.cells.items()
        if got not in (meant := expected(each.operation, cell))
    ]
    assert not wrong, by_line(wrong)


@running
def test_nobody_gets_an_error_of_ours(seen: Mapping[str, Seen]) -> None:
    wrong = [f"{id_}: {fault}" for id_, each in seen.items() if id_ not in FILES for fault in each.faults]
    assert not wrong, by_line(wrong)


@running
def test_what_is_not_there_is_not_found(seen: Mapping[str, Seen]) -> None:
    wrong = [
        f"{id_}: {status} for another {name}"
        for id_, each in seen.items()
        for name, status in each.unknown.items()
        if status != 404 and id_ not in MAKING
    ]
    assert not wrong, by_line(wrong)


@running
def test_a_part_is_not_found_below_another_thing(seen: Mapping[str, Seen]) -> None:
    looked = {id_: each.elsewhere for id_, each in seen.items() if each.elsewhere is not None}
    assert len(looked) > 10
    assert {id_: status for id_, status in looked.items() if status != 404} == {}


@running
def test_what_is_hidden_is_told_as_what_is_not_there(seen: Mapping[str, Seen]) -> None:
    wrong = [f"{id_}: {each.told_apart}" for id_, each in seen.items() if each.told_apart]
    assert not wrong, by_line(wrong)
