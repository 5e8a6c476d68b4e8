"""Every operation is called on a running system, answers as the contract says, and is the example of the contract.

`make golden` writes the examples; a test run only looks at them.
"""

import json
from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any

import pytest
from jsonschema_rs import Draft202012Validator
from pydantic import JsonValue

from cchc_shared.http.document import EXAMPLES
from tests.golden.examples import example
from tests.golden.test_golden import WRITE
from tests.support.system import System
from tests.support.traveller import CONTRACT, TOURED, Traveller, travelled


def conforms(value: JsonValue, schema: Mapping[str, Any]) -> None:
    """Raise if the value is not as the schema of the contract says."""
    Draft202012Validator({**schema, "components": CONTRACT["components"]}).validate(value)


def content(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a response, or a request body, says of its content."""
    media = answer["content"]
    found = media.get("application/json") or next(iter(media.values()))
    return dict(found)


MADE_UP = {"consultations.notice", "mails.list", "mails.retry", "surveys.results", "units.reassignment"}
MOVING = {"tasks.get", "inspections.get", "seasons.get", "scorecards.get"}
"""What may change without a new version is sent whole while it may; until then a tag is enough for it, too."""


@pytest.mark.parametrize("system", ["postgres"], indirect=True)
def test_every_operation_answers_as_the_contract_says(system: System) -> None:
    called: dict[str, dict[str, Any]] = {}
    answered_again: set[str] = set()
    with ExitStack() as stack:
        traveller = Traveller(lambda *who, **unit: stack.enter_context(system.client(*who, **unit)))
        for call, answer in travelled(traveller):
            documented = TOURED[call.operation][2]["responses"][str(answer.status_code)]
            conforms(answer.json(), content(documented)["schema"])
            body = None if call.body is None else dict(call.body)
            sent: JsonValue = call.raw[1] if call.raw else body
            shown = {} if sent is None else {"request": example(sent)}
            called.setdefault(call.operation, {**shown, "response": example(answer.json())})
            if "ETag" in answer.headers and TOURED[call.operation][0] == "get":
                again = traveller.make(call, **{"If-None-Match": answer.headers["ETag"]})
                assert again.headers["ETag"] == answer.headers["ETag"]
                assert again.headers.get("Vary") == answer.headers.get("Vary")
                if again.status_code == 200 and call.operation in MOVING:
                    assert again.json() == answer.json()
                    continue
                assert (again.status_code, again.content) == (304, b""), call.operation
                answered_again.add(call.operation)
    assert called.keys() == TOURED.keys()
    documented_304 = {name for name, (_, _, operation) in TOURED.items() if "304" in operation["responses"]}
    assert answered_again == documented_304
    if WRITE:
        for operation, shown in called.items():
            # Nothing is parked on a healthy system, no deadline passes meanwhile, no mail is sent: those are made up.
            if "parked_events" not in operation and operation not in MADE_UP:
                text = json.dumps(shown, ensure_ascii=False, indent=2) + "\n"
                (EXAMPLES / f"{operation}.json").write_text(text, encoding="utf-8")


@pytest.mark.parametrize("operation", TOURED)
def test_an_operation_shows_examples_that_it_would_take_and_give(operation: str) -> None:
    documented = TOURED[operation][2]
    if "requestBody" in documented:
        request = content(documented["requestBody"])
        conforms(request["example"], request["schema"])
    answers = [answer for status, answer in documented["responses"].items() if status.startswith("2")]
    assert answers
    for answer in answers:
        conforms(content(answer)["example"], content(answer)["schema"])


def test_no_example_is_of_an_operation_that_is_gone() -> None:
    assert {file.stem for file in EXAMPLES.glob("*.json")} == TOURED.keys()
