"""What the city's document `dossier_publications.yaml` says: when a month is closed, who publishes it, and names."""

from pathlib import Path
from typing import Self

from cchc_shared.calendar.months import ClosingRule
from cchc_shared.contract.codes import DossierChannel
from cchc_shared.contract.provenance import Sourced, Text, Versioned
from cchc_shared.contract.yaml_text import read_document


class PublicationRules(Versioned, frozen=True, kw_only=True):
    """Fields of which fewer dossiers than `fewest_of_a_field` were received since January stand together, nameless.

    Loading checks that every channel has a name.
    """

    issuer: Text
    closing: tuple[ClosingRule, ...]
    fewest_of_a_field: Sourced[int]
    channels: dict[DossierChannel, Text]

    def __post_init__(self) -> None:
        if nameless := {*DossierChannel} - self.channels.keys():
            raise ValueError(f"without a name: {', '.join(sorted(nameless))}")

    @classmethod
    def load(cls, profile: Path) -> Self:
        """Read it from the folder of the city's documents."""
        return read_document(profile / "dossier_publications.yaml", cls)
