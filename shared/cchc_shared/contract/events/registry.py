"""Every event type that was ever shipped, and how its bytes become an object."""

from collections.abc import Iterator

import msgspec

from cchc_shared.contract.events import (
    consultation,
    dossier,
    dossier_step,
    feedback,
    inspection,
    plan,
    procedure,
    submission,
    task,
    unit,
)
from cchc_shared.contract.events.envelope import EventData

TOPICS = ("tasks", "feedback", "dossiers")
"""One topic for each producing service, named after its database schema."""

TOPIC_PREFIX = "cchc."
"""On Kafka; another prefix keeps two installations on one Kafka apart."""


class UnknownEventType(ValueError):
    """Nobody told this program of such an event: it cannot be applied, and must not be skipped."""


class MalformedEvent(ValueError):
    """The bytes are not the event that their type promises."""


def _leaves(base: type[EventData]) -> Iterator[type[EventData]]:
    for child in base.__subclasses__():
        if child.TYPE:
            yield child
        yield from _leaves(child)


# The modules are imported for their classes; naming them keeps that visible.
MODULES = (unit, plan, task, inspection, consultation, submission, feedback, dossier, dossier_step, procedure)
TYPES: dict[str, type[EventData]] = {cls.TYPE: cls for cls in _leaves(EventData)}

_decoders = {name: msgspec.json.Decoder(cls) for name, cls in TYPES.items()}
_encoder = msgspec.json.Encoder()


def encode(data: EventData) -> bytes:
    """The data as JSON, UTF-8."""
    return _encoder.encode(data)


def decode(event_type: str, payload: bytes | str) -> EventData:
    """The data of a known type. Raises `UnknownEventType` or `MalformedEvent`."""
    decoder = _decoders.get(event_type)
    if decoder is None:
        raise UnknownEventType(event_type)
    try:
        return decoder.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise MalformedEvent(f"{event_type}: {error}") from error
