"""The recomputation by hand-counted examples, so that it is not only as right as the services."""

from collections import Counter
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

from tests.chaos import recomputation
from tests.chaos.recomputation import Fact, Score

NOW = datetime(2024, 3, 15, 3, tzinfo=UTC)


def report(**changes: object) -> dict[str, Any]:
    received: dict[str, Any] = {
        "code": "PA-1",
        "channel": "web",
        "unit": "a",
        "status": "received",
        "received_at": "2024-01-31T18:00:00Z",
        "accept_due_at": "2024-02-01T10:30:00Z",
        "accepted_at": None,
        "resolve_due_at": "2024-03-29T10:30:00Z",
        "answered_at": None,
        "history": [],
    }
    return received | changes


def test_the_month_is_that_of_hanoi() -> None:
    rows = recomputation.statistics([report(), report(received_at="2024-01-31T16:59:59Z")], NOW)
    assert {key: row[0] for key, row in rows.items()} == {"2024-02 web": 1, "2024-01 web": 1}


def test_an_open_report_past_its_due_time_lowers_the_rate() -> None:
    answered = report(answered_at="2024-02-02T00:00:00Z")
    late = report(answered_at="2024-04-02T00:00:00Z")
    overdue = report(resolve_due_at="2024-03-01T00:00:00Z")
    row = recomputation.statistics([answered, answered, late, overdue, report()], NOW)["2024-02 web"]
    assert row == (5, 3, 2, 1, 1, 0.5, 0)


def entry(action: str, at: str, holder: str, **changes: object) -> dict[str, Any]:
    done: dict[str, Any] = {
        "action": action,
        "at": at,
        "holder": holder,
        "from_unit": None,
        "role": "officer",
        "resolve_due_at": "2024-03-29T10:30:00Z",
        "own_accept_due_at": None,
        "own_resolve_due_at": None,
    }
    return done | changes


def test_what_was_done_or_missed_stays_with_the_unit_that_had_it() -> None:
    of_a = {"own_accept_due_at": "2024-02-02T03:00:00Z", "own_resolve_due_at": "2024-02-08T10:30:00Z"}
    of_b = {"own_accept_due_at": "2024-03-04T09:00:00Z", "own_resolve_due_at": "2024-04-07T10:30:00Z"}
    history = [
        entry("receive", "2024-01-31T18:00:00Z", "desk"),
        entry("assign", "2024-02-01T02:00:00Z", "a", **of_a),
        entry("accept", "2024-02-02T03:00:00Z", "a", **of_a),
        entry("transfer", "2024-02-29T17:00:00Z", "b", from_unit="a", **of_b),
    ]
    found = recomputation.facts([report(unit="b", accepted_at="2024-02-02T03:00:00Z", history=history)], [], NOW)
    assert found == [
        Fact("feedback.acceptance", "PA-1", "desk", "2024-02", "on_time"),
        Fact("feedback.acceptance", "PA-1", "a", "2024-02", "late"),
        Fact("feedback.resolution", "PA-1", "a", "2024-02", "overdue"),
        Fact("feedback.acceptance", "PA-1", "b", "2024-03", "overdue"),
        Fact("feedback.resolution", "PA-1", "b", "2024-04", "pending"),
        Fact("feedback.handover", "PA-1", "a", "2024-03", "happened"),
    ]
    moved_by_desk = [*history[:3], history[3] | {"role": "coordinator"}]
    assert recomputation.facts([report(unit="b", history=moved_by_desk)], [], NOW) == found[:-1]


def test_a_task_counts_in_the_month_of_its_last_day() -> None:
    task = {
        "code": "NV-1",
        "lead_unit": "a",
        "status": "in_progress",
        "fanned_out": False,
        "awaiting_approval": False,
        "due_at": "2024-02-29T17:00:00Z",
        "completed_at": None,
        "history": [],
    }
    late = task | {"completed_at": "2024-02-29T17:00:00Z"}
    assert [(fact.month, fact.state) for fact in recomputation.facts([], [task, late], NOW)] == [
        ("2024-02", "overdue"),
        ("2024-02", "late"),
    ]
    nobodys = [task | {"fanned_out": True}, task | {"status": "closed"}, task | {"awaiting_approval": True}]
    assert recomputation.facts([], nobodys, NOW) == []


def test_points_by_the_template() -> None:
    count = Counter(
        {
            ("task.completion", "on_time"): 1,
            ("task.completion", "late"): 1,
            ("task.completion", "overdue"): 1,
            ("task.completion", "pending"): 5,
            ("feedback.acceptance", "on_time"): 19,
            ("feedback.acceptance", "late"): 1,
            ("feedback.unjustified_handover", "happened"): 3,
        }
    )
    assert recomputation.score(count) == Score(
        total=Fraction("10") + Fraction("6.67") + 15 + Fraction("8.5"),
        max=Fraction(65),
        percent=Fraction("61.8"),
        fields={
            "1": (Fraction("16.67"), Fraction(40)),
            "2": (Fraction(15), Fraction(15)),
            "3": (Fraction("8.5"), Fraction(10)),
        },
    )


def test_nothing_due_is_no_score() -> None:
    nothing = Score(Fraction(0), Fraction(0), None, dict.fromkeys("123", (None, Fraction(0))))
    assert recomputation.score(Counter({("feedback.acceptance", "pending"): 4})) == nothing


def test_a_unit_is_scored_for_the_months_in_which_it_was_there() -> None:
    found = [Fact("task.completion", f"NV-{n}", "a", f"2025-0{n}", "late") for n in (1, 2, 3)]
    until_february = {"valid_from": None, "valid_to": "2025-02-28"}
    since_march = {"valid_from": "2025-03-01", "valid_to": None}
    both = recomputation.scores(found, {"a": [until_february, since_march]})
    alone = recomputation.scores(found, {"a": [until_february]})
    assert both["2025"]["a"] == alone["2025-03"]["a"]
    assert sorted(both) == sorted(alone) == ["2025", "2025-01", "2025-02", "2025-03", "2025-H1", "2025-Q1"]
