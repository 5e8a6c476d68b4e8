"""The city's rules for reading plans, from its document `plan_rules.yaml`."""

from pathlib import Path
from typing import Self

from cchc_shared.contract.provenance import Versioned
from cchc_shared.contract.yaml_text import read_document


class PlanRules(Versioned, frozen=True):
    """`columns` lists the headings of an annex by field, as `wording.unmarked` writes them."""

    columns: dict[str, tuple[str, ...]]

    @classmethod
    def load(cls, profile: Path) -> Self:
        """Read it from the folder of the city's documents."""
        return read_document(profile / "plan_rules.yaml", cls)
