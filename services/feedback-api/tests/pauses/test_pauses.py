"""A question that the sender does not answer stops the clocks for as long as the rules say, and no longer."""

import asyncio
from datetime import timedelta
from typing import Any

from cchc_shared.calendar.clock import FixedClock
from feedback_api.bootstrap import build_worker
from feedback_api.pauses.service import Pauses
from feedback_api.settings import FeedbackSettings

from ..conftest import HOME_AFFAIRS, People, Service


async def asked(service: Service, people: People) -> str:
    """A report that was accepted and whose sender was asked at once."""
    answer = await service.post({"unit": HOME_AFFAIRS, "kind": "conduct"}, **people["citizen"])
    code = str(answer.json()["code"])
    steps: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("assign", "desk", {}),
        ("accept", "officer", {}),
        ("ask_supplement", "officer", {"question": "Ở đâu?"}),
    )
    for version, (action, who, body) in enumerate(steps, 1):
        assert (await service.act(code, action, people[who], version, body)).status_code == 200
    return code


async def go_on(service: Service, clock: FixedClock) -> None:
    async with service.here.engine.begin() as conn:
        await service.here.use(Pauses).run(conn, clock.now())


async def get(service: Service, people: People, code: str, what: str = "") -> dict[str, Any]:
    return dict((await service.client.get(f"/v1/feedback/{code}{what}", headers=people["officer"])).json())


async def test_the_clocks_go_on_as_of_the_day_however_late_it_is_noticed(
    service: Service, people: People, clock: FixedClock
) -> None:
    """Ten days from Wednesday the 18th: they go on when Saturday the 28th is over."""
    code = await asked(service, people)
    clock.advance(timedelta(days=10, hours=14, minutes=59))
    await go_on(service, clock)
    assert (await get(service, people, code))["status"] == "supplement_requested"
    clock.advance(timedelta(days=20))
    await go_on(service, clock)
    report = await get(service, people, code)
    assert (report["status"], report["paused_since"], report["version"]) == ("in_progress", None, 5)
    # Five days and the seven hours that were left of the first, from Monday the 30th at eight on.
    assert report["own_resolve_due_at"] == "2026-12-07T09:30:00Z"
    (pause,) = (await get(service, people, code, "/clocks"))["own"]["resolution"]["pauses"]
    assert pause == {"since": "2026-11-18T02:00:00Z", "until": "2026-11-28T17:00:00Z"}
    entry = (await get(service, people, code, "/history"))["items"][-1]
    assert (entry["action"], entry["at"]) == ("go_on", clock.now().isoformat().replace("+00:00", "Z"))
    await go_on(service, clock)
    assert (await get(service, people, code))["version"] == 5


async def test_a_sender_is_asked_only_so_often(service: Service, people: People) -> None:
    code = await asked(service, people)
    words = {"ask_supplement": {"question": "Ở đâu?"}, "supplement": {"text": "Đầu ngõ"}}
    for version, action in enumerate(("supplement", "ask_supplement", "supplement"), 4):
        assert (await service.act(code, action, people["officer"], version, words[action])).status_code == 200
    third = await service.act(code, "ask_supplement", people["officer"], 7, words["ask_supplement"])
    assert (third.status_code, third.json()["errors"][0]["field"]) == (422, "body.question")


async def test_the_worker_does_it_by_itself(
    service: Service, people: People, settings: FeedbackSettings, clock: FixedClock
) -> None:
    code = await asked(service, people)
    clock.advance(timedelta(days=11))
    worker = build_worker(settings, clock)
    async with worker.router.lifespan_context(worker), asyncio.timeout(30):
        while (await get(service, people, code))["status"] == "supplement_requested":
            clock.advance(timedelta(minutes=1))
            await asyncio.sleep(0.05)
