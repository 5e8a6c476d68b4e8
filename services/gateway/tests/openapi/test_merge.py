"""One document of many: nothing lost, nothing mixed up, no reference left hanging."""

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from gateway.openapi.merge import PathTaken, merge

Document = dict[str, Any]


def everything(_: str, __: str) -> bool:
    return True


def document(paths: dict[str, str], schemas: dict[str, Any], operation: str = "") -> Document:
    """Each path is a GET whose answer is the schema named after it."""
    return {
        "openapi": "3.1.0",
        "paths": {
            path: {
                "get": {
                    "operationId": operation or f"tasks.get_{path}",
                    "tags": ["tasks"],
                    "security": [{"token": []}],
                    "responses": {"200": {"content": {"application/json": {"schema": ref(name)}}}},
                }
            }
            for path, name in paths.items()
        },
        "tags": [{"name": "unused"}, {"name": "tasks", "description": "Nhiệm vụ · Tasks"}],
        "components": {"schemas": schemas, "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
    }


def ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def references(node: JsonValue) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(target := node.get("$ref"), str):
            yield target
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def resolved(node: JsonValue, document: Document, depth: int = 6) -> JsonValue:
    """The node with its references written out, so that two documents can be compared whatever names they use."""
    if isinstance(node, dict):
        if isinstance(target := node.get("$ref"), str) and depth:
            _, section, name = target.removeprefix("#/").split("/", 2)
            return resolved(document["components"][section][name], document, depth - 1)
        return {} if "$ref" in node else {key: resolved(value, document, depth) for key, value in node.items()}
    return [resolved(value, document, depth) for value in node] if isinstance(node, list) else node


NAMES = st.sampled_from(["A", "B", "C"])
SCHEMAS = st.fixed_dictionaries(
    {
        name: st.fixed_dictionaries({"type": st.sampled_from(["object", "array"])}, optional={"items": NAMES.map(ref)})
        for name in ("A", "B", "C")
    }
)


@st.composite
def services(draw: st.DrawFn) -> dict[str, Document]:
    return {
        service: document({f"/v1/{service}/{name}": name for name in draw(st.sets(NAMES))}, draw(SCHEMAS))
        for service in ("tasks-api", "feedback-api", "scoring-api")
    }


@given(services())
def test_every_operation_says_after_the_merge_what_it_said_before(documents: dict[str, Document]) -> None:
    before = copy.deepcopy(documents)
    merged = merge(documents, serves=everything)
    assert documents == before
    assert set(merged["paths"]) == {path for one in documents.values() for path in one["paths"]}
    for one in documents.values():
        for path, item in one["paths"].items():
            was, now = item["get"]["responses"], merged["paths"][path]["get"]["responses"]
            assert resolved(now, merged) == resolved(was, one)
    ids = [item["get"]["operationId"] for item in merged["paths"].values()]
    assert ids == [f"tasks.get_{path}" for path in merged["paths"]]


@given(services())
def test_no_reference_hangs_and_no_component_is_idle(documents: dict[str, Document]) -> None:
    merged = merge(documents, serves=everything)
    defined = {f"#/components/schemas/{name}" for name in merged["components"].get("schemas", {})}
    assert set(references(merged)) == defined
    assert set(merged["components"].get("securitySchemes", {})) <= {"token"}


@given(services())
def test_the_order_of_the_services_does_not_matter(documents: dict[str, Document]) -> None:
    backwards = dict(reversed(documents.items()))
    assert merge(documents, serves=everything) == merge(backwards, serves=everything)


def test_alike_is_kept_once_and_different_under_the_service() -> None:
    same, mine, yours = {"type": "string"}, {"type": "integer"}, {"items": ref("Same")}
    merged = merge(
        {
            "a": document({"/a": "Other", "/a2": "Same"}, {"Other": mine, "Same": same}),
            "b": document({"/b": "Other"}, {"Other": yours, "Same": same}),
        },
        serves=everything,
    )
    assert merged["components"]["schemas"] == {"Same": same, "a.Other": mine, "b.Other": yours}
    assert merged["components"]["securitySchemes"] == {"token": {"type": "http", "scheme": "bearer"}}


def test_what_reaches_a_difference_is_different() -> None:
    holder = {"items": ref("Inner")}
    merged = merge(
        {
            "a": document({"/a": "Holder"}, {"Holder": holder, "Inner": {"type": "string"}}),
            "b": document({"/b": "Holder"}, {"Holder": holder, "Inner": {"type": "integer"}}),
        },
        serves=everything,
    )
    assert merged["components"]["schemas"]["b.Holder"] == {"items": ref("b.Inner")}


def test_only_what_the_gateway_serves_is_in_the_document() -> None:
    one = document({"/v1/tasks": "A", "/metrics": "B"}, {"A": {}, "B": {}})
    merged = merge({"a": one}, serves=lambda _, path: path != "/metrics")
    assert set(merged["paths"]) == {"/v1/tasks"}
    assert set(merged["components"]["schemas"]) == {"A"}


def test_an_operation_id_that_two_services_use_is_kept_apart() -> None:
    merged = merge(
        {"a": document({"/a": "A"}, {"A": {}}, "tasks.get"), "b": document({"/b": "A"}, {"A": {}}, "tasks.get")},
        serves=everything,
    )
    assert [item["get"]["operationId"] for item in merged["paths"].values()] == ["a.tasks.get", "b.tasks.get"]


def test_areas_come_service_by_service_then_the_gateways_then_shared_ones() -> None:
    def of(prefix: str, *names: str) -> Document:
        operations = {name: {"get": {"operationId": f"{name}.get", "tags": [name]}} for name in reversed(names)}
        tags = [{"name": name, "description": prefix} for name in ("unused", *names) if name != "undescribed"]
        return {"paths": {f"/{prefix}/{name}": item for name, item in operations.items()}, "tags": tags}

    documents = {
        "gateway": of("g", "identity"),
        "z": of("z", "tasks", "operation", "plans"),
        "a": of("a", "operation", "reports", "undescribed"),
    }
    areas = merge(documents, serves=everything)["tags"]
    assert [area["name"] for area in areas] == ["reports", "undescribed", "tasks", "plans", "identity", "operation"]
    assert areas[-1] == {"name": "operation", "description": "a"}


def test_a_path_has_one_owner() -> None:
    one = document({"/v1/tasks": "A"}, {"A": {}})
    with pytest.raises(PathTaken):
        merge({"a": one, "b": one}, serves=everything)
