"""Declares a source of facts: which duties and occurrences follow from its events."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, NewType, Protocol, TypeVar

import msgspec

from cchc_shared.contract.events import EventData

Measure = NewType("Measure", str)
"""What is counted, as `task.completion`. Index sets name these in their indicators."""

E = TypeVar("E", bound=EventData)


class TargetDuty(msgspec.Struct, frozen=True, gc=False):
    """A duty as it must stand after an event. `due_at` is the first instant at which it is late; None: no duty.

    `anew` says that it begins with this event, though the same unit may have had it before. `handed_on` says that
    handing on was itself what had to be done by whoever had it before.

    It counts in the month in which it falls due, or in that of `counts_from`, an earlier time, where a period is judged
    at its end: what is not due by then is not late in it, whatever comes later. `resumes` says that what was done may
    go on, as after a wait: there is one duty then, and what it becomes takes the place of what it was.
    """

    measure: Measure
    code: str
    unit: str
    due_at: datetime | None
    done_at: datetime | None
    anew: bool = False
    handed_on: bool = False
    counts_from: datetime | None = None
    resumes: bool = False


class Occurred(msgspec.Struct, frozen=True, gc=False):
    """Something that happened to a unit and counts by itself; in the month of `at`, where that is not the event's."""

    measure: Measure
    code: str
    unit: str
    at: datetime | None = None


class Withdrawn(msgspec.Struct, frozen=True, gc=False):
    """What the event of that version of the same aggregate counted as, which from now on counts no more."""

    measure: Measure
    unit: str
    version: int
    at: datetime


class Reassigned(Protocol):
    """What an event says of a unit that ended and its heir."""

    @property
    def from_unit(self) -> str | None: ...

    @property
    def to_unit(self) -> str | None: ...


def is_inherited(event: Reassigned) -> bool:
    """Whether a duty passed to another unit that has the same code: official codes are used again."""
    return event.to_unit is not None and event.to_unit == event.from_unit


@dataclass(frozen=True)
class FactSource(Generic[E]):
    """One kind of aggregate, and what its events mean.

    Every event carries the aggregate's state after the fact, so the duties follow from the newest event alone:
    `target` gives one `TargetDuty` for each measure in `duties`. The few types of events that can count by themselves
    say in `occurred` as what, one of `occurrences`, if anything; in `withdrawn`, which earlier one counts no more.
    """

    events: type[E]
    duties: tuple[Measure, ...]
    target: Callable[[E], tuple[TargetDuty, ...]]
    occurrences: tuple[Measure, ...]
    occurred: Mapping[type[EventData], Callable[[Any], tuple[Occurred, ...]]]
    withdrawn: Mapping[type[EventData], Callable[[Any], Withdrawn | None]] = field(default_factory=dict)

    @property
    def aggregate(self) -> str:
        return self.events.AGGREGATE

    def occurrences_of(self, data: EventData) -> tuple[Occurred, ...]:
        """What the event itself counts as."""
        said = self.occurred.get(type(data))
        return said(data) if said else ()

    def withdrawal(self, data: EventData) -> Withdrawn | None:
        """Which earlier occurrence counts no more, because of the event."""
        said = self.withdrawn.get(type(data))
        return said(data) if said else None
