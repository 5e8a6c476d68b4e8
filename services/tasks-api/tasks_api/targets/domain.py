"""Numeric targets of plans, and how they stand. Pure: the day is an argument."""

from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

import msgspec

from cchc_shared.contract.codes import Role

MOST_TARGETS: Final = 200
"""So many targets has a plan at most."""


class Comparison(StrEnum):
    """Which values meet a target."""

    AT_LEAST = "at_least"
    AT_MOST = "at_most"


class Standing(StrEnum):
    """How a target stands: by its last value it is met, or it is not when the day has passed; before, it is open."""

    MET = "met"
    NOT_MET = "not_met"
    OPEN = "open"


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a target. `measure` is the unit in which it is measured, `unit` the one that answers for it."""

    id: UUID
    version: int
    plan: str
    text: str
    measure: str
    comparison: Comparison
    value: float
    due_on: date
    unit: str
    withdrawn: bool = False
    actor: str
    role: Role
    at: datetime


class Value(msgspec.Struct, frozen=True, kw_only=True):
    """What was reported of a target for a period. A later version corrects the one before."""

    target: UUID
    period: str
    version: int
    value: float
    note: str
    period_end: date
    actor: str
    role: Role
    at: datetime


def newest(values: Iterable[Value]) -> Value | None:
    """The value of the period that ended last; of several, the one that was reported last."""
    return max(values, key=lambda each: (each.period_end, each.at, each.version), default=None)


def standing(target: Target, last: Value | None, today: date) -> Standing:
    """How the target stands on a day, by its last value."""
    if last is not None and _meets(target, last.value):
        return Standing.MET
    return Standing.OPEN if today <= target.due_on else Standing.NOT_MET


def _meets(target: Target, value: float) -> bool:
    return value >= target.value if target.comparison is Comparison.AT_LEAST else value <= target.value
