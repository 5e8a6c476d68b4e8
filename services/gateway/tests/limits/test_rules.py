"""The city's document of rules for callers, and how versions of apps are compared."""

import json
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cchc_shared.contract.yaml_text import document_of, read_document
from gateway.limits.rules import CLASSES, KINDS, CallerRules, Class, older

FILE = Path("data/hanoi/caller_rules.yaml")
TEXT = FILE.read_text("utf-8")
CONTRACT = json.loads(Path("docs/contracts/openapi/gateway.json").read_text("utf-8"))
VERSIONS = st.lists(st.integers(0, 30), min_size=1, max_size=4).map(lambda parts: ".".join(map(str, parts)))


def test_the_shipped_document_says_that_its_numbers_are_ours() -> None:
    rules = read_document(FILE, CallerRules)
    assert rules.status == "R"
    for kind in KINDS:
        for which in CLASSES:
            assert rules.limits.of(kind).of(which).quota > 0


def test_each_operation_of_intake_is_in_the_contract() -> None:
    for operation in read_document(FILE, CallerRules).intake:
        method, path = operation.split(" ")
        path = path.replace("requests.json", "requests.{format}").replace("requests.xml", "requests.{format}")
        assert method.lower() in CONTRACT["paths"][path]


@pytest.mark.parametrize(
    ("method", "path", "which"),
    [
        ("GET", "/v1/feedback", "reading"),
        ("HEAD", "/v1/tasks", "reading"),
        ("OPTIONS", "/v1/uploads", "reading"),
        ("POST", "/v1/feedback", "intake"),
        ("POST", "/v1/feedback/", "writing"),
        ("POST", "/v1/feedback/2026/actions/accept", "writing"),
        ("DELETE", "/v1/feedback", "writing"),
        ("BREW", "/v1/feedback", "writing"),
    ],
)
def test_each_request_has_one_class(method: str, path: str, which: Class) -> None:
    assert read_document(FILE, CallerRules).classify(method, path) == which


@pytest.mark.parametrize(
    ("before", "after", "field"),
    [
        ("quota: 120, seconds: 60", "quota: 0, seconds: 60", "limits"),
        ("quota: 120, seconds: 60", "quota: 120, seconds: 3601", "limits"),
        ("POST /v1/feedback/batch", "GET /v1/feedback/batch", "intake"),
        ("  person:", "  citizen:", "limits"),
        ("retired_clients: []", "retired_clients: [{client: App, below: '2'}]", "retired_clients"),
    ],
)
def test_a_fault_is_named_by_its_field(before: str, after: str, field: str) -> None:
    assert before in TEXT
    with pytest.raises(msgspec.ValidationError, match=field):
        document_of(TEXT.replace(before, after), CallerRules)


@given(VERSIONS, VERSIONS)
def test_versions_are_compared_number_by_number(one: str, two: str) -> None:
    padded = [tuple(map(int, (each + ".0.0.0").split(".")[:4])) for each in (one, two)]
    assert older(one, two) == (padded[0] < padded[1])
    assert not (older(one, two) and older(two, one))
    assert not older(one, f"{one}.0")
