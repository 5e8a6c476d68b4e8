"""The kinds of consultations, and the wording of the notice, from the city's document `consultation_rules.yaml`."""

from collections.abc import Mapping
from pathlib import Path
from string import Formatter
from typing import Final, Self

import msgspec

from cchc_shared.contract.provenance import Provenance, Sourced, Text, Versioned
from cchc_shared.contract.rules import RuleBroken
from cchc_shared.contract.yaml_text import read_document

BLANKS: Final = frozenset({"number", "asker", "unit", "task", "code", "asked_on", "due", "question", "basis"})
"""What the notice says of a consultation."""


class Kind(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One kind: in how many working days an answer is due, and what silence means. `tell`: who is told of silence."""

    name: Text
    least_days: Sourced[int]
    most_days: Sourced[int]
    deemed_consent: Sourced[bool]
    tell: Sourced[str] | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.least_days.value <= self.most_days.value:
            raise ValueError("the window needs 1 <= least_days <= most_days")


class NoticeForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The text of the notice with its blanks."""

    text: str
    source: str
    status: Provenance

    def __post_init__(self) -> None:
        # At the start of the process: a deadline that cannot be recorded would stop those behind it.
        for _, name, form, conversion in Formatter().parse(self.text):
            if name is not None and (name not in BLANKS or form or conversion):
                raise ValueError(f"{{{name}}} is no blank of the notice")


class ConsultationRules(Versioned, frozen=True):
    """The whole document."""

    kinds: Mapping[str, Kind]
    notice: NoticeForm

    @classmethod
    def load(cls, profile: Path) -> Self:
        """Read it from the folder of the city's documents."""
        return read_document(profile / "consultation_rules.yaml", cls)

    def kind(self, code: str) -> Kind:
        """The kind with that code. Raises `RuleBroken`."""
        found = self.kinds.get(code)
        if found is None:
            codes = ", ".join(self.kinds)
            raise RuleBroken("kind", f"phải là một trong: `{codes}`", f"must be one of: {codes}")
        return found
