"""Counts of a unit in a period, and the changes that move them."""

from collections import Counter
from collections.abc import Iterable
from datetime import date

from scoring_worker.facts.domain import HAPPENED, Duty, DutyState, Occurrence, Withdrawal
from scoring_worker.periods import Period

Counts = dict[str, dict[str, int]]
"""Measure → state → number of facts; zeros are left out, so that equal counts are equal objects."""

Movements = Counter[tuple[str, date, date | None, str, str]]
"""(unit, month, due month where it is a later one, measure, state) → how many more or fewer."""

_MISSED = frozenset({DutyState.LATE, DutyState.OVERDUE})


def movements(
    changes: Iterable[tuple[Duty, DutyState | None]],
    occurrences: Iterable[Occurrence] = (),
    withdrawals: Iterable[Withdrawal] = (),
) -> Movements:
    """What changed duties, new occurrences and withdrawn ones do to the counts.

    A duty moves out of the state it was counted in, into the one it is counted in now.
    """
    moved: Movements = Counter()
    for duty, before in changes:
        if duty.counted == before:
            continue
        if before is not None:
            moved[duty.unit, duty.month, duty.due_month, duty.measure, before] -= 1
        if duty.counted is not None:
            moved[duty.unit, duty.month, duty.due_month, duty.measure, duty.counted] += 1
    for occurrence in occurrences:
        moved[occurrence.unit, occurrence.month, None, occurrence.measure, HAPPENED] += 1
    for withdrawal in withdrawals:
        moved[withdrawal.unit, withdrawal.month, None, withdrawal.measure, HAPPENED] -= 1
    return moved


def in_period(state: str, due_month: date | None, period: Period) -> str:
    """The state in which a period counts a duty: one that falls due after its end is not late in it."""
    return DutyState.PENDING if due_month and due_month > period.months[-1] and state in _MISSED else state


def add(counts: Counts, measure: str, state: str, n: int) -> None:
    """Change a count in place."""
    states = counts.setdefault(measure, {})
    total = states.get(state, 0) + n
    if total:
        states[state] = total
    else:
        states.pop(state, None)
        if not states:
            del counts[measure]


def total(parts: Iterable[Counts]) -> Counts:
    """The sum of several periods' counts."""
    whole: Counts = {}
    for part in parts:
        for measure, states in part.items():
            for state, n in states.items():
                add(whole, measure, state, n)
    return whole
