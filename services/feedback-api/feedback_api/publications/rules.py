"""What the monthly publication asks of the city's rules: when a month is closed, who publishes it, and names."""

import msgspec

from cchc_shared.calendar.months import ClosingRule
from cchc_shared.contract.codes import Channel, FeedbackKind
from cchc_shared.contract.provenance import Provenance, Text
from feedback_api.rulebook import CodeList, Part


class Publishing(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Loading checks that every channel and kind of report has a name."""

    issuer: Text
    closing: tuple[ClosingRule, ...]
    source: str
    status: Provenance
    channels: dict[Channel, Text]
    kinds: dict[FeedbackKind, Text]

    def __post_init__(self) -> None:
        if nameless := {*Channel, *FeedbackKind} - {*self.channels, *self.kinds}:
            raise ValueError(f"without a name: {', '.join(sorted(nameless))}")


class PublicationRules(Part, frozen=True, kw_only=True):
    """The part of the city's rules that the monthly publication reads."""

    publications: Publishing
    categories: CodeList
