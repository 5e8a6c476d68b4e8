"""The OpenAPI document of an application, as it behaves: who may call, what may go wrong, and an example of each."""

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from fastapi import FastAPI

from cchc_shared.http import kinds
from cchc_shared.http.access import declarations
from cchc_shared.http.etag import LONGEST, TAGS
from cchc_shared.http.foreign import foreign_endpoints
from cchc_shared.http.kinds import Kind
from cchc_shared.http.problems import MEDIA_TYPE

JSON: Final = "application/json"
EXAMPLES: Final = Path(__file__).parents[1] / "contract" / "examples"
"""`<operation id>.json`: `request` (the body, where there is one) and `response`, as a running system gave it."""

NOT_MODIFIED: Final[dict[int | str, dict[str, Any]]] = {304: {"description": "The version has not changed since"}}
"""For the route of a thing that is answered with its ETag."""

_IF_NONE_MATCH: Final = {
    "in": "header",
    "name": "If-None-Match",
    "required": False,
    "description": "ETag of the version that you have",
    "schema": {"type": "string", "maxLength": LONGEST, "pattern": TAGS},
}
_PROBLEM: Final = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}}
_ALWAYS: Final = (kinds.INVALID_HOST, kinds.UNAUTHENTICATED, kinds.INVALID, kinds.OVERLOADED)
_ALWAYS_FOR_HEALTH: Final = (kinds.INVALID_HOST, kinds.UNAUTHENTICATED, kinds.INVALID)
_WITH_BODY: Final = (kinds.BAD_REQUEST, kinds.REQUEST_TIMEOUT, kinds.CONTENT_TOO_LARGE, kinds.UNSUPPORTED_MEDIA_TYPE)


def openapi_document(app: FastAPI) -> dict[str, Any]:
    """The application's OpenAPI 3.1 document."""
    document: dict[str, Any] = app.openapi()
    without_token = {(found.method.lower(), found.path) for found in declarations(app) if found.anonymous}
    foreign = {route.path for route in foreign_endpoints(app.routes)}
    for path, item in document["paths"].items():
        for method, operation in item.items():
            open_to_all = (method, path) in without_token
            if open_to_all and {} not in operation["security"]:
                operation["security"].insert(0, {})  # a token is honoured, and none is needed
            found = () if path in foreign else _kinds(operation, path, open_to_all=open_to_all)
            describe_problems(operation, found)
            _complete(operation)
            _exemplify(operation)
    return document


def may_answer(*which: Kind) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route that may also be answered with these problems."""
    operation: dict[str, Any] = {"responses": {}}
    describe_problems(operation, which)
    return {int(status): {"description": each["description"]} for status, each in operation["responses"].items()}


def describe_problems(operation: dict[str, Any], which: Iterable[Kind]) -> None:
    """Add problems to the answers of an operation, by status; the description names the codes."""
    responses = operation["responses"]
    for each in which:
        answer = responses.setdefault(str(each.status), {"description": ""})
        said = f"`{each.code}`: {each.says.en}"
        if said not in answer["description"]:
            answer["description"] = f"{answer['description']} {said}".strip()
        if "content" not in answer or JSON not in answer["content"]:
            answer["content"] = dict(_PROBLEM)
    default = responses.get("default", {}).get("content", {})
    if JSON in default:  # errors come under a media type of their own
        default[MEDIA_TYPE] = default.pop(JSON)
    operation["responses"] = dict(sorted(responses.items()))


def _kinds(operation: Mapping[str, Any], path: str, *, open_to_all: bool) -> Iterator[Kind]:
    """What follows from the shape of an operation; the rest stands at its route."""
    if "health" in operation.get("tags", ()):  # answered even by a process that refuses work
        yield from _ALWAYS_FOR_HEALTH
        return
    yield from _ALWAYS
    if not open_to_all:
        yield kinds.FORBIDDEN
    if "{" in path:
        yield kinds.NOT_FOUND
    parameters = {parameter["name"]: parameter for parameter in operation.get("parameters", ())}
    if "If-Match" in parameters:
        yield kinds.STALE
        if parameters["If-Match"]["required"]:
            yield kinds.IF_MATCH_REQUIRED
    if "Idempotency-Key" in parameters:
        yield kinds.IDEMPOTENCY_KEY_REUSED
    if "requestBody" in operation:
        yield from _WITH_BODY
    if operation["security"]:
        yield kinds.TOKEN_KEYS_UNAVAILABLE


def _complete(operation: dict[str, Any]) -> None:
    """What routes say in short, written out."""
    for status, answer in operation["responses"].items():
        if status >= "400" and "health" not in operation.get("tags", ()):
            answer.setdefault("content", dict(_PROBLEM))
    parameters = operation.setdefault("parameters", [])
    if "304" in operation["responses"] and _IF_NONE_MATCH not in parameters:
        parameters.append(_IF_NONE_MATCH)
    if not parameters:
        del operation["parameters"]


def _exemplify(operation: dict[str, Any]) -> None:
    example = _examples().get(operation["operationId"])
    if example is None:
        return
    for content in operation.get("requestBody", {}).get("content", {}).values():
        content["example"] = example.get("request", {})  # where nothing was sent, nothing is needed
    for status, answer in operation["responses"].items():
        if status.startswith("2") and JSON in answer.get("content", {}):
            answer["content"][JSON]["example"] = example["response"]


@cache
def _examples() -> Mapping[str, Any]:
    return {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in sorted(EXAMPLES.glob("*.json"))}
