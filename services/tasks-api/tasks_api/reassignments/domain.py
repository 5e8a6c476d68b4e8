"""Which unit takes the place of one that ended, in every piece of open work. Pure: the day is an argument.

What a preview shows and what a run does are decided here, so they agree.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property
from typing import Final, NamedTuple

import msgspec

from cchc_shared.calendar.working_time import WorkingCalendar
from cchc_shared.contract.rules import RuleBroken
from cchc_shared.contract.wording import unmarked
from tasks_api.units.domain import Succession, Unit, successors_on

MOST_ROWS: Final = 5000


class Work(StrEnum):
    """Kinds of work that units owe, or follow up."""

    TASK = "task"
    CONSULTATION = "consultation"
    RECOMMENDATION = "recommendation"
    SUBMISSION = "submission"


class Seat(StrEnum):
    """What a unit is to a piece of work. The first of each kind does it, the second waits for it or decides on it."""

    LEAD = "lead"
    ASSIGNING = "assigning"
    ASKED = "asked"
    ASKER = "asker"
    RESPONSIBLE = "responsible"
    INSPECTING = "inspecting"
    SENDER = "sender"
    RECEIVER = "receiver"


FOLLOWS_TASK: Final = frozenset({Seat.ASKER, Seat.SENDER})
"""Whoever leads the task sits here: it asked, and it submits."""


class Why(StrEnum):
    """Why a piece of work waits."""

    SEVERAL = "several_successors"
    NONE = "no_successor"
    NOBODY = "nobody_named"
    """The mapping says that no unit takes it: the assigning unit decides."""


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A row of a mapping: work of `from_unit` goes to `to_unit`, or to nobody; only what fits all that it names.

    Of several rows that fit the first counts.
    """

    from_unit: str
    to_unit: str | None
    work: Work | None = None
    plan: str | None = None
    source: str | None = None
    words: str | None = None

    def fits(self, item: "Item", work: Work) -> bool:
        return (
            (self.work is None or self.work is work)
            and (self.plan is None or self.plan == item.plan)
            and (self.source is None or _has(item.source, self.source))
            and (self.words is None or _has(item.text, self.words))
        )


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """Open work of which at least one seat belongs to a unit that ended, with the code and the day it was taken."""

    work: Work
    id: int
    code: str
    version: int
    seats: Mapping[Seat, tuple[str, datetime]]
    task_lead: str | None = None
    plan: str | None = None
    source: str = ""
    text: str = ""


class Outcome(NamedTuple):
    """What becomes of one seat: `to_unit` takes it, or it waits, and `why`."""

    work: Work
    code: str
    seat: Seat
    from_unit: str
    from_until: date
    to_unit: str | None
    why: Why | None

    @property
    def key(self) -> tuple[str, str, str]:
        """The order of lists."""
        return self.work, self.code, self.seat

    @property
    def succession(self) -> Succession | None:
        return None if self.to_unit is None else Succession(self.from_unit, self.from_until, self.to_unit)


class Heirs:
    """The units that ended before a day, and who is there on it."""

    def __init__(self, units: Iterable[Unit], today: date, calendar: WorkingCalendar) -> None:
        self._calendar = calendar
        self._today = today
        self._units = list(units)
        self._successors: dict[tuple[str, date | None], list[Unit]] = {}

    @cached_property
    def there(self) -> Mapping[str, Unit]:
        """The units of the day, by code."""
        return {unit.code: unit for unit in self._units if unit.valid_on(self._today)}

    @cached_property
    def ended(self) -> Mapping[str, Sequence[Unit]]:
        """The units that ended, by code, the last one last."""
        found: dict[str, list[Unit]] = {}
        for unit in sorted(self._units, key=lambda unit: unit.valid_to or date.max):
            if unit.valid_to and unit.valid_to < self._today:
                found.setdefault(unit.code, []).append(unit)
        return found

    @cached_property
    def until(self) -> Mapping[str, datetime | None]:
        """By code: what was taken before that instant, a unit that ended took. None: whatever has the code."""
        return {
            code: self._calendar.end_of_day(periods[-1].valid_to or date.max) if code in self.there else None
            for code, periods in self.ended.items()
        }

    def holder(self, code: str, since: datetime) -> Unit:
        """The unit that took something under this code then, and has ended."""
        day, periods = self._calendar.local_date(since), self.ended[code]
        return next((each for each in periods if day <= (each.valid_to or date.max)), periods[-1])

    def successors(self, unit: Unit) -> Sequence[Unit]:
        """The units of the day that succeeded it, at any distance."""
        key = unit.code, unit.valid_from
        if key not in self._successors:
            self._successors[key] = successors_on(unit, self._units, self._today)
        return self._successors[key]


def check_rows(rows: Sequence[Row], heirs: Heirs) -> None:
    """Raises `RuleBroken` for a row that names a unit which has not ended, or an heir that is not there."""
    for index, row in enumerate(rows):
        if row.from_unit not in heirs.ended:
            raise RuleBroken(f"rows.{index}.from_unit", "không phải đơn vị đã kết thúc", "is no unit that has ended")
        if row.to_unit is not None and row.to_unit not in heirs.there:
            raise RuleBroken(f"rows.{index}.to_unit", "hiện không có đơn vị này", "is no unit today")


class Decisions:
    """What becomes of open work, by the rows of a mapping and otherwise by the directory.

    A row whose heir has ended since it was checked counts no more.
    """

    def __init__(self, heirs: Heirs, rows: Sequence[Row]) -> None:
        self._heirs = heirs
        self._rows: dict[str, list[Row]] = {}
        for row in rows:
            if row.to_unit is None or row.to_unit in heirs.there:
                self._rows.setdefault(row.from_unit, []).append(row)

    def of(self, item: Item) -> list[Outcome]:
        """One outcome for each seat of an ended unit."""
        return [self._of(item, seat, code, since) for seat, (code, since) in sorted(item.seats.items())]

    def _of(self, item: Item, seat: Seat, code: str, since: datetime) -> Outcome:
        ended = self._heirs.holder(code, since)
        to_unit, why = self._heir(item, seat, ended)
        return Outcome(item.work, item.code, seat, code, ended.valid_to or date.max, to_unit, why)

    def _heir(self, item: Item, seat: Seat, ended: Unit) -> tuple[str | None, Why | None]:
        work = item.work
        if seat in FOLLOWS_TASK:
            # Whatever rows say of such work is about who does it; this seat goes where the task goes.
            work = Work.TASK
            if item.task_lead != ended.code and item.task_lead in self._heirs.there:
                return item.task_lead, None
        row = next((row for row in self._rows.get(ended.code, ()) if row.fits(item, work)), None)
        if row is not None:
            return row.to_unit, None if row.to_unit else Why.NOBODY
        successors = self._heirs.successors(ended)
        if len(successors) == 1:
            return successors[0].code, None
        return None, Why.SEVERAL if successors else Why.NONE


def _has(text: str, words: str) -> bool:
    """Whether these words stand in the text one after the other, with or without their marks."""
    return f" {unmarked(words)} " in f" {unmarked(text)} "
