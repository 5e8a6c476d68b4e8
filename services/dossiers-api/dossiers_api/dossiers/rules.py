"""What the city's document `dossier_rules.yaml` says of dossiers."""

import re
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Self

from cchc_shared.contract.provenance import Sourced, Versioned
from cchc_shared.contract.yaml_text import read_document


class DossierRules(Versioned, frozen=True, kw_only=True, dict=True):
    """Codes of dossiers, and what is late by itself.

    `authorities` are the codes of ministry or province with which dossier codes of this city begin; `code` is what
    follows them. `clock_leeway_minutes`: how far a sender's clock may be ahead.
    """

    authorities: Sourced[tuple[str, ...]]
    code: Sourced[str]
    requests_in_time: Sourced[int]
    clock_leeway_minutes: int

    @classmethod
    def load(cls, profile: Path) -> Self:
        """Read it from the folder of the city's documents."""
        return read_document(profile / "dossier_rules.yaml", cls)

    @cached_property
    def leeway(self) -> timedelta:
        return timedelta(minutes=self.clock_leeway_minutes)

    def authority(self, code: str) -> str | None:
        """The authority of this city that gave a dossier its code; None if another did."""
        return next((each for each in self.authorities.value if re.match(rf"{each}[.-]", code)), None)

    def is_code(self, code: str) -> bool:
        """Whether a code of this city is written as codes are."""
        return self._written.fullmatch(code) is not None

    @cached_property
    def _written(self) -> re.Pattern[str]:
        return re.compile(rf"(?:{'|'.join(self.authorities.value)})(?=[.-])(?:{self.code.value})", re.ASCII)
