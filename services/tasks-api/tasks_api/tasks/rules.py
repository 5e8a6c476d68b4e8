"""The city's rules of assignment and follow-up, from its document `task_rules.yaml`, each with its source."""

import re
from pathlib import Path
from typing import Annotated, Literal, Self

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


Positive = Annotated[int, msgspec.Meta(ge=1)]
EvidenceType = Literal[
    "application/pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "image/jpeg",
    "image/png",
    "image/webp",
    "image/heic",
]
"""What this software can look into."""


class EvidenceRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which files may show the product of a task, and how much of them."""

    source: str
    status: Provenance
    media_types: frozenset[EvidenceType]
    most: Positive
    """Files and links of one task."""
    most_bytes: Positive
    most_pixels: Positive
    most_unpacked_bytes: Positive
    """What an office file may unpack to."""


DocumentFileType = Literal[EvidenceType, "application/msword", "application/vnd.oasis.opendocument.text"]
"""The same, and texts of earlier Word and of LibreOffice."""


class DocumentFileRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which files a document that tasks come from may have, and how many of them."""

    source: str
    status: Provenance
    media_types: frozenset[DocumentFileType]
    most: Positive
    """Of one document; those that were replaced count."""
    most_bytes: Positive
    most_pixels: Positive
    most_unpacked_bytes: Positive
    """What an office file may unpack to."""
    thumbnail_pixels: Annotated[int, msgspec.Meta(ge=16, le=2000)]
    """The longer side of a thumbnail."""


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


class WorkRules(Versioned, frozen=True):
    """How much of the work on one task is kept: the document `task_work.yaml`."""

    most_steps: Sourced[Positive]
    most_progress_reports: Sourced[Positive]
    urgings_a_day: Sourced[Positive]
    """How often one unit may urge the same task on one day."""
    evidence: EvidenceRules
    document_files: DocumentFileRules

    @classmethod
    def load(cls, profile: Path) -> Self:
        """Read it from the folder of the city's documents."""
        return read_document(profile / "task_work.yaml", cls)
