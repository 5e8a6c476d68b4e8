"""Who the city is, by its document `profile.yaml`. Nothing about a particular city is in code."""

from pathlib import Path
from typing import Self

from cchc_shared.contract.provenance import Text, Versioned
from cchc_shared.contract.yaml_text import read_document


class City(Versioned, frozen=True):
    """`profile.yaml`. `assigning_unit` assigns where a document names no issuer we know; `offices` act in its name."""

    code: str
    name: Text
    assigning_unit: str
    offices: tuple[str, ...] = ()

    @classmethod
    def load(cls, profile: Path) -> Self:
        """Read it from the folder of the city's documents."""
        return read_document(profile / "profile.yaml", cls)
