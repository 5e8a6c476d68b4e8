"""What GeoReport v2 says of answers, written down apart from the code: shapes, and how XML becomes JSON.

Sources: Open311 GeoReport v2, JSON and XML conversion (Spark convention), and mySociety's Open311-FMS specification.
"""

from collections.abc import Mapping
from typing import Any, Final
from xml.etree import ElementTree as ET

import httpx
from jsonschema_rs import Draft202012Validator
from pydantic import JsonValue

CONTAINERS: Final = {
    "attributes": "attribute",
    "endpoints": "endpoint",
    "errors": "error",
    "formats": "format",
    "service_request_updates": "request_update",
    "service_requests": "request",
    "services": "service",
    "values": "value",
}
PROLOG: Final = b'<?xml version="1.0" encoding="UTF-8"?>'
MEDIA: Final = {"xml": "text/xml; charset=utf-8", "json": "application/json; charset=utf-8"}
STATES: Final = {
    *("open", "investigating", "in_progress", "planned", "action_scheduled", "fixed", "closed", "no_further_action"),
    *("not_councils_responsibility", "duplicate", "internal_referral", "cancelled", "reopen", "for_triage"),
}

_text: Final = {"type": "string"}
_instant: Final = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)$"}
_or_null: Final = {"type": ["string", "null"]}


def _object(required: Mapping[str, Any], **optional: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {**required, **optional},
        "required": list(required),
        "additionalProperties": False,
    }


def _several(item: Mapping[str, Any], least: int = 0) -> dict[str, Any]:
    return {"type": "array", "items": item, "minItems": least}


SHAPES: Final = {
    "errors": _several(_object({"code": {"type": "integer"}, "description": {"type": "string", "minLength": 1}}), 1),
    "discovery": _object(
        {
            "changeset": _instant,
            "contact": _text,
            "key_service": _text,
            "endpoints": _several(
                _object(
                    {
                        "specification": {"const": "http://wiki.open311.org/GeoReport_v2"},
                        "url": {"type": "string", "pattern": "^https?://[^/]+/open311/v2$"},
                        "changeset": _instant,
                        "type": {"enum": ["production", "test"]},
                        "formats": _several({"enum": ["text/xml", "application/json"]}, 1),
                    }
                ),
                1,
            ),
        },
        max_requests={"type": "integer"},
    ),
    "services": _several(
        _object(
            {
                "service_code": _text,
                "service_name": _text,
                "description": _text,
                "metadata": {"type": "boolean"},
                "type": {"enum": ["realtime", "batch", "blackbox"]},
                "keywords": _text,
                "group": _text,
            }
        )
    ),
    "service_definition": _object(
        {
            "service_code": _text,
            "attributes": _several(
                _object(
                    {
                        "variable": {"type": "boolean"},
                        "code": _text,
                        "datatype": {
                            "enum": ["string", "number", "datetime", "text", "singlevaluelist", "multivaluelist"]
                        },
                        "required": {"type": "boolean"},
                        "datatype_description": _or_null,
                        "order": {"type": "integer", "minimum": 1},
                        "description": _text,
                    },
                    values=_several(_object({"key": _text, "name": _text}), 1),
                    automated={"enum": ["server_set", "hidden_field"]},
                )
            ),
        }
    ),
    "created": {
        "type": "array",
        "minItems": 1,
        "maxItems": 1,
        "items": {
            "oneOf": [
                _object({"service_request_id": _text}, service_notice=_text),
                _object({"token": _text}, service_notice=_text),
            ]
        },
    },
    "token": {**_several(_object({"service_request_id": _text, "token": _text}), 1), "maxItems": 1},
    "service_requests": _several(
        _object(
            {
                "service_request_id": _text,
                "status": {"enum": ["open", "closed"]},
                "status_notes": _or_null,
                "service_name": _text,
                "service_code": _text,
                "description": _or_null,
                "agency_responsible": _or_null,
                "service_notice": _or_null,
                "requested_datetime": _instant,
                "updated_datetime": _instant,
                "expected_datetime": _instant,
                "address": _or_null,
                "address_id": _or_null,
                "zipcode": _or_null,
                "lat": {"type": ["number", "null"]},
                "long": {"type": ["number", "null"]},
                "media_url": _or_null,
            },
            extended_status={"enum": sorted(STATES)},
            extended_attributes=_object({"detailed_status": _text, "title": _or_null}),
        )
    ),
    "service_request_updates": _several(
        _object(
            {
                "update_id": _text,
                "service_request_id": _text,
                "status": {"enum": sorted(STATES)},
                "updated_datetime": _instant,
                "description": _text,
                "media_url": _or_null,
            }
        )
    ),
    "update_created": {**_several(_object({"update_id": _text}), 1), "maxItems": 1},
}


def spark(element: ET.Element) -> JsonValue:
    """An element as JSON has it, with every value as text."""
    if element.tag in CONTAINERS:
        assert {child.tag for child in element} <= {CONTAINERS[element.tag]}
        return [spark(child) for child in element]
    if len(element):
        assert len({child.tag for child in element}) == len(element)
        return {child.tag: spark(child) for child in element}
    return element.text


def as_text(value: JsonValue) -> JsonValue:
    """Every value of some JSON as XML writes it. An empty container and an empty text are one there: nothing."""
    match value:
        case dict():
            return {name: as_text(each) for name, each in value.items()}
        case list():
            return [as_text(each) for each in value]
        case bool():
            return str(value).lower()
        case None | "":
            return None
    return str(value)


def check(shape: str, content: JsonValue) -> None:
    """Raise if the JSON has not the shape."""
    Draft202012Validator(SHAPES[shape]).validate(content)


def read(answer: httpx.Response, form: str, root: str) -> JsonValue:
    """The content of an answer, of XML with every value as text. Raises where media type, prolog or root is wrong."""
    assert answer.headers["content-type"] == MEDIA[form]
    if form == "json":
        found: JsonValue = answer.json()
        return found
    assert answer.content.startswith(PROLOG)
    element = ET.fromstring(answer.content)  # noqa: S314 - our own answer
    assert element.tag == root
    return spark(element)
