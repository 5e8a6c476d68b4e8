"""The contracts of the events, made from the code and committed, so that a change of one is seen in the other.

JSON Schemas, an AsyncAPI document, and a golden sample of each type. `cchc_embedded.contracts` writes and checks them.
"""

import datetime as dt
import json
import types
import typing
from enum import Enum
from pathlib import Path
from typing import Any

import msgspec

from cchc_shared.contract.events import TOPIC_PREFIX, TOPICS, TYPES, EventData, encode

GOLDEN = Path(__file__).parent / "events" / "golden"


def schema(data: type[EventData]) -> dict[str, Any]:
    """The JSON Schema (2020-12) of one event's data."""
    (reference,), components = msgspec.json.schema_components([data], ref_template="#/$defs/{name}")
    name = reference["$ref"].removeprefix("#/$defs/")
    own = components.pop(name)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:cchc:event:{data.TYPE}",
        **own,
        **({"$defs": components} if components else {}),
    }


def asyncapi() -> dict[str, Any]:
    """The events as one AsyncAPI 3 document: one channel a topic, one message an event type, with its golden sample."""
    by_topic = {topic: {name: data for name, data in sorted(TYPES.items()) if topic == data.TOPIC} for topic in TOPICS}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "CCHC events",
            "version": "1",
            "description": (
                "CloudEvents 1.0 in Kafka binary mode: envelope in ce_* headers, JSON data as value, aggregate id as "
                "key. Events of one aggregate are in order and counted from 1 by ce_aggregateversion."
            ),
        },
        "defaultContentType": "application/json",
        "servers": {
            "kafka": {
                "host": "{bootstrap}",
                "protocol": "kafka",
                "description": "Broker of the installation. Its operator grants access",
                "variables": {"bootstrap": {"default": "127.0.0.1:9092", "description": "Host and port of a broker"}},
            }
        },
        "channels": {
            topic: {
                "address": TOPIC_PREFIX + topic,
                "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
            }
            for topic, messages in by_topic.items()
        },
        "operations": {
            f"publish_{topic}": {"action": "send", "channel": {"$ref": f"#/channels/{topic}"}} for topic in TOPICS
        },
        "components": {
            "messages": {
                name: {
                    "name": name,
                    "summary": (data.__doc__ or "").strip().split("\n")[0],
                    "headers": {"$ref": "#/components/schemas/envelope"},
                    "payload": {"$ref": f"#/components/schemas/{name}"},
                    "examples": [{"name": "sample", "headers": _envelope_sample(data), "payload": golden(data)}],
                }
                for name, data in sorted(TYPES.items())
            },
            "schemas": {"envelope": _envelope(), **_schemas()},
        },
    }


def golden(data: type[EventData]) -> Any:
    """The golden sample of a type; a type that has none yet is shown by the sample that it will get."""
    file = GOLDEN / f"{data.TYPE}.json"
    return json.loads(file.read_text(encoding="utf-8") if file.exists() else encode(sample(data)))


def _schemas() -> dict[str, Any]:
    """The schemas of all types in one namespace."""
    _, components = msgspec.json.schema_components(list(TYPES.values()), ref_template="#/components/schemas/{name}")
    types_by_name = {data.__name__: name for name, data in TYPES.items()}
    return {types_by_name.get(name, name): component for name, component in sorted(components.items())}


def _envelope_sample(data: type[EventData]) -> dict[str, str]:
    return {
        "ce_specversion": "1.0",
        "ce_id": "01930000-0000-7000-8000-000000000001",
        "ce_source": "urn:cchc:example",
        "ce_type": data.TYPE,
        "ce_subject": "code-1",
        "ce_time": "2024-06-28T09:30:00Z",
        "ce_recordedtime": "2024-06-28T09:30:00Z",
        "ce_aggregatetype": data.TOPIC,
        "ce_aggregateversion": "1",
    }


def _envelope() -> dict[str, Any]:
    text = {"type": "string"}
    instant = {"type": "string", "format": "date-time"}
    return {
        "type": "object",
        "required": [
            *("ce_specversion", "ce_id", "ce_source", "ce_type", "ce_subject", "ce_time"),
            *("ce_aggregatetype", "ce_aggregateversion", "ce_recordedtime"),
        ],
        "properties": {
            "ce_specversion": {"const": "1.0"},
            "ce_id": {"type": "string", "format": "uuid"},
            "ce_source": text,
            "ce_type": text,
            "ce_subject": text | {"description": "Id of the aggregate. Events of one aggregate are in order"},
            "ce_time": instant | {"description": "Time at which it happened"},
            "ce_recordedtime": instant | {"description": "Time at which the producer recorded it"},
            "ce_aggregatetype": text,
            "ce_aggregateversion": {"type": "string", "pattern": "^[1-9][0-9]*$"},
            "ce_traceparent": text,
        },
    }


def sample(data: type[EventData]) -> EventData:
    """An event with a value in every field, the same at every call."""
    hints = typing.get_type_hints(data)
    names = [field.name for field in msgspec.structs.fields(data)]
    return data(**{name: _value(name, hints[name]) for name in names})


def _value(name: str, kind: Any) -> Any:
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in {types.UnionType, typing.Union}:
        return _value(name, next(argument for argument in arguments if argument is not type(None)))
    if origin is typing.Literal:
        return arguments[0]
    if origin is tuple:
        return (_value(name, arguments[0]),)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return next(iter(kind))
    simple: dict[Any, Any] = {
        str: f"{name}-1",
        int: 1,
        bool: False,
        dt.datetime: dt.datetime(2024, 6, 28, 9, 30, tzinfo=dt.UTC),
        dt.date: dt.date(2024, 6, 28),
    }
    return simple[kind]


def documents() -> dict[str, str]:
    """Every generated file of this package by its path below the contracts' folder."""
    files = {f"events/{name}.schema.json": _json(schema(data)) for name, data in TYPES.items()}
    files["asyncapi.json"] = _json(asyncapi())
    return files


def _json(document: Any) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def differences(folder: Path, files: dict[str, str]) -> list[str]:
    """Names of files that are missing or differ from what the code says."""
    return [
        name
        for name, content in files.items()
        if not (folder / name).is_file() or (folder / name).read_text(encoding="utf-8") != content
    ]


def write(folder: Path, files: dict[str, str]) -> None:
    """Write the files, and golden samples for event types that have none."""
    for name, content in files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(content, encoding="utf-8")
    GOLDEN.mkdir(exist_ok=True)
    for name, data in TYPES.items():
        target = GOLDEN / f"{name}.json"
        if not target.exists():  # a sample that was shipped is never rewritten: old events do not change either
            target.write_text(_json(json.loads(encode(sample(data)))), encoding="utf-8")
