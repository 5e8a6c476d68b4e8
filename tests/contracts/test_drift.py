"""The committed contracts are what the code says."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.contracts import documents

CONTRACTS = Path(__file__).parents[2] / "docs/contracts"
DOCUMENTS = documents()


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_committed_contract_is_what_the_code_says(name: str) -> None:
    assert (CONTRACTS / name).read_text(encoding="utf-8") == DOCUMENTS[name], "run: make contracts"


def test_nothing_is_committed_that_the_code_does_not_say() -> None:
    committed = {str(path.relative_to(CONTRACTS)) for path in CONTRACTS.rglob("*.json")}
    assert committed == {name for name in DOCUMENTS if name.endswith(".json")}


def test_event_schemas_are_valid_json_schema() -> None:
    files = sorted(str(path) for path in (CONTRACTS / "events").glob("*.json"))
    subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--check-metaschema", *files],
        check=True,
        capture_output=True,
    )


@pytest.mark.parametrize("name", [name for name in DOCUMENTS if name.startswith("openapi/")])
def test_every_operation_says_what_it_answers_in_both_outcomes(name: str) -> None:
    for path, item in json.loads(DOCUMENTS[name])["paths"].items():
        for method, operation in item.items():
            problems = operation["responses"]["default"]["content"]
            assert "application/problem+json" in problems, f"{method} {path}"
            assert operation.get("summary"), f"{method} {path}"
            assert operation.get("tags"), f"{method} {path}"
