"""The months add up: 235 reports in January and 149 in February 2024 are 384, by channel and in Hanoi's months."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import cycle

import httpx
import pytest

from tests.support.http import Client, Json, Query
from tests.support.system import System

JANUARY, FEBRUARY = 235, 149
CHANNELS = ("ihanoi", "hotline", "zalo", "email", "national_portal", "web", "counter")
# Midnight in Hanoi is 17:00 UTC of the day before: each month gets its first and last instants.
FIRST, BORDER, END = (datetime(2024, month, 1, tzinfo=UTC) - timedelta(hours=7) for month in (1, 2, 3))
MOMENT = timedelta(microseconds=1)


def moments(since: datetime, until: datetime, n: int) -> list[datetime]:
    """So many instants of a month, its first and its last among them."""
    step = (until - since) / n
    return [since, *(since + step * number for number in range(1, n - 1)), until - MOMENT]


@pytest.mark.parametrize("system", ["postgres"], indirect=True)  # reports are counted where they are kept
async def test_the_months_add_up(system: System, desk: Client) -> None:
    late_in_utc = datetime(2024, 1, 31, 18, tzinfo=UTC)
    received = [*moments(FIRST, BORDER, JANUARY), *moments(BORDER, END, FEBRUARY - 1), late_in_utc]
    sent = list(zip(received, cycle(CHANNELS), strict=False))
    turns = asyncio.Semaphore(16)
    async with httpx.AsyncClient(base_url=system.url, timeout=30, headers=system.bearer("history", "system")) as http:

        async def send(number: int, at: datetime, channel: str) -> None:
            body = {"channel": channel, "channel_ref": f"2024-{number}", "kind": "procedure", "content": "Thủ tục chậm"}
            async with turns:
                reply = await http.post("/v1/feedback", json=body | {"received_at": at.isoformat()})
            assert reply.status_code == 201, reply.text

        await asyncio.gather(*(send(number, *each) for number, each in enumerate(sent)))
    months = rows(desk, group_by="month", **{"from": "2024-01-01", "to": "2024-02-29"})
    assert {row["month"]: row["received"] for row in months} == {"2024-01": JANUARY, "2024-02": FEBRUARY}
    by_channel = rows(desk, group_by="month,channel", **{"from": "2024-01-01", "to": "2024-02-29"})
    expected = Counter(("2024-01" if at < BORDER else "2024-02", channel) for at, channel in sent)
    assert {(row["month"], row["channel"]): row["received"] for row in by_channel} == expected
    [total] = rows(desk, **{"from": "2024-01-01", "to": "2024-02-29"})
    assert total["received"] == total["overdue_open"] == JANUARY + FEBRUARY == 384
    assert (total["resolved"], total["on_time_rate"]) == (0, 0)
    [january] = rows(desk, **{"from": "2024-01-01", "to": "2024-01-31"})
    assert january["received"] == JANUARY
    at_new_year = rows(desk, group_by="month", as_of="2023-12-31", **{"from": "2024-01-01", "to": "2024-02-29"})
    assert at_new_year == []


def rows(client: Client, **query: Query) -> list[Json]:
    return list(client.get("/v1/statistics/feedback", **query)["rows"])
