"""The units that held a code, each with its period."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from cchc_shared.contract.codes import UnitKind
from scoring_worker.periods import Period, last_day


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit, identified by its code and the first day it held it: a code may pass to another unit later."""

    code: str
    name: str
    kind: UnitKind
    valid_from: date
    valid_to: date | None
    parent: str | None = None

    def overlaps(self, first: date, last: date) -> bool:
        """Whether it was valid on some day of the span."""
        return self.valid_from <= last and (self.valid_to is None or self.valid_to >= first)


def holder(units: Sequence[Unit], period: Period) -> Unit | None:
    """Of the units that share a code, the one that is scored for a period: the last to hold the code in it."""
    first, last = period.first_day, period.last_day
    there = [unit for unit in units if unit.overlaps(first, last)]
    return max(there, key=lambda unit: unit.valid_from, default=None)


def counting_months(unit: Unit | None, period: Period) -> tuple[date, ...]:
    """The months of the period in which the unit was valid; all of them while nothing is known of it."""
    if unit is None or period.is_month:
        return period.months
    if unit.valid_from <= period.first_day and (unit.valid_to is None or unit.valid_to >= period.last_day):
        return period.months
    return tuple(month for month in period.months if unit.overlaps(month, last_day(month)))
