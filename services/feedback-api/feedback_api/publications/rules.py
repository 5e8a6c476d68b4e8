"""What the monthly publication asks of the city's rules: when a month is closed, who publishes it, and names."""

from datetime import date
from typing import Annotated

import msgspec

from cchc_shared.contract.codes import Channel, FeedbackKind
from cchc_shared.contract.provenance import Provenance, Text
from feedback_api.rulebook import CodeList, Part


class ClosingRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A month is closed when this day of the following month is over, in local time."""

    id: str
    effective_from: date
    effective_until: date | None = None
    day: Annotated[int, msgspec.Meta(ge=1, le=28)]
    source: str
    status: Provenance

    def in_force(self, day: date) -> bool:
        return self.effective_from <= day and (self.effective_until is None or day <= self.effective_until)


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

    def closing_of(self, first_day: date) -> ClosingRule | None:
        """The first rule in force on the first day of a month; None for a month that is not closed by itself."""
        return next((rule for rule in self.closing if rule.in_force(first_day)), None)


class PublicationRules(Part, frozen=True, kw_only=True):
    """The part of the city's rules that the monthly publication reads."""

    publications: Publishing
    categories: CodeList
