"""The events by which the services meet."""

from cchc_shared.events.envelope import Event, EventData, new_event
from cchc_shared.events.registry import TOPICS, TYPES, MalformedEvent, UnknownEventType, decode, encode

__all__ = [
    "TOPICS",
    "TYPES",
    "Event",
    "EventData",
    "MalformedEvent",
    "UnknownEventType",
    "decode",
    "encode",
    "new_event",
]
