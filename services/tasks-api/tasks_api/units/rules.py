"""How the documents of the city name units, and word groups of them."""

from datetime import date
from pathlib import Path
from typing import Self

import msgspec

from cchc_shared.contract.codes import UnitKind
from cchc_shared.contract.provenance import Provenance, Text, Versioned
from cchc_shared.contract.wording import unmarked
from cchc_shared.contract.yaml_text import read_document


class Group(msgspec.Struct, frozen=True):
    """A wording for all units of some kinds, such as "Các Sở, ban, ngành"."""

    code: str
    name: Text
    kinds: tuple[UnitKind, ...]
    wordings: tuple[str, ...]


class KindWords(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Words for the units of a kind. One of `all` means all of them, as two of `some` do ("xã, phường")."""

    kind: UnitKind
    all: tuple[str, ...]
    some: tuple[str, ...]


class UnclearWords(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Words of which nobody can say which of several kinds they mean ("UBND các cấp")."""

    kinds: tuple[UnitKind, ...]
    wordings: tuple[str, ...]


class Groups(Versioned, frozen=True):
    """`groups.yaml`: how documents word groups of units."""

    committee_prefixes: tuple[str, ...]
    groups: tuple[Group, ...]
    kinds: tuple[KindWords, ...] = ()
    unclear: tuple[UnclearWords, ...] = ()
    indefinite: tuple[str, ...] = ()
    """Words for whoever it may concern ("đơn vị"): they assign nothing to anybody."""
    related: tuple[str, ...] = ()
    """Words that leave open who of a group is meant ("liên quan")."""

    @classmethod
    def load(cls, profile: Path) -> Self:
        """Read it from the folder of the city's documents."""
        return read_document(profile / "groups.yaml", cls)


class Alias(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Another name of a unit. Both days are inclusive; None is open."""

    alias: str
    unit: str
    valid_from: date | None = None
    valid_to: date | None = None
    source: str
    status: Provenance

    def valid_on(self, day: date) -> bool:
        return (self.valid_from or date.min) <= day <= (self.valid_to or date.max)


class PersonWords(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Words by which persons are noticed in the cell of a unit."""

    honorifics: tuple[str, ...]
    titles: tuple[str, ...]
    surnames: tuple[str, ...]
    contacts: tuple[str, ...]
    places: tuple[str, ...]
    """Words after which a person's name is the name of a place ("phường Nguyễn Trung Trực")."""


class Aliases(Versioned, frozen=True):
    """`aliases.yaml`: other names of units, and the words that documents put around names."""

    aliases: tuple[Alias, ...]
    abbreviations: dict[str, str]
    """Short forms of words inside names ("VP": "Văn phòng")."""
    city: tuple[str, ...]
    """The city's own name in all its forms: after a unit's name it says nothing new."""
    types: dict[str, tuple[str, ...]]
    """First words of names, which count for further names in a list ("Sở A, B"), with their short forms ("P")."""
    initials_after: tuple[str, ...]
    """First words after which the rest of a name is shortened to its first letters."""
    heads: tuple[str, ...]
    """Heads of units: whoever names them means the unit."""
    fillers: tuple[str, ...]
    """Words that add nothing."""
    helping: tuple[str, ...]
    """Words after which those follow who help ("phối hợp")."""
    persons: PersonWords

    def found(self, q: str, day: date) -> set[str]:
        """Codes of the units with an alias of that day that has these words in it, with or without their marks."""
        sought = unmarked(q)
        return {each.unit for each in self.aliases if sought and each.valid_on(day) and sought in unmarked(each.alias)}

    @classmethod
    def load(cls, profile: Path) -> Self:
        """Read it from the folder of the city's documents."""
        return read_document(profile / "aliases.yaml", cls)
