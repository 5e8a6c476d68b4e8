"""Who reads or changes contact data, and what of them is shown."""

from enum import StrEnum
from typing import NamedTuple

from feedback_api.reports.contacts import Contact

SENDER = "sender"
"""The role of the person who sent the report, in the list of accesses."""


class AccessAction(StrEnum):
    """What was done with contact data."""

    READ = "read"
    CORRECTED = "corrected"
    ANONYMIZED = "anonymized"


class Reader(NamedTuple):
    """In which role somebody reads. `actor` is None for the sender: the list of accesses names officials only."""

    role: str
    actor: str | None = None
    unit: str | None = None

    @property
    def is_sender(self) -> bool:
        """Whether it is the person whose data they are."""
        return self.role == SENDER


def shown_to(reader: Reader, contact: Contact) -> Contact:
    """What this reader sees: of an anonymous sender an official learns nothing but that."""
    return Contact(anonymous=True) if contact.anonymous and not reader.is_sender else contact


def tells_something(contact: Contact) -> bool:
    """Whether whoever sees it learns anything about the sender."""
    return contact not in {Contact(), Contact(anonymous=True)}
