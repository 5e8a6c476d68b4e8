"""The city's rules of reports: the versioned document `feedback_rules.yaml`.

Every list is read from the top: the first entry that is in force on the day of receipt and matches the report wins.
"""

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Literal, Self, TypeVar

import msgspec
import yaml

from cchc_shared.contract.codes import FeedbackKind, Severity

Status = Literal["V", "N", "S", "R"]
"""How sure the source is; R is a default of this software and never official."""


class NoRuleInForce(LookupError):
    """The document says nothing about that day."""


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every entry says: when it is in force, what it is about, and where it was read."""

    id: str
    effective_from: date
    effective_until: date | None = None
    kinds: frozenset[FeedbackKind] = frozenset(FeedbackKind)
    severities: frozenset[Severity] = frozenset(Severity)
    source: str
    status: Status

    def applies(self, kind: FeedbackKind, severity: Severity, received_on: date) -> bool:
        """Whether this entry is in force that day and about such a report."""
        return (
            self.effective_from <= received_on
            and (self.effective_until is None or received_on <= self.effective_until)
            and kind in self.kinds
            and severity in self.severities
        )


class Limit(Rule, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long something may take, in working hours or in working days, and from when that counts."""

    counts_from: Literal["received", "accepted", "last_transfer"]
    working_hours: float | None = None
    working_days: int | None = None

    def __post_init__(self) -> None:
        given = [limit for limit in (self.working_hours, self.working_days) if limit is not None]
        if len(given) != 1 or given[0] <= 0:
            raise ValueError(f"{self.id}: give either working_hours or working_days, more than nothing")


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A text for people, in both languages."""

    vi: str
    en: str


class Route(Rule, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The unit that reports of a kind go to when their sender named none."""

    unit: str
    why: Words


class CodeList(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Codes that a field may have, with their names."""

    source: str
    status: Status
    names: dict[str, Words]


class FeedbackRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole document; loading checks that no report can fall between its entries."""

    version: str
    effective_from: date
    acceptance: tuple[Limit, ...]
    resolution: tuple[Limit, ...]
    routing: tuple[Route, ...]
    categories: CodeList
    outcomes: CodeList

    def __post_init__(self) -> None:
        entries: tuple[Rule, ...] = (*self.acceptance, *self.resolution, *self.routing)
        changes = {self.effective_from, *(entry.effective_from for entry in entries)}
        for rules in (self.acceptance, self.resolution, self.routing):
            for day in changes:
                for kind in FeedbackKind:
                    for severity in Severity:
                        if first_in_force(rules, kind, severity, day) is None:
                            raise ValueError(f"no rule for {kind}, {severity} on {day}")
        if any(limit.counts_from != "received" for limit in self.acceptance):
            raise ValueError("acceptance counts from receipt")

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read the document; a faulty one raises `ValueError`."""
        return msgspec.convert(yaml.safe_load(path.read_text("utf-8")), cls)

    def acceptance_limit(self, kind: FeedbackKind, severity: Severity, received_on: date) -> Limit:
        """How long acceptance may take. Raises `NoRuleInForce`."""
        return _found(first_in_force(self.acceptance, kind, severity, received_on), received_on)

    def resolution_limit(self, kind: FeedbackKind, severity: Severity, received_on: date) -> Limit:
        """How long the answer may take. Raises `NoRuleInForce`."""
        return _found(first_in_force(self.resolution, kind, severity, received_on), received_on)


R = TypeVar("R", bound=Rule)


def first_in_force(rules: Iterable[R], kind: FeedbackKind, severity: Severity, received_on: date) -> R | None:
    """The first entry of a list that applies to such a report."""
    return next((rule for rule in rules if rule.applies(kind, severity, received_on)), None)


def _found(limit: Limit | None, received_on: date) -> Limit:
    if limit is None:
        raise NoRuleInForce(f"no limit is in force on {received_on}")
    return limit
