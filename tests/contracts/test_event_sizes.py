"""Nothing that callers may send makes an event too large: by the bounds of the contract, every event fits."""

import json
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any
from uuid import UUID

import msgspec
import pytest
from msgspec import inspect

from cchc_shared.contract.events import TYPES, Event, EventData
from cchc_shared.stream import outbox
from tasks_api.tasks.domain import MOST_COORDINATING
from tasks_api.tasks.effects import REVISED
from tests.support.contracts import documents

CONTRACT = json.loads(documents()["openapi/gateway.json"])
SCHEMAS = CONTRACT["components"]["schemas"]


def longest(schema: str, name: str) -> int:
    """How long a text of a body may be, and how many parts a list may have."""
    field = SCHEMAS[schema]["properties"][name]
    choices = [field, *field.get("anyOf", ())]
    return int(next(each[bound] for each in choices for bound in ("maxLength", "maxItems") if bound in each))


CODE = max(
    [
        *(longest("TaskIn", name) for name in ("lead_unit", "parent")),
        *(longest("UnitIn", name) for name in ("parent",)),
        *(longest("FeedbackIn", name) for name in ("unit", "category")),
        *(SCHEMAS[schema]["properties"][name]["items"]["maxLength"] for schema, name in (
            ("TaskIn", "coordinating_units"),
            ("UnitIn", "successors"),
        )),
    ]
)  # fmt: skip
"""Codes and numbers of every kind."""
IMPORT = CONTRACT["paths"]["/v1/plans/import"]["post"]["requestBody"]["content"]["multipart/form-data"]["schema"]
LONGEST = {
    "name": longest("UnitIn", "name"),
    "issuer": int(IMPORT["properties"]["issuer"]["maxLength"]),
    "document_no": int(IMPORT["properties"]["document_no"]["maxLength"]),
}
MOST = {
    "coordinating_units": max(longest("TaskIn", "coordinating_units"), MOST_COORDINATING),
    "successors": longest("UnitIn", "successors"),
    "parts": longest("FeedbackSplitIn", "parts"),
    "duplicates": longest("FeedbackMergeIn", "duplicates"),
    "fields": len(REVISED),
    "participants": longest("MeetingIn", "participants"),
}
WORST = "\x01"
"""Takes six bytes in JSON, more than any other character."""
AT = datetime(2999, 12, 31, 23, 59, 59, 999999, UTC)
Value = Any
"""Of whatever type the field has."""
PLAIN: dict[type[inspect.Type], Value] = {
    inspect.IntType: -(1 << 63),
    inspect.BoolType: False,
    inspect.DateType: date(2999, 12, 31),
    inspect.DateTimeType: AT,
}


def largest(kind: inspect.Type, name: str) -> Value:
    """The value of a field that takes the most room."""
    match kind:
        case inspect.UnionType():
            return largest(next(each for each in kind.types if not isinstance(each, inspect.NoneType)), name)
        case inspect.StrType():
            return WORST * LONGEST.get(name, CODE)
        case inspect.VarTupleType():
            return (largest(kind.item_type, ""),) * MOST[name]
        case inspect.EnumType():
            return max(kind.cls, key=lambda member: len(str(member.value)) if isinstance(member, Enum) else 0)
    return PLAIN[type(kind)]


@pytest.mark.parametrize("name", TYPES)
def test_the_largest_event_of_each_type_can_be_recorded(name: str) -> None:
    kind: type[EventData] = TYPES[name]
    described = inspect.type_info(kind)
    assert isinstance(described, inspect.StructType)
    data = kind(**{field.name: largest(field.type, field.name) for field in described.fields})
    event = Event(
        id=UUID(int=0),
        subject=WORST * CODE,
        version=(1 << 31) - 1,
        occurred_at=AT,
        recorded_at=AT,
        traceparent=f"00-{'0' * 32}-{'0' * 16}-00",
        data=data,
    )
    assert len(msgspec.json.encode(WORST)) == 2 + 6
    assert len(outbox.record(event)) < outbox.EVENT_BYTES
