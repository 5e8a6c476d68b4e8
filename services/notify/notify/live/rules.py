"""What the city's document `live_rules.yaml` says of live events."""

from datetime import timedelta
from pathlib import Path
from typing import Self

from cchc_shared.contract.provenance import Sourced, Versioned
from cchc_shared.contract.yaml_text import read_document


class LiveRules(Versioned, frozen=True, kw_only=True):
    """The whole document. Both numbers of streams are those of one process."""

    kept_days: Sourced[int]
    most_streams: Sourced[int]
    most_streams_of_one: Sourced[int]

    @classmethod
    def load(cls, profile: Path) -> Self:
        """Read it from the folder of the city's documents."""
        return read_document(profile / "live_rules.yaml", cls)

    @property
    def kept(self) -> timedelta:
        return timedelta(days=self.kept_days.value)
