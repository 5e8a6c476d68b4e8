"""The lists of the city's rules whose codes appear in reports and in requests."""

import msgspec

from cchc_shared.contract.provenance import Provenance, Text
from feedback_api.reports.rules import LabelRules
from feedback_api.rulebook import CodeList


class Refusal(msgspec.Struct, frozen=True):
    """A reason why something is no report, and where its sender should go."""

    name: Text
    where_to_go: Text


class Refusals(msgspec.Struct, frozen=True):
    """Reasons for which a report is refused, by code."""

    source: str
    status: Provenance
    reasons: dict[str, Refusal]


class VocabularyRules(LabelRules, frozen=True, kw_only=True):
    """The part of the city's rules that the vocabulary shows."""

    outcomes: CodeList
    refusals: Refusals
    contact_purposes: CodeList
    erasure_reasons: CodeList
