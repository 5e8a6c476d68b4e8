"""Questions, and silence until the deadline, stand in the inboxes of whom they concern."""

from datetime import datetime, timedelta

import pytest

from cchc_shared.calendar.clock import FixedClock
from cchc_shared.service.timers import TimerLoop
from tasks_api.consultations.timers import LAPSING
from tests.support.http import Headers, Json
from tests.support.tasks import Api

ASKER, ASKED = "so-noi-vu", "so-tu-phap"
QUESTION = {
    "unit": ASKED,
    "question": "Đề nghị cho ý kiến về dự thảo",
    "relevance": "Thẩm định tính hợp pháp",
    "working_days": 3,
}


async def ask(api: Api, kind: str) -> Json:
    task = {"title": "Đề án", "lead_unit": ASKER, "due_on": "2024-12-31"}
    code = (await api.send("POST", "/v1/tasks", api.coordinator, json=task)).json()["code"]
    path = f"/v1/tasks/{code}/consultations"
    answer = await api.send("POST", path, api.officer(ASKER), json=QUESTION | {"kind": kind})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def about(api: Api, who: Headers, asked: Json) -> list[tuple[str, str]]:
    items = (await api.get("/v1/notifications", who)).json()["items"]
    assert all(item["href"] == f"/v1/consultations/{asked['id']}" for item in items if item["subject"] == asked["id"])
    return [(item["kind"], item["at"]) for item in reversed(items) if item["subject"] == asked["id"]]


@pytest.mark.parametrize(
    ("kind", "unit_of_silence", "told"),
    [
        ("city_administration", ASKED, "consultation_deemed_agreed"),
        ("one_stop", ASKER, "consultation_silent"),
        ("ordinary", None, None),
    ],
)
async def test_who_is_told_of_silence(
    city: Api, clock: FixedClock, kind: str, unit_of_silence: str | None, told: str | None
) -> None:
    asked = await ask(city, kind)
    question = [("consultation_asked", asked["asked_at"])]
    assert await about(city, city.officer(ASKED), asked) == await about(city, city.head(ASKED), asked) == question
    clock.advance(datetime.fromisoformat(asked["due_at"]) + timedelta(days=3) - clock.now())
    loop = TimerLoop(city.here, (), (LAPSING,), ())
    while await loop.round():
        pass
    for unit, before in ((ASKED, question), (ASKER, [])):
        silence = [(told, asked["due_at"])] if unit == unit_of_silence else []
        assert await about(city, city.head(unit), asked) == [*before, *silence], "as of the deadline, once"
    assert await about(city, city.officer(ASKED), asked) == question
