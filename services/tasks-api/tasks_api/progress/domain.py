"""What tasks are counted by, and the level that a task comes from. Pure."""

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Final, NamedTuple

import msgspec

from cchc_shared.contract.codes import TaskStatus
from cchc_shared.contract.provenance import Text
from tasks_api.tasks.progress import Rate


class By(StrEnum):
    """What tasks are counted by."""

    UNIT = "unit"
    PLAN = "plan"
    MONTH = "month"
    SOURCE = "source"
    ROLE = "role"


EACH_UNITS: Final = frozenset({By.UNIT, By.ROLE})
"""Counted by these, what is done by its children counts as these: a task of many units once for each of them, a
recurring one once for each occurrence. Counted by the others, it counts once."""


class Origin(NamedTuple):
    """The source of a task as it was written, and whether the city assigned it."""

    source: str
    by_city: bool


class Level(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A level that tasks come from. `patterns` are regular expressions of symbols and issuers, in any case."""

    code: str
    name: Text
    patterns: tuple[str, ...]


class AssignedBy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The level of a task whose source says none, by who assigned it."""

    city: str
    unit: str


class Levels:
    """Tells levels of origins apart. Raises `ValueError` for a level that is not there, `re.error` for a pattern."""

    def __init__(self, levels: Sequence[Level], assigned_by: AssignedBy) -> None:
        self.names: Mapping[str, Text] = {level.code: level.name for level in levels}
        self._patterns = [
            (level.code, re.compile("|".join(f"(?:{pattern})" for pattern in level.patterns), re.IGNORECASE))
            for level in levels
            if level.patterns
        ]
        self._assigned_by = assigned_by
        if missing := {assigned_by.city, assigned_by.unit} - set(self.names):
            raise ValueError(f"not among the levels: {sorted(missing)}")

    def of(self, origin: Origin) -> str:
        """The code of the first level that the source names, else that of who assigned it."""
        text = " ".join(origin.source.split())
        found = (code for code, pattern in self._patterns if pattern.search(text))
        return next(found, self._assigned_by.city if origin.by_city else self._assigned_by.unit)


STATUSES: Final = tuple(TaskStatus)
"""In the order in which `Counts` holds how many tasks are in each."""


class Counts(msgspec.Struct, frozen=True):
    """Counts of tasks at the end of a day: what `ProgressCounts` shows."""

    total: int = 0
    not_started: int = 0
    in_progress: int = 0
    reported: int = 0
    completed: int = 0
    close_proposed: int = 0
    closed: int = 0
    extension_requested: int = 0
    completed_late: int = 0
    overdue: int = 0
    due_soon: int = 0
    no_deadline: int = 0
    awaiting_approval: int = 0
    missed: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        both = zip(msgspec.structs.astuple(self), msgspec.structs.astuple(other), strict=True)
        return Counts(*(one + more for one, more in both))

    @property
    def rate(self) -> Rate:
        return Rate(self.completed, self.total)
