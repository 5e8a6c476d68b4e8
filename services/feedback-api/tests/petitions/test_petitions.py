"""A voters' petition that became a task is linked, and its unit is scored by the task alone."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from cchc_shared.calendar.clock import FixedClock
from cchc_shared.contract.codes import TaskStatus
from cchc_shared.contract.events import Event, new_event
from cchc_shared.contract.events.task import TaskAssigned
from feedback_api.petitions.feature import follow

from ..conftest import HOME_AFFAIRS, People, Service


def assigned(petition: str | None, code: str = "NV-2026-000001", version: int = 1) -> Event:
    at = datetime(2026, 11, 18, 3, tzinfo=UTC)
    data = TaskAssigned(
        code=code, lead_unit=HOME_AFFAIRS, status=TaskStatus.NOT_STARTED, assigned_at=at, petition=petition
    )
    return new_event(data, subject=code, version=version, occurred_at=at, recorded_at=at)


async def petition(service: Service, people: People, kind: str = "voter_petition") -> str:
    answer = await service.post({"unit": HOME_AFFAIRS, "kind": kind}, **people["citizen"])
    code = str(answer.json()["code"])
    for version, (action, who) in enumerate((("assign", "desk"), ("accept", "officer")), 1):
        assert (await service.act(code, action, people[who], version)).status_code == 200
    return code


async def link(service: Service, *events: Event) -> None:
    async with service.here.engine.begin() as conn:
        await follow(conn, events, service.here)


async def get(service: Service, people: People, code: str, what: str = "") -> dict[str, Any]:
    return dict((await service.client.get(f"/v1/feedback/{code}{what}", headers=people["officer"])).json())


async def test_it_is_linked_to_the_first_task(service: Service, people: People) -> None:
    code = await petition(service, people)
    await link(service, assigned(code), assigned(code, "NV-2026-000002"))
    await link(service, assigned(code))
    report = await get(service, people, code)
    assert (report["task"], report["version"], report["status"]) == ("NV-2026-000001", 4, "accepted")
    entry = (await get(service, people, code, "/history"))["items"][-1]
    assert (entry["action"], entry["details"]) == ("become_task", {"task": "NV-2026-000001"})
    citizen = await service.client.get(f"/v1/feedback/{code}", headers=people["citizen"])
    assert "task" not in citizen.json()


@pytest.mark.parametrize("late", [False, True])
async def test_its_unit_has_no_second_duty_but_what_it_missed(
    service: Service, people: People, clock: FixedClock, late: bool
) -> None:
    code = await petition(service, people)
    if late:
        clock.advance(timedelta(days=40))
    at = clock.now()
    event = assigned(code)
    await link(service, msgspec.structs.replace(event, occurred_at=at, recorded_at=at))
    clock.advance(timedelta(days=60))
    by_unit = "/v1/statistics/feedback?group_by=unit"
    for query in (by_unit, f"{by_unit}&as_of=2027-01-10"):
        (row,) = (await service.client.get(query, headers=people["desk"])).json()["rows"]
        assert (row["received"], row["overdue_open"], row["missed"]) == (1, 0, int(late))
    # Its sender was promised an answer all the same.
    (total,) = (await service.client.get("/v1/statistics/feedback", headers=people["desk"])).json()["rows"]
    assert (total["overdue_open"], total["missed"]) == (1, 0)


async def test_what_is_no_open_petition_stays_as_it_is(service: Service, people: People) -> None:
    code = await petition(service, people, kind="conduct")
    await link(service, assigned(code), assigned("PA-26-999999"), assigned(None))
    report = await get(service, people, code)
    assert (report["task"], report["version"]) == (None, 3)
