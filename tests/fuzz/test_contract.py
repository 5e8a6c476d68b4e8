"""Whatever an operation is sent, by whomever, it answers as the contract says, and never with an error of its own."""

import os
import re
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import islice
from typing import Any

import hypothesis
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase
from schemathesis import APIOperation, Case, CheckContext, GenerationMode, Response
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
)

from cchc_shared.contract.codes import Role
from cchc_shared.service.exports import MEDIA, Form
from tests.support.system import System
from tests.support.vietnamese import foreign_words

schemathesis.serializer.alias("application/offset+octet-stream", "application/octet-stream")

EVERYBODY = tuple(role.value for role in Role if role is not Role.SYSTEM)
"""May do everything, so that requests come to the code behind the access checks."""
CALLERS: dict[str, tuple[str, ...]] = {
    "everybody": EVERYBODY,
    "nobody": (),
    **{role.value: (role.value,) for role in Role},
}
"""Who calls, and in which roles."""
REQUESTS = 3
"""How many requests each operation is sent by each of them."""
AT_BOUNDS = {GenerationMode.POSITIVE: 2, GenerationMode.NEGATIVE: 16}
"""How many requests each operation is sent at and beyond the bounds of its schema. Those within are slow to make, and
random requests are within too. `FUZZ_AT_BOUNDS=80` sends nearly all there are, in minutes."""
FIELD = re.compile(r"[a-zA-Z0-9_.\[\]-]+")
schemathesis.serializer.alias("message/rfc822", "application/octet-stream")  # a mail is sent as it is
schemathesis.serializer.alias("application/x-ndjson", "application/octet-stream")
schemathesis.serializer.alias("application/yaml", "application/octet-stream")  # so is an index set
schemathesis.serializer.alias(MEDIA[Form.XLSX], "application/octet-stream")  # as a workbook too


def says_what_is_documented(ctx: CheckContext, response: Response, case: Case[Any]) -> None:
    """The status stands in the contract by its number: `default` would cover any."""
    documented = case.operation.definition.raw["responses"]
    assert str(response.status_code) in documented, f"{response.status_code} is not documented"


def names_fields_in_vietnamese(ctx: CheckContext, response: Response, case: Case[Any]) -> None:
    """Fields are paths of the request; nobody asked for English. Open311 has errors of its own."""
    if response.headers.get("content-type", [""])[0] == "application/problem+json":
        problem = response.json()
        for error in problem.get("errors", ()):
            assert FIELD.fullmatch(error["field"]), error
            assert foreign_words(error["message"]) == [], error
        assert foreign_words(problem["detail"]) == [], problem


CHECKS = [
    not_a_server_error,
    response_schema_conformance,
    content_type_conformance,
    response_headers_conformance,
    says_what_is_documented,
    names_fields_in_vietnamese,
]


def ended(case: Case[Any]) -> Case[Any]:
    """The same, for an answer that stays open so that it ends at once; what is refused stays as it is."""
    answers = case.operation.definition.raw["responses"]
    if "text/event-stream" in answers.get("200", {}).get("content", {}):
        asked = dict(case.query or {})
        if str(asked.get("seconds", 0)).isdecimal() and int(asked.get("seconds", 0)) <= 3600:
            case.query = asked | {"seconds": 0}
    return case


@cache
def operations(url: str) -> Mapping[str, APIOperation[Any, Any, Any, Any]]:
    """Every operation of the contract by its label. Understanding the contract takes longer than most requests."""
    found = {}
    for result in schemathesis.openapi.from_url(f"{url}/openapi.json").get_all_operations():
        assert isinstance(result, Ok), result
        operation = result.ok()
        if not operation.path.startswith("/dev/") and operation.path != "/metrics":
            found[operation.label] = operation
    return found


@cache
def cases(url: str) -> Mapping[str, Sequence[Case[Any]]]:
    """Operation → what it is sent, the same by every caller: to make a request takes longer than to send it."""
    return {label: _some(operation) for label, operation in operations(url).items()}


def _some(operation: APIOperation[Any, Any, Any, Any]) -> Sequence[Case[Any]]:
    found: list[Case[Any]] = []

    @hypothesis.seed(766)
    @hypothesis.settings(
        max_examples=REQUESTS,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @hypothesis.given(case=operation.as_strategy())
    def keep(case: Case[Any]) -> None:
        found.append(case)

    keep()
    return found


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize("system", ["apart"], indirect=True)
def test_every_operation_answers_as_the_contract_says(system: System, caller: str) -> None:
    roles = CALLERS[caller]
    headers = system.bearer(caller, *roles, unit="so-noi-vu") if roles else {}
    found: list[str] = []
    for operation, made in cases(system.url).items():
        assert made, f"{operation}: nothing is sent"
        for case in made:
            try:
                ended(case).call_and_validate(base_url=system.url, headers=headers, checks=CHECKS, timeout=60)
            except (Exception, FailureGroup) as error:  # noqa: BLE001 - all operations are looked at, and told together
                found.append(f"{operation}: {error}")
    assert len(cases(system.url)) > 30
    assert not found, "\n\n".join(found)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("mode", GenerationMode)
@pytest.mark.parametrize("system", ["apart"], indirect=True)
def test_the_bounds_of_the_contract_are_tried_on_both_sides(system: System, mode: GenerationMode) -> None:
    """Values that a schema names, their neighbours, and what it excludes: the first of each operation."""
    headers = system.bearer("everybody", *EVERYBODY, unit="so-noi-vu")
    found: list[str] = []
    sent = 0
    for label, operation in operations(system.url).items():
        config = operation.schema.config.generation_for(operation=operation)
        made = operation.schema.iter_coverage_cases(operation, generation_modes=[mode], generation_config=config)
        # Methods that the path does not take come too; they are no operation of the contract.
        own = (case for case in made if case.method.upper() == operation.method.upper())
        for case in islice(own, int(os.environ.get("FUZZ_AT_BOUNDS", AT_BOUNDS[mode]))):
            sent += 1
            try:
                ended(case).call_and_validate(base_url=system.url, headers=headers, checks=CHECKS, timeout=60)
            except (Exception, FailureGroup) as error:  # noqa: BLE001 - all are looked at, and told together
                found.append(f"{label}: {error}")
    assert sent > len(operations(system.url))
    assert not found, "\n\n".join(found)
