"""What the work of a unit is worth: (completion + quality) / 2 × role × urgency for each task. Pure, and exact."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import NamedTuple

import msgspec

from cchc_shared.contract.provenance import Sourced
from tasks_api.tasks.domain import UnitRole, Urgency


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Points for being at least so many days early; less than none is late."""

    days_early: int
    points: Decimal


class QualityPoints(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Points for a mark from 1 to 5, or for none."""

    points_for_each_mark: Decimal
    points_unrated: Decimal


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """A unit's part in one task. `last_day` is the one by which it is judged; `completed_on` is None for what is late
    and not done. `handed_on` is the version with which the unit passed it on late, or it was closed so."""

    task: str
    title: str
    role: UnitRole
    urgency: Urgency
    last_day: date | None
    completed_on: date | None
    quality: int | None
    handed_on: int | None = None

    @property
    def key(self) -> tuple[str, str, int]:
        """Its place in the list: by the day by which it is judged."""
        day = self.last_day or self.completed_on
        return "" if day is None else day.isoformat(), self.task, self.handed_on or 0

    @property
    def days_early(self) -> int | None:
        """Below zero when late; None for what is not done. What has no last day is on time."""
        if self.completed_on is None:
            return None
        return 0 if self.last_day is None else (self.last_day - self.completed_on).days


class Worth(NamedTuple):
    """What one piece of work is worth, with all that it follows from."""

    work: Work
    completion: Decimal
    quality: Decimal
    role: Decimal
    urgency: Decimal
    kpi: Decimal


class Formula(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The weights, as the city's document has them. `completion` begins with the earliest."""

    roles: Mapping[UnitRole, Decimal]
    urgency: Mapping[Urgency, Decimal]
    completion: tuple[Step, ...]
    completion_later: Decimal
    quality: QualityPoints
    not_done: Sourced[Decimal]

    def worth(self, work: Work) -> Worth:
        """What it is worth."""
        early = work.days_early
        role, urgency = self.roles[work.role], self.urgency[work.urgency]
        if early is None:
            nothing = self.not_done.value
            return Worth(work, nothing, nothing, role, urgency, nothing * role * urgency)
        reached = (step.points for step in self.completion if early >= step.days_early)
        completion = next(reached, self.completion_later)
        marks = self.quality
        quality = marks.points_unrated if work.quality is None else work.quality * marks.points_for_each_mark
        return Worth(work, completion, quality, role, urgency, (completion + quality) / 2 * role * urgency)
