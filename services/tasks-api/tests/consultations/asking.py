"""What the tests of consultations do over HTTP."""

from datetime import datetime
from typing import Any

import httpx

from cchc_shared.calendar.clock import FixedClock
from tests.support.http import Headers
from tests.support.tasks import Api

LEAD, ASKED, FOREIGN = "so-noi-vu", "so-tu-phap", "so-tai-chinh"
TASK = {"title": "Đề án tinh gọn bộ máy", "lead_unit": LEAD, "due_on": "2024-12-31"}
CONTENTS = ["Tổ chức bộ máy", "Kinh phí"]
QUESTION: dict[str, Any] = {
    "unit": ASKED,
    "question": "Đề nghị cho ý kiến về dự thảo Đề án <tinh gọn> {bộ máy}",
    "relevance": "Thẩm định tính hợp pháp của dự thảo",
    "main_contents": CONTENTS,
    "kind": "city_administration",
    "working_days": 3,
}
DISAGREE = {
    "opinion": "disagree",
    "content": "Chưa đủ cơ sở pháp lý",
    "per_content": [
        {"content": CONTENTS[0], "opinion": "agree"},
        {"content": CONTENTS[1], "opinion": "disagree", "reason": "Vượt định mức"},
    ],
}
BODIES: dict[str, dict[str, Any]] = {
    "answer": {"opinion": "agree"},
    "return": {"reason": "out_of_competence"},
    "withdraw": {"reason": "Đã hỏi nhầm"},
}


async def task_of(api: Api, **more: object) -> str:
    answer = await api.send("POST", "/v1/tasks", api.coordinator, json=TASK | more)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["code"])


async def post(api: Api, task: str, who: Headers | None = None, **more: object) -> httpx.Response:
    return await api.send("POST", f"/v1/tasks/{task}/consultations", who or api.officer(LEAD), json=QUESTION | more)


async def ask(api: Api, task: str | None = None, **more: object) -> dict[str, Any]:
    answer = await post(api, task or await task_of(api), None, **more)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def act(api: Api, asked: dict[str, Any], action: str, who: Headers, **body: object) -> httpx.Response:
    """Take an action on the version that the test saw."""
    path = f"/v1/consultations/{asked['id']}/actions/{action}"
    headers = {"If-Match": f'"{asked["version"]}"'}
    return await api.send("POST", path, who, json=body or BODIES[action], headers=headers)


async def seen(api: Api, id_: str, who: Headers | None = None) -> dict[str, Any]:
    answer = await api.get(f"/v1/consultations/{id_}", who or api.coordinator)
    assert answer.status_code == 200, answer.text
    assert answer.headers["etag"] == f'"{answer.json()["version"]}"'
    return dict(answer.json())


def due(asked: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(asked["due_at"])


def set_to(clock: FixedClock, at: datetime) -> None:
    """It is then."""
    clock.advance(at - clock.now())
