"""What every operation of every service refuses before its route runs, and that its problems use plain words."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from cchc_shared.http.access import Declaration, declarations
from cchc_shared.http.field_errors import field_error, pattern_words
from cchc_shared.http.foreign import foreign_endpoints
from cchc_shared.http.kinds import KINDS
from tests.contracts.test_access import APPS, Unopened
from tests.support.contracts import documents
from tests.support.tokens import TestTokens
from tests.support.vietnamese import foreign_words

CONTRACTS: Mapping[str, Any] = {
    name.removeprefix("openapi/").removesuffix(".json"): json.loads(text)
    for name, text in documents().items()
    if name.startswith("openapi/")
}
FOREIGN = {route.path for app in APPS.values() for route in foreign_endpoints(app.routes)}
"""Paths of protocols that others defined: they ignore what they do not know, and word their own errors."""
CALLS = [
    (name, declared) for name, app in APPS.items() for declared in declarations(app) if declared.path not in FOREIGN
]
Call = tuple[str, Declaration]
"""A service and one of its operations."""
FIELD = re.compile(r"[a-zA-Z0-9_.\[\]-]+")


def label(call: Call) -> str:
    return f"{call[0]} {call[1].method} {call[1].path}"


async def refused(app: FastAPI, tokens: TestTokens, declared: Declaration, query: str) -> httpx.Response:
    """The answer to whoever may call the operation."""
    app.state.tokens, app.state.context = tokens.checked(), Unopened()
    path = re.sub(r"\{\w+\}", "1", declared.path)
    headers = tokens(roles=declared.roles, unit="so-noi-vu") if declared.roles else {}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://service") as client:
        return await client.request(declared.method, f"{path}?{query}", headers=headers)


@pytest.mark.parametrize("call", CALLS, ids=label)
@pytest.mark.parametrize("query", ["surely_unknown=1", "surely_unknown=", "surely_unknown"])
async def test_an_unknown_parameter_is_refused_by_name(call: Call, query: str, tokens: TestTokens) -> None:
    answer = await refused(APPS[call[0]], tokens, call[1], query)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == ["query.surely_unknown"]


def test_one_protocol_alone_is_foreign() -> None:
    assert {path.split("/")[1] for path in FOREIGN} == {"open311"}


def parameters(service: str) -> Iterator[tuple[Declaration, str]]:
    """Each operation of a service with each of its query parameters."""
    for declared in (declared for name, declared in CALLS if name == service):
        operation = CONTRACTS[service]["paths"].get(declared.path, {}).get(declared.method.lower(), {})
        for parameter in operation.get("parameters", ()):
            if parameter["in"] == "query":
                yield declared, parameter["name"]


QUERIES = [
    (name, declared, parameter) for name in APPS if name in CONTRACTS for declared, parameter in parameters(name)
]


@pytest.mark.parametrize(("service", "declared", "name"), QUERIES)
async def test_a_parameter_is_given_once_and_not_empty(
    service: str, declared: Declaration, name: str, tokens: TestTokens
) -> None:
    for query in (f"{name}=1&{name}=1", f"{name}="):
        answer = await refused(APPS[service], tokens, declared, query)
        assert answer.status_code == 422
        assert f"query.{name}" in {error["field"] for error in answer.json()["errors"]}


def schemas(node: object) -> Iterator[Mapping[str, Any]]:
    if isinstance(node, Mapping):
        yield node
        for each in node.values():
            yield from schemas(each)
    elif isinstance(node, list):
        for each in node:
            yield from schemas(each)


@pytest.mark.parametrize("service", CONTRACTS)
def test_every_pattern_has_words_of_its_own(service: str) -> None:
    patterns = {node["pattern"] for node in schemas(CONTRACTS[service]) if isinstance(node.get("pattern"), str)}
    assert {regex for regex in patterns if pattern_words(regex) is None} == set()


@pytest.mark.parametrize("service", CONTRACTS)
def test_no_input_is_a_union_that_would_name_its_members(service: str) -> None:
    """Null, and a date with or without its time, which one parser reads."""
    document = CONTRACTS[service]
    inputs = [node for path in document["paths"].values() for operation in path.values() for node in _inputs(operation)]
    names = {
        node["$ref"].rpartition("/")[2]
        for node in schemas(inputs)
        if str(node.get("$ref", "")).startswith("#/components")
    }
    inputs += [document["components"]["schemas"][name] for name in names]
    for node in schemas(inputs):
        members = [each for each in node.get("anyOf", ()) if each.get("type") != "null"]
        assert len(members) < 2 or {each.get("format") for each in members} == {"date", "date-time"}, node


def _inputs(operation: Mapping[str, Any]) -> list[Any]:
    return [*operation.get("parameters", ()), operation.get("requestBody", {})]


@pytest.mark.parametrize("code", KINDS)
def test_a_problem_is_said_in_two_languages(code: str) -> None:
    kind = KINDS[code]
    for text in (kind.title, kind.says, kind.remedy):
        assert text.vi
        assert text.en
        assert foreign_words(text.vi) == []
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", code)


@pytest.mark.parametrize(
    ("found", "field", "vietnamese"),
    [
        (
            {"type": "enum", "loc": ("body", "kind"), "msg": "", "ctx": {"expected": "'web', 'zalo' or 'email'"}},
            "body.kind",
            "phải là một trong: web, zalo, email",
        ),
        (
            {"type": "never_heard_of", "loc": ("body", "function-after[check(), date]"), "msg": "bad {thing}"},
            "body.function-after_check____date_",
            "giá trị không hợp lệ",
        ),
        ({"type": "missing", "loc": ("header", "If-Match"), "msg": ""}, "header.If-Match", "thiếu trường bắt buộc"),
        ({"type": "extra_forbidden", "loc": ("body", "màu sắc", 3), "msg": ""}, "body.m_u_s_c.3", None),
    ],
)
def test_a_field_is_a_path_and_its_message_vietnamese(
    found: Mapping[str, object], field: str, vietnamese: str | None
) -> None:
    error = field_error(found)
    assert error.field == field
    assert FIELD.fullmatch(error.field)
    assert foreign_words(error.vi) == []
    assert vietnamese in {error.vi, None}


ODD_VALUES = [
    ("tasks-api", "GET", "/v1/plans", "query.document_no", {"document_no": " "}, {}),
    ("tasks-api", "GET", "/v1/plans", "query.document_no", {"document_no": "x" * 101}, {}),
    ("tasks-api", "GET", "/v1/units", "query.q", {"q": " "}, {}),
    ("feedback-api", "GET", "/v1/parked-events/feedback", "query.aggregate", {"aggregate": "NV-7"}, {}),
    ("scoring-api", "GET", "/v1/parked-events/scoring", "query.aggregate", {"aggregate": "a:" + "b" * 500}, {}),
    ("tasks-api", "POST", "/v1/tasks/actions/start", "header.Accept-Language", {}, {"Accept-Language": "<tiếng Việt>"}),
    (
        "feedback-api",
        "POST",
        "/v1/feedback/actions/accept",
        "header.Accept-Language",
        {},
        {"Accept-Language": "x" * 501},
    ),
]


@pytest.mark.parametrize(("service", "method", "path", "field", "query", "headers"), ODD_VALUES)
async def test_what_a_text_may_not_be_is_said_by_its_name(
    service: str,
    method: str,
    path: str,
    field: str,
    query: Mapping[str, str],
    headers: Mapping[str, str],
    tokens: TestTokens,
) -> None:
    app = APPS[service]
    app.state.tokens, app.state.context = tokens.checked(), Unopened()
    who = tokens(roles=["operator", "coordinator", "officer", "unit_head"], unit="so-noi-vu")
    encoded = {name.encode(): value.encode() for name, value in {**who, **headers}.items()}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://service") as client:
        body = {"items": [{"code": "A-1", "version": 1}]} if method == "POST" else None
        answer = await client.request(method, path, params=query, headers=encoded, json=body)
    assert answer.status_code == 422, answer.text
    (error,) = answer.json()["errors"]
    assert error["field"] == field
    assert foreign_words(error["message"]) == []
    assert error["message"] != "giá trị không hợp lệ"
