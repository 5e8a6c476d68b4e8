"""Both clocks of a report, as whoever may read it sees them run, stop and pass their end."""

from datetime import timedelta
from typing import Any

import pytest

from cchc_shared.calendar.clock import FixedClock
from tests.support.tokens import TestTokens

from ..conftest import HOME_AFFAIRS, People, Service


async def received(service: Service, people: People) -> str:
    """The code of a report that its unit has to accept."""
    answer = await service.post({"unit": HOME_AFFAIRS}, **people["citizen"])
    code = str(answer.json()["code"])
    assert (await service.act(code, "assign", people["desk"], 1)).status_code == 200
    return code


async def clocks(service: Service, code: str, people: People) -> dict[str, Any]:
    answer = await service.client.get(f"/v1/feedback/{code}/clocks", headers=people["citizen"])
    assert answer.status_code == 200
    return dict(answer.json())


async def test_a_clock_runs_until_its_due_instant(service: Service, people: People, clock: FixedClock) -> None:
    code = await received(service, people)
    shown = await clocks(service, code, people)
    assert shown["code"] == code
    assert shown["acceptance"] == {
        "rule": {
            "id": "acceptance-qd1207",
            "source": "QĐ 1207/QĐ-UBND 28/2/2025 (iHanoi), read in press reports of 3/2025",
            "status": "V",
        },
        "started_at": "2026-11-18T02:00:00Z",
        "due_at": "2026-11-19T02:00:00Z",
        "provisional": False,
        "stopped_at": None,
        "state": "running",
        "pauses": [],
        "extensions": [],
    }
    clock.advance(timedelta(days=1) - timedelta(microseconds=1))
    assert (await clocks(service, code, people))["acceptance"]["state"] == "running"
    clock.advance(timedelta(microseconds=1))
    assert (await clocks(service, code, people))["acceptance"]["state"] == "overdue"


async def test_a_clock_that_touches_an_undecided_day_says_so(
    service: Service, people: People, clock: FixedClock
) -> None:
    """The year after has no decision, and this report has fifteen working days from the eighteenth of December on."""
    clock.advance(timedelta(days=30))
    code = await received(service, people)
    shown = await clocks(service, code, people)
    assert [shown[name]["provisional"] for name in ("acceptance", "resolution")] == [False, True]
    assert shown["resolution"]["due_at"] == "2027-01-11T10:30:00Z", "the first of January is off by law"
    report = await service.client.get(f"/v1/feedback/{code}", headers=people["citizen"])
    assert report.json()["provisional"] is True


@pytest.mark.parametrize("in_time", [True, False])
async def test_a_report_is_provisional_as_long_as_one_of_its_clocks_is(
    service: Service, people: People, clock: FixedClock, tokens: TestTokens, *, in_time: bool
) -> None:
    """Of Monday the 23rd it is not known whether it is worked: it concerns only what still counts over it."""
    clock.advance(timedelta(days=2))  # Friday
    sender = tokens(sub="citizen-1", roles=["citizen", "coordinator"])  # one who may say that it is urgent
    answer = await service.post({"unit": HOME_AFFAIRS, "severity": "urgent", "kind": "on_site"}, **sender)
    code = str(answer.json()["code"])
    assert (await service.act(code, "assign", people["desk"], 1)).status_code == 200

    async def provisional() -> tuple[bool, bool, bool]:
        shown = await clocks(service, code, people)
        report = (await service.client.get(f"/v1/feedback/{code}", headers=people["citizen"])).json()
        return shown["acceptance"]["provisional"], shown["resolution"]["provisional"], report["provisional"]

    assert await provisional() == (True, True, True)
    clock.advance(timedelta(hours=1 if in_time else 5 * 24))  # Friday still, or Wednesday
    assert (await service.act(code, "accept", people["officer"], 2)).status_code == 200
    # Who accepts too late has the time for the answer from Monday on.
    assert await provisional() == (False, not in_time, not in_time)


@pytest.mark.parametrize(("after", "state"), [(timedelta(hours=1), "met"), (timedelta(days=2), "missed")])
async def test_acceptance_stops_its_clock(
    service: Service, people: People, clock: FixedClock, after: timedelta, state: str
) -> None:
    code = await received(service, people)
    clock.advance(after)
    assert (await service.act(code, "accept", people["officer"], 2)).status_code == 200
    stopped = (await clocks(service, code, people))["acceptance"]
    assert (stopped["state"], stopped["stopped_at"]) == (state, clock.now().isoformat().replace("+00:00", "Z"))
    assert (await clocks(service, code, people))["resolution"]["stopped_at"] is None
