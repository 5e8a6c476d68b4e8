"""The reference has all that the contract says."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from gateway.developers import guides
from gateway.developers.guides import GUIDES, PROBLEMS, ROOT, changelog, guide
from gateway.developers.pages import page
from gateway.developers.reference import Reference, events


def contract(name: str) -> dict[str, Any]:
    return json.loads((ROOT / "docs/contracts" / name).read_text("utf-8"))  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return contract("openapi/gateway.json")


@pytest.fixture(scope="module")
def reference(document: dict[str, Any]) -> Reference:
    return Reference(document)


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield path, method.upper(), operation


def test_each_operation_of_the_contract_is_there_with_its_parameters(
    document: dict[str, Any], reference: Reference
) -> None:
    listed = [each for area in reference.areas for each in area.operations]
    assert sorted(each.id for each in listed) == sorted(each["operationId"] for _, _, each in operations(document))
    for path, method, said in operations(document):
        found = reference.operations[said["operationId"]]
        assert (found.path, found.method) == (path, method)
        assert [each.name for each in found.parameters] == [each["name"] for each in said.get("parameters", [])]
        assert [each.media for each in found.bodies] == list(said.get("requestBody", {}).get("content", {}))


def test_what_a_schema_names_is_on_the_same_page(reference: Reference) -> None:
    for operation in reference.operations.values():
        shown = set(operation.schemas)
        for name in shown:
            schema = reference.schemas[name]
            named = {link for each in schema.fields for link in each.kind.links} | set(schema.kind.links)
            assert named <= shown, (operation.id, name)


def test_each_problem_of_an_operation_stands_in_the_table(reference: Reference) -> None:
    table = str(guide(PROBLEMS).body)
    codes = {each.code for operation in reference.operations.values() for each in operation.problems}
    assert len(codes) > 70
    assert [code for code in sorted(codes) if f'id="{guides.anchor(code)}"' not in table] == []


def test_a_page_shows_bounds_examples_and_the_schemas(reference: Reference) -> None:
    said = reference.operations["dossiers.send"]
    html = page("operation", operation=said, schemas=[reference.schemas[each] for each in said.schemas])
    for words in ('data-path="/v1/dossiers/events"', "≤ 1000 mục", 'id="schema-DeliveryIn"', "H26.11-260302-0001"):
        assert words in html
    assert "DossierStatus" in said.schemas


def test_files_are_not_written_by_hand(reference: Reference) -> None:
    given = {each.media: each.is_text for one in reference.operations.values() for each in one.bodies}
    assert given["application/json"]
    assert given["application/x-ndjson"]
    assert not given["multipart/form-data"]


def test_each_event_has_its_schema_and_an_example() -> None:
    document = contract("asyncapi.json")
    schemas, found = events(document)
    assert {each.name for each in found} == set(document["components"]["messages"])
    for each in found:
        assert json.loads(each.example)
        assert {link for field in each.schema.fields for link in field.kind.links} <= set(each.schemas) <= set(schemas)


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}]}, "string (date) | null"),
        ({"type": "array", "items": {"$ref": "#/components/schemas/Unit"}}, "Unit[]"),
        ({"enum": ["a", 1]}, '"a" | 1'),
        ({"type": ["string", "integer"]}, "string | integer"),
        ({"type": "object", "additionalProperties": {"type": "integer"}}, "object: integer"),
        ({"const": "x"}, '"x"'),
        ({}, "any"),
    ],
)
def test_what_a_value_may_be_is_said_in_words(schema: dict[str, Any], words: str) -> None:
    document = {"paths": {}, "components": {"schemas": {"It": {"properties": {"it": schema}}}}}
    assert Reference(document).schemas["It"].fields[0].kind.words == words


def test_guides_have_titles_and_no_markup_of_strangers() -> None:
    for name in GUIDES:
        assert guide(name).title
        assert "<script" not in guide(name).body
    assert changelog().title == "Changelog"
    assert (
        guides.inline("<script>alert(1)</script> `a`")
        == "<p>&lt;script&gt;alert(1)&lt;/script&gt; <code>a</code></p>\n"
    )
