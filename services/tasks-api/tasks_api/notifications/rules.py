"""What is told when and to whom, from the city's document `notification_rules.yaml`."""

from datetime import time
from enum import StrEnum
from pathlib import Path
from typing import Self

import msgspec

from cchc_shared.contract.provenance import Provenance, Sourced, Versioned
from cchc_shared.contract.yaml_text import read_document


class Recipient(StrEnum):
    """Who is reminded of a task."""

    OFFICER = "officer"
    UNIT_HEAD = "unit_head"
    ASSIGNING_UNIT = "assigning_unit"


class ReminderStep(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One reminder: `days` before the last day, 0 on it, negative after it."""

    days: int
    tell: tuple[Recipient, ...]
    source: str
    status: Provenance


class NotificationRules(Versioned, frozen=True):
    """The whole document. `reminded_at` is a time of the local day."""

    kept_days: Sourced[int]
    reminded_at: Sourced[time]
    reminders: tuple[ReminderStep, ...]

    def __post_init__(self) -> None:
        days = [step.days for step in self.reminders]
        if len(set(days)) < len(days):
            raise ValueError("a day has two reminders")
        if self.reminded_at.value.tzinfo is not None:
            raise ValueError("reminded_at is a local time")

    @classmethod
    def load(cls, profile: Path) -> Self:
        """Read it from the folder of the city's documents."""
        return read_document(profile / "notification_rules.yaml", cls)
