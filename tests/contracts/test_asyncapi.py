"""The document of the events stands alone: every reference is inside, and every example is what its schema says."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from jsonschema_rs import Draft202012Validator

from cchc_shared.contract.events import TOPICS, TYPES
from tests.support.contracts import documents
from tests.support.schemas import references

DOCUMENT: Mapping[str, Any] = json.loads(documents()["asyncapi.json"])


def resolved(reference: str) -> Mapping[str, Any]:
    node = DOCUMENT
    for part in reference.removeprefix("#/").split("/"):
        node = node[part]
    return node


def test_every_reference_leads_somewhere_inside() -> None:
    found = set(references(DOCUMENT))
    assert all(each.startswith("#/") for each in found)
    for each in found:
        assert resolved(each)


def test_every_event_has_its_channel_and_message() -> None:
    assert DOCUMENT["components"]["messages"].keys() == TYPES.keys()
    carried = {name for channel in DOCUMENT["channels"].values() for name in channel["messages"]}
    assert carried == TYPES.keys()
    assert DOCUMENT["channels"].keys() == set(TOPICS)
    assert DOCUMENT["servers"]["kafka"]["protocol"] == "kafka"


@pytest.mark.parametrize("name", TYPES)
def test_an_example_is_as_its_schema_says(name: str) -> None:
    message = DOCUMENT["components"]["messages"][name]
    [example] = message["examples"]
    for part in ("headers", "payload"):
        schema = resolved(message[part]["$ref"])
        Draft202012Validator({**schema, "components": DOCUMENT["components"]}).validate(example[part])
        assert example[part].keys() >= set(schema["required"])
    assert example["headers"]["ce_type"] == name
