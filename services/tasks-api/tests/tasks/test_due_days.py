"""Tasks due in a period: read day by day or by a walk, the list is the same."""

from datetime import date, timedelta

import pytest

from cchc_shared.calendar.clock import FixedClock
from tasks_api.tasks import listing
from tests.support.http import Query
from tests.support.tasks import Api

FIRST = date(2024, 6, 3)


async def listed(api: Api, **query: Query) -> list[str]:
    """All codes, page by page."""
    found, cursor = list[str](), ""
    while True:
        more: dict[str, Query] = {**query, "cursor": cursor} if cursor else query
        answer = await api.get("/v1/tasks", api.coordinator, limit=3, **more)
        assert answer.status_code == 200, answer.text
        found += [item["code"] for item in answer.json()["items"]]
        cursor = answer.json()["next_cursor"] or ""
        if not cursor:
            return found


async def test_the_days_of_a_period_are_read_one_by_one_or_by_a_walk(
    city: Api, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    due: dict[str, date] = {}
    for number in range(24):
        day = FIRST + timedelta(days=number * 5 % 7)
        body = {"title": f"Phiếu kiểm {number % 4}", "lead_unit": "so-noi-vu", "due_on": str(day)}
        answer = await city.send("POST", "/v1/tasks", city.coordinator, json=body)
        due[answer.json()["code"]] = day
    clock.advance(timedelta(days=3))
    queries: list[dict[str, Query]] = [{}, {"q": "phieu kiem 2"}, {"overdue": True}, {"overdue": False}]
    queries.append({"status": "not_started", "q": '"phiếu kiểm"'})
    for begin, days in ((0, 0), (1, 3), (0, 6), (-30, 60), (5, 0), (6, -1)):
        period = {"due_from": str(FIRST + timedelta(days=begin)), "due_to": str(FIRST + timedelta(days=begin + days))}
        for query in queries:
            monkeypatch.setattr(listing, "DAYS_ONE_BY_ONE", 100)
            day_by_day = await listed(city, **period, **query)
            monkeypatch.setattr(listing, "DAYS_ONE_BY_ONE", 0)
            assert day_by_day == await listed(city, **period, **query), (period, query)
        newest_first = [code for code in reversed(due) if period["due_from"] <= str(due[code]) <= period["due_to"]]
        assert await listed(city, **period, q="phieu kiem") == newest_first
