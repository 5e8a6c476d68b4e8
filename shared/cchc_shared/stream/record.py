"""Records with their positions, and batches of them, as either transport delivers them."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple, Protocol
from uuid import UUID

import msgspec

from cchc_shared.contract.events.envelope import Instant

START = (-1, -1)
"""The position before the first record."""

Position = tuple[int, int]
"""Where a record stands in its partition; compares in reading order. (xid, seq) in PostgreSQL, (offset, 0) in Kafka."""

Slot = tuple[str, int]
"""A topic and one of its partitions."""

Place = tuple[str, int, int, int]
"""Topic, partition and position: where one record stands."""


class Envelope(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """Envelope of an event: its metadata beside type and version."""

    id: UUID
    subject: str
    occurred_at: Instant
    recorded_at: Instant
    traceparent: str | None = None


MAX_AGGREGATE: Final = 500
"""How long the name of an aggregate may be."""


class Record(msgspec.Struct, frozen=True, gc=False):
    """One event as it was carried, its data not yet read.

    Where the envelope cannot be read, `fault` says why, and `version` is None if that cannot be read either.
    """

    topic: str
    partition: int
    position: Position
    aggregate: str
    """Aggregate type and id, `task:NV-7`: the key of the order."""
    version: int | None
    type: str
    payload: bytes
    envelope: Envelope | Mapping[str, Any]
    """With a fault, what was found instead."""
    fault: str | None = None

    @property
    def place(self) -> Place:
        """Where the record stands; it names no event for ever, for a topic may be made anew."""
        return self.topic, self.partition, *self.position


def read_envelope(headers: Mapping[str, Any]) -> tuple[Envelope | Mapping[str, Any], str | None]:
    """The envelope and no fault; or the headers as they are, and what is wrong with them."""
    try:
        return msgspec.convert(headers, Envelope), None
    except msgspec.ValidationError as error:
        return headers, f"envelope: {error}"


class Advance(NamedTuple):
    """The step of one partition that a batch makes: from the position before it to that of its last record."""

    after: Position
    upto: Position
    mark: UUID | None = None
    """The id of the event at `upto`, for transports whose positions do not tell that the log is still the same."""


class Batch(NamedTuple):
    """Records in order per partition, and the steps that storing their effect makes."""

    records: Sequence[Record]
    advances: Mapping[Slot, Advance]


class Source(Protocol):
    """A transport as a consumer sees it. Members of one consumer share the partitions among them."""

    async def start(self) -> None:
        """Join the consumer's other members."""

    async def next(self, limit: int, wait: float) -> Batch | None:
        """The next records of the partitions this member holds; None when `wait` seconds brought none."""

    async def rewind(self) -> None:
        """Forget what was read: go on from the stored positions."""

    async def lag(self) -> dict[Slot, int]:
        """How many records each held partition still has to give; counts far behind may stop at a bound."""

    async def stop(self) -> None:
        """Leave, so that others take over at once."""
