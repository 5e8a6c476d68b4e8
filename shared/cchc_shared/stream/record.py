"""What either carrier hands over: records with their positions, and batches of them."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

START = (-1, -1)
"""The position before the first record."""

Position = tuple[int, int]
"""Where a record stands in its partition; compares in reading order. (xid, seq) in PostgreSQL, (offset, 0) in Kafka."""

Slot = tuple[str, int]
"""A topic and one of its partitions."""


class Record(NamedTuple):
    """One event as it was carried, its envelope not yet read.

    `version` is None and `fault` says why when the envelope itself cannot be read.
    """

    topic: str
    partition: int
    position: Position
    aggregate: str
    """Aggregate type and id, `task:NV-7`: the key of the order."""
    version: int | None
    type: str
    payload: bytes
    headers: Mapping[str, Any]
    """`id`, `subject`, `occurred_at`, `recorded_at` and, where there is one, `traceparent`; each as text, or already as
    what the text stands for: nobody writes out a moment only to read it again."""
    fault: str | None = None


class Advance(NamedTuple):
    """The step of one partition that a batch makes: from the position before it to that of its last record."""

    after: Position
    upto: Position


class Batch(NamedTuple):
    """Records in order per partition, and the steps that storing their effect makes."""

    records: Sequence[Record]
    advances: Mapping[Slot, Advance]


class Source(Protocol):
    """A carrier as a consumer sees it. Members of one consumer share the partitions among them."""

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
