"""A score and its evidence that do not belong together are found."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from tests.chaos.adding_up import check_sum
from tests.chaos.history import Anomaly

Row = dict[str, Any]
STATES = ("on_time", "late", "overdue", "pending", "happened")


def row(measure: str, state: str, number: int) -> Row:
    return {"code": f"PA-{number}", "measure": measure, "state": state, "opened_at": f"2026-01-{number + 1:02d}"}


ROWS = [
    row("feedback.acceptance", "on_time", 0),
    row("feedback.acceptance", "late", 1),
    row("feedback.resolution", "pending", 0),
    row("task.completion", "overdue", 2),
    row("feedback.unjustified_handover", "happened", 1),
]


def leaf(code: str, **counts: int) -> Row:
    return {"code": code, "inputs": [dict.fromkeys(STATES, 0) | counts], "children": []}


def shown() -> Row:
    """Half of the acceptances in time, of 95 % that are asked for: 7.89 of 15. No task done: 0 of 40. 9.5 of 10."""
    return {
        "unit": "a",
        "period": "2026-01",
        "total": 17.39,
        "max": 65,
        "percent": 26.75,
        "fields": [
            {"code": "1", "score": 0, "max": 40},
            {"code": "2", "score": 7.89, "max": 15},
            {"code": "3", "score": 9.5, "max": 10},
        ],
        "tree": [
            {"code": "1", "inputs": [], "children": [leaf("1.1.1", overdue=1), leaf("1.1.2", overdue=1)]},
            {"code": "2", "inputs": [], "children": [leaf("2.1", on_time=1, late=1), leaf("2.2", pending=1)]},
            leaf("3.1", on_time=1, late=1, overdue=1, pending=1, happened=1),
        ],
    }


def test_a_score_that_adds_up_has_no_finding() -> None:
    assert check_sum(shown(), ROWS) == []


SPOILT: dict[str, tuple[Callable[[list[Row]], Sequence[Row]], set[tuple[Anomaly, str]]]] = {
    "a duty is missing": (
        lambda rows: rows[1:],
        {(Anomaly.DIFFERENT, "total"), (Anomaly.DIFFERENT, "2.1"), (Anomaly.DIFFERENT, "3.1")},
    ),
    "a duty that is not due is missing: no point changes": (
        lambda rows: [*rows[:2], *rows[3:]],
        {(Anomaly.DIFFERENT, "2.2"), (Anomaly.DIFFERENT, "3.1")},
    ),
    "a hand-over counts twice": (
        lambda rows: [*rows, rows[4]],
        {
            (Anomaly.DOUBLED, "PA-1 feedback.unjustified_handover 2026-01-02"),
            (Anomaly.DIFFERENT, "total"),
            (Anomaly.DIFFERENT, "3.1"),
        },
    ),
    "a duty has another state": (
        lambda rows: [{**rows[0], "state": "late"}, *rows[1:]],
        {(Anomaly.DIFFERENT, "total"), (Anomaly.DIFFERENT, "2.1"), (Anomaly.DIFFERENT, "3.1")},
    ),
}


@pytest.mark.parametrize("name", SPOILT)
def test_evidence_that_does_not_make_the_score_is_found(name: str) -> None:
    spoil, expected = SPOILT[name]
    assert {(each.anomaly, each.id) for each in check_sum(shown(), spoil(list(ROWS)))} == expected


def test_a_point_too_many_is_found() -> None:
    found = check_sum(shown() | {"total": 18.39}, ROWS)
    assert [(each.anomaly, each.id) for each in found] == [(Anomaly.DIFFERENT, "total")]
