"""Tests name the types of what they are given: the rule stands in the settings of ruff, and is watched here."""

import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
PLANTED = "from typing import Any\n\n\ndef test_planted(given: Any) -> None:\n    assert given\n"
OF_TESTS = (
    "tests/house/test_planted.py",
    "tests/support/planted.py",
    "shared/tests/service/test_planted.py",
    "services/tasks-api/tests/conftest.py",
)


def complaints(source: str, path: str) -> str:
    """What ruff, as it is set up here, says of the source if it stood there."""
    command = [str(Path(sys.executable).with_name("ruff")), "check", "--no-cache", "--output-format", "concise"]
    result = subprocess.run(
        [*command, "--stdin-filename", path, "-"],
        cwd=REPOSITORY,
        input=source,
        capture_output=True,
        text=True,
        check=False,
    )
    return result.stdout


@pytest.mark.parametrize("path", OF_TESTS)
def test_a_planted_parameter_of_any_type_is_refused(path: str) -> None:
    assert "ANN401" in complaints(PLANTED, path)
    assert "ANN401" not in complaints(PLANTED.replace("given: Any", "given: object"), path)


def test_a_service_may_take_any_value() -> None:
    assert "ANN401" not in complaints(PLANTED, "services/tasks-api/tasks_api/planted.py")
