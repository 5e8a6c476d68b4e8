"""What the tests of the work on tasks do over HTTP."""

from typing import Any

import httpx

from tests.support.http import Headers, Json
from tests.support.tasks import Api

LEAD, OTHER, FOREIGN = "so-noi-vu", "so-tu-phap", "so-tai-chinh"
TASK = {"title": "Đề án tinh gọn bộ máy", "lead_unit": LEAD, "coordinating_units": [OTHER], "due_on": "2024-12-31"}


async def task_of(api: Api, **more: object) -> Json:
    """A new task of the lead."""
    answer = await api.send("POST", "/v1/tasks", api.coordinator, json=TASK | more)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def seen(api: Api, task: Json, who: Headers | None = None) -> Json:
    """The task as somebody sees it now."""
    answer = await api.get(f"/v1/tasks/{task['code']}", who or api.officer(LEAD))
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def done(api: Api, task: Json, action: str, who: Headers, **body: object) -> Json:
    """Take an action on the task as it is now."""
    answer = await api.act(await seen(api, task, api.coordinator), action, who, **body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def reported(api: Api, task: Json) -> Json:
    """Begun and reported by the lead."""
    await done(api, task, "start", api.officer(LEAD))
    return await done(api, task, "report", api.officer(LEAD))


async def ended(api: Api, task: Json) -> Json:
    """Closed by the office."""
    return await done(api, task, "close", api.coordinator, reason="Không còn cần")


def problem(answer: httpx.Response) -> tuple[int, str, list[str]]:
    """Status, code and fields of a refusal."""
    body: dict[str, Any] = answer.json()
    return answer.status_code, body["code"], [error["field"] for error in body.get("errors", [])]
