"""The city's rules of assignment and follow-up, from its document `task_rules.yaml`, each with its source."""

import re
from pathlib import Path
from typing import Self

import msgspec

from cchc_shared.calendar.working_time import WorkingCalendar
from cchc_shared.contract.provenance import Provenance, Sourced, Versioned
from cchc_shared.contract.yaml_text import read_document
from tasks_api.deadlines.reader import DeadlineReader
from tasks_api.deadlines.rules import DeadlineRules, PlausibleYears


class ExtensionBounds(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """By how many days a deadline may move at once, and until when after it more time may be asked for."""

    longest_days: int
    ask_within_days_after_deadline: int
    source: str
    status: Provenance


class ExtensionRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Rules of extension: how often, by how much, until when; and which sources have stricter ones."""

    most: Sourced[int]
    ordinary: ExtensionBounds
    strict: ExtensionBounds
    strict_sources: Sourced[tuple[str, ...]]
    """Regular expressions of the symbols and names by which documents of the Government and of Defence are known."""

    def of(self, source: str) -> ExtensionBounds:
        """The bounds for a task from that source: the document that orders it, by its symbol or its issuer."""
        text = " ".join(source.split())
        is_strict = any(re.search(pattern, text, re.IGNORECASE) for pattern in self.strict_sources.value)
        return self.strict if is_strict else self.ordinary


class TaskRules(Versioned, frozen=True):
    """The whole document."""

    due_soon_days: Sourced[int]
    extensions: ExtensionRules
    receiving_working_days: Sourced[int]
    """How many working days a unit has at least for a task that others hand it."""
    deadlines: DeadlineRules
    plausible_years: PlausibleYears

    @classmethod
    def load(cls, profile: Path) -> Self:
        """Read it from the folder of the city's documents."""
        return read_document(profile / "task_rules.yaml", cls)

    def deadline_reader(self, calendar: WorkingCalendar) -> DeadlineReader:
        """Reads deadlines by these rules. Raises `ValueError` for faulty lists of words."""
        return DeadlineReader(self.deadlines, self.plausible_years, calendar)
