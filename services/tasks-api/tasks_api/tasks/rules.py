"""The city's rules of assignment and follow-up, from its document `task_rules.yaml`, each with its source."""

from pathlib import Path
from typing import Self

import msgspec

from cchc_shared.calendar.working_time import WorkingCalendar
from cchc_shared.contract.provenance import Sourced, Versioned
from cchc_shared.contract.yaml_text import read_document
from tasks_api.deadlines.reader import DeadlineReader
from tasks_api.deadlines.rules import DeadlineRules, PlausibleYears


class ExtensionRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Rules of extension: how often, by how many days and until when a deadline may be extended."""

    most: Sourced[int]
    longest_days: Sourced[int]
    longest_days_government: Sourced[int]
    government_wordings: Sourced[tuple[str, ...]]
    ask_within_days_after_deadline: Sourced[int]

    def longest(self, source: str) -> int:
        """By how many days the deadline of a task from that source may move."""
        text = source.casefold()
        from_government = any(wording.casefold() in text for wording in self.government_wordings.value)
        return (self.longest_days_government if from_government else self.longest_days).value


class TaskRules(Versioned, frozen=True):
    """The whole document."""

    due_soon_days: Sourced[int]
    extensions: ExtensionRules
    deadlines: DeadlineRules
    plausible_years: PlausibleYears

    @classmethod
    def load(cls, profile: Path) -> Self:
        """Read it from the folder of the city's documents."""
        return read_document(profile / "task_rules.yaml", cls)

    def deadline_reader(self, calendar: WorkingCalendar) -> DeadlineReader:
        """Reads deadlines by these rules. Raises `ValueError` for faulty lists of words."""
        return DeadlineReader(self.deadlines, self.plausible_years, calendar)
