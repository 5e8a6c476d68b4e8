"""Who the city is, by its documents `profile.yaml` and `groups.yaml`. Nothing about a particular city is in code."""

from pathlib import Path
from typing import Self, TypeVar

import msgspec

from cchc_shared.contract.codes import UnitKind
from cchc_shared.contract.provenance import Text, Versioned
from cchc_shared.contract.yaml_text import read_yaml

D = TypeVar("D", bound=Versioned)


def read_document(path: Path, kind: type[D]) -> D:
    """A YAML document of the city. Raises `msgspec.ValidationError`, which names the faulty field."""
    return msgspec.convert(read_yaml(path.read_text("utf-8")), kind)


class City(Versioned, frozen=True):
    """`profile.yaml`. `assigning_unit` assigns where a document names no issuer we know."""

    code: str
    name: Text
    assigning_unit: str

    @classmethod
    def load(cls, profile: Path) -> Self:
        """Read it from the folder of the city's documents."""
        return read_document(profile / "profile.yaml", cls)


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
