"""Consultations, recommendations and submissions follow their units too, each with time of its own for the heir."""

from datetime import UTC, datetime, timedelta
from typing import Any

from cchc_shared.calendar.clock import FixedClock
from cchc_shared.service.timers import TimerLoop
from tasks_api.consultations.timers import LAPSING
from tests.support.http import Headers
from tests.support.tasks import Api

from ..consultations import asking
from ..inspections.office import Office, tree
from .merging import AFTER_MERGERS, run, until, waiting

ENDS, HEIR = "so-tai-nguyen-va-moi-truong", "so-nong-nghiep-va-moi-truong"
EVE = datetime(2025, 2, 28, 8, tzinfo=UTC)
"""The last afternoon of the former departments."""
NEXT = EVE + timedelta(days=3)


async def shown(api: Api, path: str, who: Headers | None = None) -> dict[str, Any]:
    answer = await api.get(path, who or api.coordinator)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_who_is_asked_in_the_place_of_another_has_time_to_answer(city: Api, clock: FixedClock) -> None:
    until(clock, EVE)
    task = await asking.task_of(city, due_on="2025-12-31")
    asked = await asking.ask(city, task, unit=ENDS, working_days=2)
    until(clock, NEXT)
    refused = await asking.act(city, asked, "answer", city.officer(ENDS))
    assert (refused.status_code, refused.json()["code"]) == (403, "unit-ended")
    assert [each["code"] for each in refused.json()["successors"]] == [HEIR]
    await run(city)
    after = await shown(city, f"/v1/consultations/{asked['id']}")
    assert (after["unit"], after["status"], after["version"]) == (HEIR, "open", 2)
    assert after["due_at"] > asked["due_at"]
    told = (await city.get("/v1/notifications", city.officer(HEIR), unread="true")).json()["items"]
    assert ("consultation_asked", asked["id"]) in [(each["kind"], each["subject"]) for each in told]
    answered = await asking.act(city, after, "answer", city.officer(HEIR))
    assert (answered.status_code, answered.json()["status"]) == (200, "answered")


async def test_silence_of_an_ended_unit_is_its_own(city: Api, clock: FixedClock) -> None:
    until(clock, EVE - timedelta(days=7))
    asked = await asking.ask(city, await asking.task_of(city, due_on="2025-12-31"), unit=ENDS, working_days=2)
    until(clock, NEXT)
    assert asked["id"] not in {each["code"] for each in await waiting(city)}
    await run(city)
    loop = TimerLoop(city.here, (), (LAPSING,), ())
    while await loop.round():
        pass
    after = await shown(city, f"/v1/consultations/{asked['id']}")
    assert (after["unit"], after["status"]) == (ENDS, "deemed_agreed")


async def test_the_asker_and_the_sender_go_where_the_task_goes(city: Api, clock: FixedClock) -> None:
    until(clock, EVE)
    task = await asking.task_of(city, lead_unit=ENDS, due_on="2025-12-31")
    who = city.officer(ENDS)
    asked = (await asking.post(city, task, who, unit="so-tu-phap", working_days=5)).json()
    body = {"to_unit": "01", "subject": "Trình Đề án", "consultations": [asked["id"]]}
    papers = (await city.send("POST", f"/v1/tasks/{task}/submissions", who, json=body)).json()
    until(clock, NEXT)
    done = await run(city)
    seats = {each["seat"] for each in done["items"] if each["code"] in {task, asked["id"], papers["id"]}}
    assert seats == {"lead", "asker", "sender"}
    assert (await shown(city, f"/v1/tasks/{task}"))["lead_unit"] == HEIR
    after = await shown(city, f"/v1/consultations/{asked['id']}")
    assert (after["asker"], after["unit"], after["due_at"]) == (HEIR, "so-tu-phap", asked["due_at"])
    withdrawn = await asking.act(city, after, "withdraw", city.officer(HEIR))
    assert withdrawn.status_code == 200
    sent = await shown(city, f"/v1/submissions/{papers['id']}", city.head(HEIR))
    headers = {"If-Match": f'"{sent["version"]}"'}
    path = f"/v1/submissions/{papers['id']}/actions/send"
    assert (await city.send("POST", path, city.head(HEIR), json={}, headers=headers)).status_code == 200
    kinds = {event[2] for event in await city.events() if event[2].endswith(".reassigned.v1")}
    assert kinds >= {"task.reassigned.v1", "consultation.reassigned.v1", "submission.reassigned.v1"}


async def test_recommendations_go_on_with_the_heir(city: Api, clock: FixedClock) -> None:
    until(clock, EVE)
    office = Office(city)
    trees = tree(1, 2, responsible_unit=ENDS, due_on="2025-03-03")
    inspection = await office.concluded(trees, planned_from="2025-02-28")
    until(clock, NEXT)
    first = f"{inspection['code']}.1.1"
    until(clock, NEXT + timedelta(days=2))
    past = [await office.progress(as_of="2025-03-04", unit=unit) for unit in (ENDS, HEIR)]
    assert past[0]["recommendations"]["overdue"] == 2
    await run(city)
    assert [await office.progress(as_of="2025-03-04", unit=unit) for unit in (ENDS, HEIR)] == past, "the past stays"
    after = await shown(city, f"/v1/recommendations/{first}")
    assert (after["responsible_unit"], after["due_on"], after["overdue"]) == (HEIR, "2025-03-12", False)
    assert (await office.carried_out(after))["status"] == "done"


async def test_an_assigning_unit_that_ended_is_succeeded(city: Api, clock: FixedClock) -> None:
    until(clock, EVE)
    own = {"title": "Việc của Sở", "lead_unit": ENDS, "due_on": "2025-12-31"}
    code = (await city.send("POST", "/v1/tasks", city.token("coordinator", unit=ENDS), json=own)).json()["code"]
    until(clock, NEXT)
    done = await run(city)
    assert {each["seat"] for each in done["items"] if each["code"] == code} == {"lead", "assigning"}
    after = await shown(city, f"/v1/tasks/{code}")
    assert (after["lead_unit"], after["assigning_unit"], after["version"]) == (HEIR, HEIR, 2)
    steps = (("start", city.officer(HEIR)), ("report", city.officer(HEIR)), ("approve", city.head(HEIR)))
    for action, who in (*steps, ("approve", city.token("coordinator", unit=HEIR, sub="c"))):
        answer = await city.act(after, action, who)
        assert answer.status_code == 200, answer.text
        after = answer.json()
    assert after["status"] == "completed"


async def test_a_report_goes_on_with_the_heir(city: Api, clock: FixedClock) -> None:
    until(clock, EVE)
    task = await asking.task_of(city, lead_unit=ENDS, due_on="2025-03-01")
    seen = await shown(city, f"/v1/tasks/{task}")
    for action in ("start", "report"):
        seen = (await city.act(seen, action, city.officer(ENDS))).json()
    until(clock, AFTER_MERGERS)
    await run(city)
    after = await shown(city, f"/v1/tasks/{task}")
    assert (after["status"], after["awaiting_approval"], after["lead_unit"]) == ("reported", True, HEIR)
    for who in (city.head(HEIR), city.coordinator):
        after = (await city.act(after, "approve", who)).json()
    assert (after["status"], after["completed_late"]) == ("completed", False)
