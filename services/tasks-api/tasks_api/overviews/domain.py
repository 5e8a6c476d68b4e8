"""What waits, and for whom. Pure."""

from enum import StrEnum


class WaitsFor(StrEnum):
    """The decision that a task waits for."""

    FIRST_APPROVAL = "first_approval"
    """Of its report, by the head of the lead unit."""
    SECOND_APPROVAL = "second_approval"
    """Of its report, by the unit that assigned it. It decides the others too."""
    EXTENSION = "extension"
    CLOSING = "closing"
