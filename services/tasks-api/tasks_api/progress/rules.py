"""The city's rules of counting tasks, from its document `progress_rules.yaml`."""

from pathlib import Path
from typing import Self

from cchc_shared.contract.provenance import Versioned
from cchc_shared.contract.yaml_text import read_document
from tasks_api.progress.domain import AssignedBy, Level, Levels


class ProgressRules(Versioned, frozen=True):
    """The levels that tasks come from, in the order in which they are looked for."""

    levels: tuple[Level, ...]
    assigned_by: AssignedBy

    @classmethod
    def load(cls, profile: Path) -> Self:
        """Read it from the folder of the city's documents."""
        return read_document(profile / "progress_rules.yaml", cls)

    def reader(self) -> Levels:
        """Raises `ValueError` or `re.error` for a faulty document."""
        return Levels(self.levels, self.assigned_by)
