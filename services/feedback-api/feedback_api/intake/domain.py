"""A report on its way in."""

import msgspec

from feedback_api.intake.notices import Notice
from feedback_api.reports.contacts import Contact
from feedback_api.reports.domain import Feedback


class Request(msgspec.Struct, frozen=True):
    """The caller of a request, and what makes two requests the same."""

    caller: str
    key: str | None
    digest: bytes


class NewReport(msgspec.Struct, frozen=True):
    """A checked, routed report with its deadlines, and what is written beside it."""

    feedback: Feedback
    request: Request
    role: str | None
    """In which the sender acted."""
    contact: Contact | None
    notices: tuple[Notice, ...] = ()
    """What its sender is told beside the acknowledgement."""
    trace: str | None = None
    """In which it was sent: it is written with others, in no request of its own."""
    fingerprints: tuple[bytes, ...] = ()
    """Its fingerprint under each key of the service; none without a channel's id."""
