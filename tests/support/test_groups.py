"""Tests over one running system stand in one group, wherever their names say which."""

import pytest

from tests.support.groups import group_of


@pytest.mark.parametrize("parameters", ["postgres", "postgres-bash", "missing field-postgres", "a-postgres-b"])
def test_the_tests_of_one_system_belong_together(parameters: str) -> None:
    assert group_of(f"tests/end_to_end/test_once.py::test_it[{parameters}]") == "end to end, postgres"
    other = parameters.replace("postgres", "kafka")
    assert group_of(f"tests/golden/test_tour.py::test_it[{other}]") == "end to end, kafka"


def test_what_calls_every_operation_has_a_system_apart() -> None:
    assert group_of("tests/fuzz/test_contract.py::test_it[apart-board]") == "end to end, apart"


@pytest.mark.parametrize(
    "test", ["shared/tests/stream/test_inbox.py::test_it[postgres]", "tests/end_to_end/test_readme.py::test_it"]
)
def test_any_other_test_stands_alone(test: str) -> None:
    assert group_of(test) == test
