"""What the city's rules say of reports on their way in."""

import msgspec

from cchc_shared.contract.codes import Channel
from cchc_shared.contract.provenance import Provenance, Sourced
from feedback_api.intake.normalization import Box
from feedback_api.rulebook import CodeList, Part


class Country(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where reports come from: `phones` is the country code (ISO 3166) by whose plan numbers are read."""

    phones: str
    box: Box
    source: str
    status: Provenance


class IntakeRules(Part, frozen=True, kw_only=True):
    """The part of the city's rules that intake reads."""

    categories: CodeList
    open_channels: Sourced[frozenset[Channel]]
    """Through which citizens, and senders without a token, may report."""
    country: Country
