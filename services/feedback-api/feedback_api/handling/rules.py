"""What handling asks of the city's rules: outcomes, reasons of refusal, extensions, reopening, and evidence."""

import msgspec

from cchc_shared.contract.provenance import Provenance, Text
from feedback_api.rulebook import CodeList, Part, Rule, check_complete


class Refusal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A reason why something is no report, and where its sender should go."""

    name: Text
    where_to_go: Text


class Refusals(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Reasons for which a report is refused, by code."""

    source: str
    status: Provenance
    reasons: dict[str, Refusal]


class ExtensionRule(Rule, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many days the one extension may add, of the kind that the limit counts in."""

    at_most_days: int


class ReopeningRule(Rule, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many days after the answer its sender may say that it does not do. Whole local days."""

    within_days: int


class ClosingRule(Rule, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whether a report is closed only with a picture or a document of the work done: closed is not fixed."""

    evidence: bool


class HandlingRules(Part, frozen=True, kw_only=True):
    """The part of the city's rules that handling reads. Loading checks that no report falls between its entries."""

    categories: CodeList
    outcomes: CodeList
    refusals: Refusals
    extensions: tuple[ExtensionRule, ...]
    reopening: tuple[ReopeningRule, ...]
    closing: tuple[ClosingRule, ...]

    def __post_init__(self) -> None:
        check_complete(self.extensions, self.effective_from)
        check_complete(self.reopening, self.effective_from)
        check_complete(self.closing, self.effective_from)
