"""Whatever an operation is sent, it answers as the contract says, and never with an error of its own."""

from typing import Any

import hypothesis
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
)

from tests.support.system import System

CHECKS = [not_a_server_error, response_schema_conformance, content_type_conformance, response_headers_conformance]
EXAMPLES = 6
EVERYBODY = ("citizen", "officer", "unit_head", "coordinator", "inspector", "scoring_board", "council", "operator")


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("system", ["postgres"], indirect=True)
def test_every_operation_answers_as_the_contract_says(system: System) -> None:
    """The caller may do everything, so that requests come to the code behind the doors."""
    headers = system.bearer("everybody", *EVERYBODY, unit="so-noi-vu")
    schema = schemathesis.openapi.from_url(f"{system.url}/openapi.json")
    found: list[str] = []
    asked: set[str] = set()
    for result in schema.get_all_operations():
        assert isinstance(result, Ok), result
        operation = result.ok()
        if operation.path.startswith("/dev/") or operation.path == "/metrics":
            continue
        asked.add(operation.label)

        @hypothesis.seed(766)
        @hypothesis.settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @hypothesis.given(case=operation.as_strategy())
        def send(case: schemathesis.Case[Any]) -> None:
            case.call_and_validate(base_url=system.url, headers=headers, checks=CHECKS, timeout=60)

        try:
            send()
        except Exception as error:  # noqa: BLE001 - all operations are looked at, and told together
            found.append(f"{operation.label}: {error}")
    assert len(asked) > 30
    assert not found, "\n\n".join(found)
