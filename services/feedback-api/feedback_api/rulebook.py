"""The city's rules of reports: the versioned document `feedback_rules.yaml`, of which each room reads its own part.

Every list is read from the top: the first entry that is in force on the day of receipt and matches the report wins.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import product
from pathlib import Path
from typing import NamedTuple, TypeVar

import msgspec

from cchc_shared.contract.codes import Channel, FeedbackKind, Severity
from cchc_shared.contract.provenance import Provenance, Text
from cchc_shared.contract.yaml_text import read_document

FILE = "feedback_rules.yaml"


class NoRuleInForce(LookupError):
    """The document says nothing about that day."""


class Matter(NamedTuple):
    """What rules ask of a report beside its day."""

    channel: Channel
    kind: FeedbackKind
    severity: Severity


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every entry says: when it is in force (both days included), what it is about, and where it was read."""

    id: str
    effective_from: date
    effective_until: date | None = None
    channels: frozenset[Channel] = frozenset(Channel)
    kinds: frozenset[FeedbackKind] = frozenset(FeedbackKind)
    severities: frozenset[Severity] = frozenset(Severity)
    source: str
    status: Provenance

    def applies(self, matter: Matter, received_on: date) -> bool:
        """Whether this entry is in force that day and about such a report."""
        return (
            self.effective_from <= received_on
            and (self.effective_until is None or received_on <= self.effective_until)
            and matter.channel in self.channels
            and matter.kind in self.kinds
            and matter.severity in self.severities
        )


class CodeList(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Codes that a field may have, with their names."""

    source: str
    status: Provenance
    names: dict[str, Text]


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """What every part has: the version of the document, and the first day that it speaks of."""

    version: str
    effective_from: date


P = TypeVar("P", bound=Part)
R = TypeVar("R", bound=Rule)


def load(profile: Path, part: type[P]) -> P:
    """The part of the document in the city's folder. Raises `ValueError` if that part is faulty."""
    return read_document(profile / FILE, part)


def first_in_force(rules: Iterable[R], matter: Matter, received_on: date) -> R:
    """The first entry that applies to such a report. Raises `NoRuleInForce` if there is none."""
    for rule in rules:
        if rule.applies(matter, received_on):
            return rule
    raise NoRuleInForce(f"no rule for {', '.join(matter)} on {received_on}")


def check_complete(rules: Sequence[Rule], since: date) -> None:
    """Raise `ValueError` if some report, received on or after `since`, falls between the entries."""
    ends = [rule.effective_until for rule in rules if rule.effective_until is not None]
    changes = {since, *(rule.effective_from for rule in rules), *(_day_after(end) for end in ends)}
    days = sorted(day for day in changes if day >= since)
    for day, channel, kind, severity in product(days, Channel, FeedbackKind, Severity):
        try:
            first_in_force(rules, Matter(channel, kind, severity), day)
        except NoRuleInForce as error:
            raise ValueError(str(error)) from error


def _day_after(day: date) -> date:
    return date.fromordinal(day.toordinal() + 1)
