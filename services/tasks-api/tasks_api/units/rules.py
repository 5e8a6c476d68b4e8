"""How the documents of the city word groups of units."""

from pathlib import Path
from typing import Self

import msgspec

from cchc_shared.contract.codes import UnitKind
from cchc_shared.contract.provenance import Text, Versioned
from cchc_shared.contract.yaml_text import read_document


class Group(msgspec.Struct, frozen=True):
    """A wording for all units of some kinds, such as "Các Sở, ban, ngành"."""

    code: str
    name: Text
    kinds: tuple[UnitKind, ...]
    wordings: tuple[str, ...]


class Groups(Versioned, frozen=True):
    """`groups.yaml`: how documents word groups of units."""

    committee_prefixes: tuple[str, ...]
    groups: tuple[Group, ...]

    @classmethod
    def load(cls, profile: Path) -> Self:
        """Read it from the folder of the city's documents."""
        return read_document(profile / "groups.yaml", cls)
