"""The city's weights of work, from its document `kpi_rules.yaml`."""

from pathlib import Path
from typing import Self

from cchc_shared.contract.provenance import Versioned
from cchc_shared.contract.yaml_text import read_document
from tasks_api.kpi.domain import Formula


class KpiRules(Versioned, frozen=True):
    """The formula, and where it was read. It is a template unless it was read in a source (status V)."""

    formula: Formula

    @classmethod
    def load(cls, profile: Path) -> Self:
        """Read it from the folder of the city's documents."""
        return read_document(profile / "kpi_rules.yaml", cls)

    @property
    def is_template(self) -> bool:
        return self.status != "V"
