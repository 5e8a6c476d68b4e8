"""What the city's document says of the channels whose software reports."""

from datetime import date, timedelta
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from cchc_shared.contract.codes import FeedbackKind, FeedbackStatus
from cchc_shared.contract.provenance import Provenance

FILE: Final = "channel_rules.yaml"


class ChannelRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How reports of one channel are read."""

    kind: FeedbackKind
    sent_within_hours: int | None = None
    source: str
    status: Provenance

    @property
    def sent_within(self) -> timedelta | None:
        """How long ago a sender may say that a report was sent; None: however long."""
        return None if self.sent_within_hours is None else timedelta(hours=self.sent_within_hours)


class MailRule(ChannelRule, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How mails are read, and what of them is too large or too small."""

    most_bytes: Annotated[int, Meta(ge=1, lt=1 << 31)]
    """Of one mail as it is sent, its files in base64."""
    ornament_pixels: Annotated[int, Meta(ge=1)]
    """A picture that the words of a mail show is a logo or the like when both its sides are shorter: it is no file."""


class PortalRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The national portal's names for kinds and states, and what it is told of ours."""

    kinds: dict[str, FeedbackKind]
    kinds_source: str
    kinds_status: Provenance
    waiting: frozenset[str]
    handling: frozenset[str]
    handled: frozenset[str]
    groups_source: str
    groups_status: Provenance
    shown: dict[FeedbackStatus, str]
    shown_source: str
    shown_status: Provenance

    def __post_init__(self) -> None:
        if strangers := set(self.shown.values()) - self.waiting - self.handling - self.handled:
            raise ValueError(f"the portal has no state {', '.join(sorted(strangers))}")


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What stands in a report for what a channel sends beside text; `{}` is what is put in."""

    without_text: str
    image: str
    location: str
    agent: str
    recording: str


class ChannelRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The document `channel_rules.yaml`."""

    version: str
    effective_from: date
    email: MailRule
    zalo: ChannelRule
    hotline: ChannelRule
    national_portal: PortalRules
    words: Words
