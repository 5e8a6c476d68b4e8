"""The heart of exactly-once: what becomes of one aggregate's records, given what is known of it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from cchc_shared.contract.events import Event, EventData, MalformedEvent, UnknownEventType, decode
from cchc_shared.stream.record import Envelope, Record

Reason = Literal["malformed", "failed", "gap", "behind"]


@dataclass(slots=True)
class Known:
    """What the inbox knows of one aggregate: its last applied version, and why later events park, if they do."""

    version: int = 0
    blocked: str | None = None


@dataclass(slots=True)
class Parked:
    """An event that this transaction parks, or that an earlier one parked and this one releases."""

    record: Record
    reason: Reason
    error: str | None = None


Step = tuple[Record, Event]
"""A record whose event may be applied, and that event."""


class Classified(NamedTuple):
    """What becomes of an aggregate's records: those that may be applied, those that park, and how many came before."""

    known: Known
    steps: list[Step]
    parked: list[Parked]
    duplicates: int


def classify(known: Known, candidates: Sequence[Record]) -> Classified:
    """Divide one aggregate's records into steps that may be taken and events that must park.

    An event whose version was applied is a duplicate. The next version is a step if it can be read, and *malformed* if
    not. A later version is a *gap*. After a gap or a malformed event, everything that follows is *behind*.
    """
    version, blocked = known.version, known.blocked
    steps: list[Step] = []
    parked: list[Parked] = []
    duplicates = 0
    for record in candidates if _in_order(candidates) else sorted(candidates, key=_order):
        envelope = record.envelope
        if blocked is None and record.version == version + 1 and isinstance(envelope, Envelope):
            try:
                steps.append((record, _event(envelope, record.version, decode(record.type, record.payload))))
                version += 1
            except (MalformedEvent, UnknownEventType) as error:
                blocked = "poison"
                parked.append(Parked(record, "malformed", str(error)))
        elif record.version is not None and record.version <= version:
            duplicates += 1
        elif blocked is not None:
            parked.append(Parked(record, "behind", record.fault))
        elif record.version is not None and record.version > version + 1:
            blocked = "gap"
            parked.append(Parked(record, "gap", f"version {version + 1} has not come"))
        else:
            blocked = "poison"
            parked.append(Parked(record, "malformed", record.fault or "no version in the envelope"))
    return Classified(Known(version, blocked), steps, parked, duplicates)


def _in_order(records: Sequence[Record]) -> bool:
    """Whether the versions are there and grow, as they do unless something is wrong."""
    last = 0
    for record in records:
        if record.version is None or record.version <= last:
            return False
        last = record.version
    return True


def _order(record: Record) -> tuple[int, Any]:
    """By version. A record without one comes after all that have one, in the order in which such were carried."""
    return (record.version if record.version is not None else 1 << 31, record.position)


def _event(envelope: Envelope, version: int, data: EventData) -> Event:
    return Event(
        id=envelope.id,
        subject=envelope.subject,
        version=version,
        occurred_at=envelope.occurred_at,
        recorded_at=envelope.recorded_at,
        data=data,
        traceparent=envelope.traceparent,
    )
