"""What callers may send is bounded: every text has a longest length, every list a greatest number."""

import json
from collections.abc import Iterator

import pytest

from tests.support.contracts import documents
from tests.support.http import Json

CONTRACT: Json = json.loads(documents()["openapi/gateway.json"])
SCHEMAS: Json = CONTRACT["components"]["schemas"]
CLOSED = {"enum", "const", "pattern", "maxLength"}
FORMS = {"date", "date-time", "uuid", "uri", "binary"}


def unbounded(schema: Json, path: str, seen: frozenset[str] = frozenset()) -> Iterator[str]:
    """Places in a schema where a caller may send as much as he likes."""
    if (name := schema.get("$ref", "").rpartition("/")[2]) and name not in seen:
        yield from unbounded(SCHEMAS[name], path, seen | {name})
    for choice in (*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ())):
        yield from unbounded(choice, path, seen)
    if schema.get("type") == "string" and not (CLOSED & schema.keys() or schema.get("format") in FORMS):
        yield f"{path}: a text without a longest length"
    if schema.get("type") == "array":
        if "maxItems" not in schema:
            yield f"{path}: a list without a greatest number"
        yield from unbounded(schema.get("items", {}), f"{path}[]", seen)
    for name, part in schema.get("properties", {}).items():
        yield from unbounded(part, f"{path}.{name}", seen)


def test_everything_that_callers_send_is_bounded() -> None:
    found: list[str] = []
    for item in CONTRACT["paths"].values():
        for operation in item.values():
            name = operation["operationId"]
            for parameter in operation.get("parameters", ()):
                found += unbounded(parameter["schema"], f"{name} {parameter['name']}")
            for content in operation.get("requestBody", {}).get("content", {}).values():
                found += unbounded(content["schema"], name)
    assert found == []


def test_every_text_of_an_address_and_every_header_has_a_form() -> None:
    """Not only a length: a value from a list, or a pattern with words of its own."""
    found = [
        f"{operation['operationId']} {parameter['name']}"
        for item in CONTRACT["paths"].values()
        for operation in item.values()
        for parameter in operation.get("parameters", ())
        for choice in (parameter["schema"], *parameter["schema"].get("anyOf", ()))
        if choice.get("type") == "string" and not {"enum", "const", "pattern", "format"} & choice.keys()
    ]
    assert found == []


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ({"type": "string"}, ["x: a text without a longest length"]),
        ({"type": "array", "items": {"type": "string", "maxLength": 5}}, ["x: a list without a greatest number"]),
        ({"type": "array", "maxItems": 5, "items": {"type": "string"}}, ["x[]: a text without a longest length"]),
        ({"properties": {"y": {"anyOf": [{"type": "string"}]}}}, ["x.y: a text without a longest length"]),
        ({"type": "string", "format": "date"}, []),
    ],
)
def test_what_is_not_bounded_is_found(schema: Json, said: list[str]) -> None:
    assert list(unbounded(schema, "x")) == said
