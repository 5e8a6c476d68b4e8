"""The heart of exactly-once: what becomes of one aggregate's records, given what is known of it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple
from uuid import UUID

from cchc_shared.contract.events import Event, EventData, MalformedEvent, UnknownEventType, decode
from cchc_shared.stream.record import Envelope, Place, Record

CLOCKS_SECONDS: Final = 120.0
"""How far the clocks of two machines may be from each other, as with tokens."""

Reason = Literal["malformed", "failed", "gap", "behind", "conflict"]


@dataclass(slots=True)
class Known:
    """State of one aggregate in the inbox: its last applied version, and why later events park, if they do."""

    version: int = 0
    blocked: str | None = None
    last_id: UUID | None = None
    """The id of the event of that version. None: not known, or the version was given up."""


class GivenUp(NamedTuple):
    """Events of one aggregate that operators gave up: they never take effect, not even in a rebuild."""

    versions: Sequence[tuple[int, int]] = ()
    """First and last of each range of versions that need not come."""
    places: Sequence[Place] = ()
    """Where records stand whose version says nothing: they have none that can be read, or another event has it too."""

    def covers(self, record: Record) -> bool:
        """Whether nothing is to become of this record, wherever its aggregate stands."""
        version = record.version
        if version is None:
            return record.place in self.places
        return any(first <= version <= last for first, last in self.versions)

    def pass_over(self, known: Known) -> Known:
        """The same state after the versions that need not come next."""
        version = known.version
        while upto := next((last for first, last in self.versions if first <= version + 1 <= last), None):
            version = upto
        return known if version == known.version else Known(version, known.blocked)


NOTHING = GivenUp()


@dataclass(slots=True)
class Parked:
    """An event that this transaction parks, or that an earlier one parked and this one releases."""

    record: Record
    reason: Reason
    error: str | None = None


Step = tuple[Record, Event]
"""A record whose event may be applied, and that event."""


class Classified(NamedTuple):
    """Classified records of an aggregate: those to apply, those to park, and the number of duplicates."""

    known: Known
    steps: list[Step]
    parked: list[Parked]
    duplicates: int


def classify(known: Known, candidates: Sequence[Record], given_up: GivenUp = NOTHING) -> Classified:
    """Divide one aggregate's records into steps that may be taken and events that must park.

    An event whose version was applied is a duplicate, but one that shows another history of the aggregate is a
    *conflict*: it parks, and holds nothing up (see `_conflict` for what can be seen, and what cannot). The next version
    is a step if it can be read, and *malformed* if not. A later version is a *gap*. After a gap or a malformed event,
    everything that follows is *behind*. What operators gave up counts as a duplicate, also where something else waits:
    they have decided.
    """
    steps: list[Step] = []
    parked: list[Parked] = []
    duplicates = 0
    now = _freely(known, given_up)
    anything_given_up = bool(given_up.versions or given_up.places)  # hardly ever, and asked for every event
    for record in candidates if _in_order(candidates) else sorted(candidates, key=_order):
        envelope, version = record.envelope, record.version
        if anything_given_up and given_up.covers(record):
            duplicates += 1
        elif now.blocked is None and version == now.version + 1 and isinstance(envelope, Envelope):
            try:
                steps.append((record, _event(envelope, version, decode(record.type, record.payload))))
                now = Known(version, None, envelope.id)
                if anything_given_up:
                    now = _freely(now, given_up)
            except (MalformedEvent, UnknownEventType) as error:
                now = Known(now.version, "poison", now.last_id)
                parked.append(Parked(record, "malformed", str(error)))
        elif version is not None and version <= now.version:
            said = _conflict(version, envelope, now)
            if said is not None and record.place not in given_up.places:
                parked.append(Parked(record, "conflict", said))
            else:
                duplicates += 1
        elif now.blocked is not None:
            parked.append(Parked(record, "behind", record.fault))
        elif version is not None and version > now.version + 1:
            parked.append(Parked(record, "gap", f"version {now.version + 1} has not come"))
            now = Known(now.version, "gap", now.last_id)
        else:
            parked.append(Parked(record, "malformed", record.fault or "no version in the envelope"))
            now = Known(now.version, "poison", now.last_id)
    return Classified(now, steps, parked, duplicates)


def _freely(known: Known, given_up: GivenUp) -> Known:
    """Versions are passed over only where nothing waits: what waits is looked at again when an operator asks."""
    return known if known.blocked or not given_up.versions else given_up.pass_over(known)


def _conflict(version: int, envelope: object, now: Known) -> str | None:
    """How an event of a version that took effect shows that it belongs to another history; None if nothing shows it.

    Of each aggregate only the last id is kept: to keep all would cost as much again as all other bookkeeping. So
    another event of the last version is seen always. Of an older version it is seen by its age: an id says when it was
    made (UUID 7), and no event is made after the one that follows it. Clocks of two machines may differ, and so what
    is less than `CLOCKS_SECONDS` younger counts as the duplicate that it nearly always is.
    """
    if now.last_id is None or not isinstance(envelope, Envelope) or envelope.id == now.last_id:
        return None
    if version == now.version:
        return f"event {now.last_id} took effect as version {version}"
    made, last = _made(envelope.id), _made(now.last_id)
    if made is None or last is None or made - last <= CLOCKS_SECONDS:
        return None
    return f"event {now.last_id} took effect as version {now.version}, {made - last:.0f} s before this one was made"


def _made(event: UUID) -> float | None:
    """When an id was made, in seconds; None if it does not say."""
    return (event.int >> 80) / 1000 if event.version == 7 else None


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
