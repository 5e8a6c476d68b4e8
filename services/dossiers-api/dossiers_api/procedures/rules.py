"""What the city's document `procedure_rules.yaml` says of publishing procedures and of time that dossiers may take."""

from datetime import date, time
from pathlib import Path
from typing import Self

from cchc_shared.contract.provenance import Sourced, Versioned
from cchc_shared.contract.yaml_text import read_document


class ProcedureRules(Versioned, frozen=True, kw_only=True):
    """`code` is how procedures are numbered, `decisions_since` the first day of decisions that are taken.

    A decision is made so many working days before it has effect, and disclosed within so many after its day. What comes
    after `cut_off`, a local time, counts from the next morning.
    """

    code: Sourced[str]
    decisions_since: Sourced[date]
    announce_working_days_before: Sourced[int]
    disclose_within_working_days: Sourced[int]
    cut_off: Sourced[time]

    @classmethod
    def load(cls, profile: Path) -> Self:
        """Read it from the folder of the city's documents."""
        return read_document(profile / "procedure_rules.yaml", cls)
