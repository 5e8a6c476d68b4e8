"""The rules of assignment and follow-up as the city's document `task_rules.yaml` states them, each with its source."""

from datetime import date
from pathlib import Path
from typing import Generic, Literal, Self, TypeVar

import msgspec
import yaml

from tasks_api.tasks.deadlines import DeadlinePattern, DeadlineReader

T = TypeVar("T")
Status = Literal["V", "N", "S", "R"]


class Sourced(msgspec.Struct, Generic[T], frozen=True, forbid_unknown_fields=True):
    """A value with where it was read. Status R is a default of this software, not official."""

    value: T
    source: str
    status: Status


class ExtensionRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    most: Sourced[int]
    longest_days: Sourced[int]
    longest_days_government: Sourced[int]
    government_wordings: Sourced[tuple[str, ...]]
    ask_within_days_after_deadline: Sourced[int]

    def longest(self, source: str | None) -> int:
        """By how many days the deadline of a task from that source may move."""
        text = (source or "").casefold()
        from_government = any(wording.casefold() in text for wording in self.government_wordings.value)
        return (self.longest_days_government if from_government else self.longest_days).value


class PlausibleYears(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    before: int
    after: int
    source: str
    status: Status


class TaskRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole document. A faulty one raises `msgspec.ValidationError` or `re.error` when it is loaded."""

    version: str
    effective_from: date
    source: str
    status: Status
    due_soon_days: Sourced[int]
    extensions: ExtensionRules
    deadlines: tuple[DeadlinePattern, ...]
    plausible_years: PlausibleYears
    columns: dict[str, tuple[str, ...]]

    @classmethod
    def load(cls, path: Path) -> Self:
        return msgspec.convert(yaml.safe_load(path.read_text("utf-8")), cls)

    def deadline_reader(self) -> DeadlineReader:
        return DeadlineReader(self.deadlines, self.plausible_years.before, self.plausible_years.after)
