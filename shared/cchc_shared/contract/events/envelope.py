"""One event as it is written, carried and read: CloudEvents 1.0 with three extensions of ours.

`subject` is the aggregate's id and the key of its order; `version` counts the events of that aggregate from 1 without a
gap; `occurred_at` is when the thing happened, `recorded_at` when the producer wrote it down. Nothing in an event can
refer back to it, so the collector of cycles need not look at events (`gc=False`).
"""

from datetime import datetime
from typing import Annotated, ClassVar
from uuid import UUID

import msgspec
from uuid_utils.compat import uuid7

from cchc_shared.contract.trace import traceparent as current_trace

Instant = Annotated[datetime, msgspec.Meta(tz=True)]
"""A moment with its time zone; one without is malformed."""


class EventData(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=False, gc=False):
    """Base class of every event's data. A reader ignores unknown fields, so that a producer may add some."""

    TYPE: ClassVar[str] = ""
    AGGREGATE: ClassVar[str] = ""
    TOPIC: ClassVar[str] = ""


class Event(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An event with its envelope. `data` holds codes, units and instants only: no free text, nobody's name."""

    id: UUID
    subject: str
    version: int
    occurred_at: datetime
    recorded_at: datetime
    data: EventData
    traceparent: str | None = None

    @property
    def type(self) -> str:
        return self.data.TYPE

    @property
    def aggregate(self) -> str:
        """Type and id of what the event speaks of: ids need only be unique within a type."""
        return f"{self.data.AGGREGATE}:{self.subject}"


def new_event(
    data: EventData,
    *,
    subject: str,
    version: int,
    occurred_at: datetime,
    recorded_at: datetime,
    traceparent: str | None = None,
) -> Event:
    """An event with an id of its own, ordered by the time it was made (UUID version 7), in the trace of its request."""
    return Event(
        id=uuid7(),
        subject=subject,
        version=version,
        occurred_at=occurred_at,
        recorded_at=recorded_at,
        data=data,
        traceparent=traceparent or current_trace.get(),
    )
