"""The events by which the services meet."""

from cchc_shared.contract.events.envelope import Event, EventData, new_event
from cchc_shared.contract.events.registry import (
    TOPIC_PREFIX,
    TOPICS,
    TYPES,
    MalformedEvent,
    UnknownEventType,
    decode,
    encode,
)

__all__ = [
    "TOPICS",
    "TOPIC_PREFIX",
    "TYPES",
    "Event",
    "EventData",
    "MalformedEvent",
    "UnknownEventType",
    "decode",
    "encode",
    "new_event",
]
