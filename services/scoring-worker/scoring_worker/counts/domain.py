"""Counts of a unit in a period, and the changes that move them."""

from collections import Counter
from collections.abc import Iterable
from datetime import date

from scoring_worker.facts.domain import HAPPENED, Duty, DutyState, Occurrence, Withdrawal

Counts = dict[str, dict[str, int]]
"""Measure → state → number of facts; zeros are left out, so that equal counts are equal objects."""

Movements = Counter[tuple[str, date, str, str]]
"""(unit, month, measure, state) → how many more or fewer."""


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
            moved[duty.unit, duty.month, duty.measure, before] -= 1
        if duty.counted is not None:
            moved[duty.unit, duty.month, duty.measure, duty.counted] += 1
    for occurrence in occurrences:
        moved[occurrence.unit, occurrence.month, occurrence.measure, HAPPENED] += 1
    for withdrawal in withdrawals:
        moved[withdrawal.unit, withdrawal.month, withdrawal.measure, HAPPENED] -= 1
    return moved


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
