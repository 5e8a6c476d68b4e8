"""When the reporting months of tasks close, from the city's document `closing_rules.yaml`."""

from pathlib import Path
from typing import Self

from cchc_shared.calendar.months import ClosingRule
from cchc_shared.contract.provenance import Versioned
from cchc_shared.contract.yaml_text import read_document


class ClosingRules(Versioned, frozen=True):
    """The rules by their time; a month closes by the one in force on its first day."""

    closing: tuple[ClosingRule, ...]

    @classmethod
    def load(cls, profile: Path) -> Self:
        """Read it from the folder of the city's documents."""
        return read_document(profile / "closing_rules.yaml", cls)
