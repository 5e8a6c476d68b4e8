"""The calendar over HTTP: make-up Saturdays and days off of the city's document."""

from typing import Any

import pytest

from tests.support.tasks import Api


@pytest.mark.parametrize(
    ("start", "query", "due_at", "provisional"),
    [
        ("2026-08-21", {"working_days": 1}, "2026-08-22T10:30:00Z", False),
        ("2026-08-28T09:00:00+07:00", {"working_days": 1}, "2026-09-03T10:30:00Z", False),
        ("2025-04-25T23:00:00Z", {"working_days": 1}, "2025-04-28T10:30:00Z", False),
        ("2024-06-03T10:00:00+07:00", {"working_hours": 4}, "2024-06-03T08:30:00Z", False),
        ("2026-12-31T17:00:00+07:00", {"working_hours": 0.5}, "2026-12-31T10:30:00Z", False),
        ("2026-12-31T17:00:00+07:00", {"working_hours": 1}, "2027-01-04T01:30:00Z", True),
        ("2026-12-15", {"working_days": 30}, "2027-01-27T10:30:00Z", True),
        ("2027-02-01", {"working_days": 5}, "2027-02-15T10:30:00Z", True),  # over Tết, reckoned
        ("2023-01-18", {"working_days": 5}, "2023-02-01T10:30:00Z", True),  # over the Tết of a year without a document
        ("2026-01-01", {"working_days": 1}, "2026-01-05T10:30:00Z", False),  # 2/1 is off
        ("2026-01-09", {"working_days": 1}, "2026-01-10T10:30:00Z", False),  # a Saturday in its place
        ("2026-11-23", {"working_days": 1}, "2026-11-25T10:30:00Z", True),
        ("2026-11-20", {"working_days": 1}, "2026-11-23T10:30:00Z", True),
        ("2026-11-24", {"working_days": 1}, "2026-11-25T10:30:00Z", False),
    ],
)
async def test_deadlines(api: Api, start: str, query: dict[str, Any], due_at: str, provisional: bool) -> None:
    answer = await api.get("/v1/calendar/deadline", start=start, **query)
    assert answer.json() == {"due_at": due_at, "provisional": provisional}


@pytest.mark.parametrize(
    "query",
    [
        {"start": "2024-06-03"},
        {"start": "2024-06-03", "working_days": 1, "working_hours": 1},
        {"start": "2024-06-03", "working_days": 0},
        {"start": "3/6/2024", "working_days": 1},
        {"start": "2024-06-03T10:00:00", "working_days": 1},
        {"start": "9999-12-31", "working_days": 1},
        {"start": "1717383600", "working_days": 1},
        {"working_days": 1},
    ],
)
async def test_unclear_questions(api: Api, query: dict[str, Any]) -> None:
    answer = await api.get("/v1/calendar/deadline", **query)
    assert answer.status_code == 422
    assert answer.json()["errors"]
