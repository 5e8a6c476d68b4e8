"""What the tests of reassignments do over HTTP, and with the worker."""

from datetime import UTC, datetime
from typing import Any

import httpx

from cchc_shared.calendar.clock import FixedClock
from cchc_shared.service.timers import TimerLoop
from tasks_api.reassignments.timers import RUNNING
from tests.support.http import Headers, Query
from tests.support.tasks import Api

PATH = "/v1/units/reassignments"
AFTER_MERGERS = datetime(2025, 7, 2, 3, tzinfo=UTC)
"""The day after the districts ended, ten in the morning in Hanoi."""
LAW = {"document_no": "1656/NQ-UBTVQH15", "reason": "Sắp xếp đơn vị hành chính"}


def until(clock: FixedClock, at: datetime = AFTER_MERGERS) -> None:
    clock.advance(at - clock.now())


def row(from_unit: str, to_unit: str | None, **only: str) -> dict[str, Any]:
    return {"from_unit": from_unit, "to_unit": to_unit} | only


async def reassign(api: Api, *rows: dict[str, Any], who: Headers | None = None, **query: Query) -> httpx.Response:
    asked = httpx.QueryParams({name: str(value) for name, value in query.items()})
    return await api.send("POST", f"{PATH}?{asked}", who or api.operator, json=LAW | {"rows": list(rows)})


async def preview(api: Api, *rows: dict[str, Any]) -> dict[str, Any]:
    """The whole of it, on one page or many."""
    shown = await reassign(api, *rows, dry_run="true", limit=200)
    assert shown.status_code == 200, shown.text
    found: dict[str, Any] = shown.json()
    while cursor := shown.json()["next_cursor"]:
        shown = await reassign(api, *rows, dry_run="true", limit=200, cursor=cursor)
        found["items"] += shown.json()["items"]
    return found


async def work(api: Api) -> None:
    """One worker, until there is nothing left to do."""
    loop = TimerLoop(api.here, (), (RUNNING,), ())
    while await loop.round():
        pass


async def run(api: Api, *rows: dict[str, Any]) -> dict[str, Any]:
    """Reassign, let the worker do it, and read all that became of it."""
    begun = await reassign(api, *rows)
    assert begun.status_code == 202, begun.text
    await work(api)
    path, found = begun.headers["location"], dict[str, Any]()
    cursor: str | None = ""
    while cursor is not None:
        page = (await api.get(path, api.operator, limit=200, **({"cursor": cursor} if cursor else {}))).json()
        found = page | {"items": [*found.get("items", []), *page["items"]]}
        cursor = page["next_cursor"]
    assert found["state"] == "done"
    return found


async def waiting(api: Api, who: Headers | None = None, **query: Query) -> list[dict[str, Any]]:
    """All pages."""
    found: list[dict[str, Any]] = []
    cursor: str | None = ""
    while cursor is not None:
        given = query | ({"cursor": cursor} if cursor else {})
        page = await api.get(f"{PATH}/waiting", who or api.coordinator, **given)
        assert page.status_code == 200, page.text
        found += page.json()["items"]
        cursor = page.json()["next_cursor"]
    return found
