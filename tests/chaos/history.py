"""What clients were told during a run, and what the system shows afterwards: the words that all checks share.

A client's *operation* is one thing it wanted done once, however often it sent it. Acknowledged, it must be there, once,
at the version that the acknowledgement named, with the content that was sent. Refused, it must not be there. Neither
(timeout, 502, 503), it may have happened or not, but once at the most. Whatever is there must have been asked for by
somebody. A *read* is one answer to one client.

Knows nothing of HTTP or of the services. The checks are in `anomalies.py`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Anomaly(StrEnum):
    """What can be wrong with an item."""

    LOST = "lost"
    DOUBLED = "doubled"
    OUT_OF_ORDER = "out_of_order"
    DIFFERENT = "different"
    STALE = "stale"


@dataclass(frozen=True, order=True)
class Finding:
    """One thing that is wrong: with which item, where it was looked for, and what was found there."""

    anomaly: Anomaly
    id: str
    where: str
    detail: str

    def __str__(self) -> str:
        return f"{self.anomaly} {self.id} ({self.where}): {self.detail}"


@dataclass(frozen=True, kw_only=True)
class Operation:
    """What one client wanted done once, and what it was told.

    `ref` is the client's own name of the item that it creates; an action on an item names its `code` and the version it
    was `based_on` instead. `told` is every (code, version) that an acknowledgement named: several where the client sent
    the operation several times; none where it was never acknowledged. `refused`: the answer was that another's action
    came first. `by` is the person who acted, `content` the fields that were sent.
    """

    id: str
    action: str
    started_at: datetime
    ref: str | None = None
    code: str | None = None
    based_on: int | None = None
    by: str | None = None
    content: Mapping[str, object] = field(default_factory=dict)
    told: tuple[tuple[str, int], ...] = ()
    refused: bool = False
    acknowledged_at: datetime | None = None


@dataclass(frozen=True)
class Entry:
    """One line of an item's own history: the status after it, who acted, and what was given with the action."""

    version: int
    action: str
    at: datetime
    status: str = ""
    by: str | None = None
    content: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Item:
    """A report or a task as the system shows it in the end."""

    code: str
    ref: str | None
    version: int
    entries: Sequence[Entry]
    content: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Read:
    """One answer to one client that asked for an item: `version` is None where it was told that there is none.

    `known` is the newest version that the same client had been told of when it asked.
    """

    client: str
    code: str
    known: int
    version: int | None
    status: str | None
