"""The calendar over HTTP: make-up Saturdays and days off of the city's document."""

from typing import Any

import pytest

from tests.support.tasks import Api


@pytest.mark.parametrize(
    ("start", "query", "due_at"),
    [
        ("2026-08-21", {"working_days": 1}, "2026-08-22T10:30:00Z"),
        ("2026-08-28T09:00:00+07:00", {"working_days": 1}, "2026-09-03T10:30:00Z"),
        ("2025-04-25T23:00:00Z", {"working_days": 1}, "2025-04-28T10:30:00Z"),
        ("2024-06-03T10:00:00+07:00", {"working_hours": 4}, "2024-06-03T08:30:00Z"),
    ],
)
async def test_deadlines(api: Api, start: str, query: dict[str, Any], due_at: str) -> None:
    answer = await api.get("/v1/calendar/deadline", start=start, **query)
    assert answer.json() == {"due_at": due_at}


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
