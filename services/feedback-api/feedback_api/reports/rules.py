"""What several features ask of the city's rules of reports: questions to senders, how long things are kept, labels."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any

import msgspec

from cchc_shared.contract.codes import Channel, FeedbackKind, FeedbackReturnReason, FeedbackStatus, Severity
from cchc_shared.contract.provenance import Provenance, Text
from feedback_api.rulebook import CodeList, Part, Rule, check_complete


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


class StatusLabel(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a status is called, and what it means to whoever sent the report or follows it."""

    name: Text
    meaning: Text


class Labels(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the codes of the contract are called. Each has its label, or the document is faulty."""

    source: str
    status: Provenance
    statuses: dict[FeedbackStatus, StatusLabel]
    kinds: dict[FeedbackKind, Text]
    severities: dict[Severity, Text]
    channels: dict[Channel, Text]
    return_reasons: dict[FeedbackReturnReason, Text]

    def __post_init__(self) -> None:
        lists: tuple[tuple[type[StrEnum], Mapping[Any, object]], ...] = (
            (FeedbackStatus, self.statuses),
            (FeedbackKind, self.kinds),
            (Severity, self.severities),
            (Channel, self.channels),
            (FeedbackReturnReason, self.return_reasons),
        )
        if missing := [code for codes, labels in lists for code in codes if code not in labels]:
            raise ValueError(f"no label for {', '.join(missing)}")


class LabelRules(Part, frozen=True, kw_only=True):
    """The part of the city's rules that says what codes are called."""

    categories: CodeList
    labels: Labels
