"""The committed contracts are what the code says."""

import json
import subprocess
import sys

import pytest

from cchc_embedded import contracts
from tests.support.contracts import FOLDER, documents

COMMITTED = documents()


@pytest.fixture(scope="module")
def said() -> dict[str, str]:
    """What the code says."""
    return contracts.documents()


def test_what_is_committed_is_what_the_code_says(said: dict[str, str]) -> None:
    there = {name: (FOLDER / name).read_text(encoding="utf-8") for name in said if (FOLDER / name).exists()}
    assert {name for name in said if there.get(name) != said[name]} == set(), "run: make contracts"


def test_nothing_is_committed_that_the_code_does_not_say(said: dict[str, str]) -> None:
    assert COMMITTED.keys() <= said.keys()


def test_event_schemas_are_valid_json_schema() -> None:
    files = sorted(str(path) for path in (FOLDER / "events").glob("*.json"))
    subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--check-metaschema", *files],
        check=True,
        capture_output=True,
    )


@pytest.mark.parametrize("name", [name for name in COMMITTED if name.startswith("openapi/")])
def test_every_operation_says_what_it_answers_in_both_outcomes(name: str) -> None:
    for path, item in json.loads(COMMITTED[name])["paths"].items():
        for method, operation in item.items():
            problems = operation["responses"]["default"]["content"]
            assert "application/problem+json" in problems, f"{method} {path}"
            assert operation.get("summary"), f"{method} {path}"
            assert operation.get("tags"), f"{method} {path}"
