"""What the city's document `key_rules.yaml` says of keys."""

from pathlib import Path
from typing import Self

from cchc_shared.contract.provenance import Sourced, Versioned
from cchc_shared.contract.yaml_text import read_document


class KeyRules(Versioned, frozen=True, kw_only=True):
    """How long a key may live, how long the one before it beside it, and how many a system may have that hold."""

    longest_days: Sourced[int]
    longest_overlap_hours: Sourced[int]
    keys_at_once: Sourced[int]

    @classmethod
    def load(cls, profile: Path) -> Self:
        """Read it from the folder of the city's documents."""
        return read_document(profile / "key_rules.yaml", cls)
