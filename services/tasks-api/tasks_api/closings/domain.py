"""The sheet of a reporting month: how the tasks of each unit came in and what became of them. Pure."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple

import msgspec


class Span(NamedTuple):
    """What a sheet is counted between: two ends of a month, each as it was known at an instant.

    `begin` is the end of the month before, by what was recorded before `carried_known`; `end` that of the month itself,
    by what was recorded before `known`, which is never earlier.
    """

    begin: datetime
    carried_known: datetime
    end: datetime
    known: datetime


class Figures(msgspec.Struct, frozen=True):
    """Tasks of a month. For each unit and for all: what came in is what there was, and what there was is what became
    of it:

        carried_over + assigned + received - passed_on = total = completed + closed + open

    A task is of the month if it was assigned by its end and had not ended when the month began. It *ends* in the month
    in which it was closed, or in which the report was made that was approved; approval may come later, if the closing
    still learns of it.
    """

    carried_over: int = 0
    """Open when the month began: what the newest sheet of the month before gives as `open`."""
    assigned: int = 0
    """New: assigned in the month, or before it and entered only after that month was closed."""
    received: int = 0
    """Led by this unit at the end, and by another when the month began or the task was assigned."""
    passed_on: int = 0
    """The other way round."""
    total: int = 0
    due: int = 0
    """Of the total, with their last day in the month."""
    completed: int = 0
    completed_late: int = 0
    """Of those, reported after their last day."""
    closed: int = 0
    """Ended in another way."""
    open: int = 0
    overdue: int = 0
    """Of those, with a last day that is over with the month, and no report in time that awaits approval."""
    awaiting_approval: int = 0
    """Of those, reported in time."""
    no_deadline: int = 0
    """Of those, without a last day."""
    missed: int = 0
    """Duties that the unit passed on late in the month, or that were closed late. A task may have several."""

    def __add__(self, other: "Figures") -> "Figures":
        both = zip(msgspec.structs.astuple(self), msgspec.structs.astuple(other), strict=True)
        return Figures(*(one + more for one, more in both))


class UnitRow(msgspec.Struct, frozen=True):
    """The figures of a unit, under its name at the end of the month."""

    unit: str
    name: str
    figures: Figures


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """A version of a month. Its JSON is kept for ever, and read by this type: a later field needs a default."""

    month: str
    version: int
    as_of: date
    """The last day of the month: tasks are counted as they stood at its end."""
    known_at: datetime
    """Only what was recorded before this instant is counted."""
    carried_from: int | None
    """Version of the month before whose open tasks are carried over; None where it was not closed."""
    carried_known_at: datetime
    """The same instant of the month before; where that was not closed, `known_at`."""
    closed_at: datetime
    rule: str | None
    rules_version: str
    reason: str | None
    total: Figures
    units: Sequence[UnitRow]


def total(rows: Iterable[Figures]) -> Figures:
    """The sum; the figures of nothing are zeros."""
    return sum(rows, Figures())


def changed(former: Sheet | None, sheet: Sheet) -> list[str]:
    """Codes of the units whose figures differ; one that a sheet lacks, or the first sheet has, had zeros."""
    old = {} if former is None else {row.unit: row.figures for row in former.units}
    new = {row.unit: row.figures for row in sheet.units}
    return sorted(unit for unit in old.keys() | new.keys() if old.get(unit, Figures()) != new.get(unit, Figures()))
