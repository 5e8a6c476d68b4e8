"""What several features ask of the city's rules of reports: questions to senders, and how long things are kept."""

from typing import Annotated

import msgspec

from cchc_shared.contract.provenance import Provenance
from feedback_api.rulebook import Part, Rule, check_complete


class AskingRule(Rule, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How often a sender may be asked for more, and how many days the clocks stand still for each question at most."""

    at_most: int
    within_days: int


class AskingRules(Part, frozen=True, kw_only=True):
    """Loading checks that no report falls between the entries."""

    asking: tuple[AskingRule, ...]

    def __post_init__(self) -> None:
        check_complete(self.asking, self.effective_from)


class ReminderRule(Rule, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many working hours before a due time the holder is reminded of it."""

    acceptance_hours: Annotated[float, msgspec.Meta(gt=0, le=80)]
    answer_hours: Annotated[float, msgspec.Meta(gt=0, le=80)]


class ReminderRules(Part, frozen=True, kw_only=True):
    """Loading checks that no report falls between the entries."""

    reminders: tuple[ReminderRule, ...]

    def __post_init__(self) -> None:
        check_complete(self.reminders, self.effective_from)


class Period(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """So many months after the last entry of a report that has ended."""

    id: str
    months: Annotated[int, msgspec.Meta(ge=1, le=1200)]
    source: str
    status: Provenance


class Periods(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of who sent a report, and of its words. Whoever sent it is forgotten first, or with them."""

    contact: Period
    text: Period

    def __post_init__(self) -> None:
        if self.text.months < self.contact.months:
            raise ValueError(f"{self.text.id} ends before {self.contact.id}")


class RetentionRules(Part, frozen=True, kw_only=True):
    """The part of the city's rules that says when reports are erased."""

    retention: Periods
