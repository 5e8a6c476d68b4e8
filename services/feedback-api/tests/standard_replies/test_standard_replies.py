"""Standard replies over HTTP, against a real database."""

import asyncio
from typing import Any

import httpx
import pytest

from ..conftest import ENDED, HOME_AFFAIRS, JUSTICE, People, Service

PATH = "/v1/standard-replies"
REPLY: dict[str, Any] = {
    "title": "Đèn đường",
    "text": "Phản ánh {code} nhận ngày {received_on} do {unit} trả lời trước ngày {answer_by} ({category}).",
    "category": "lighting",
}


async def create(service: Service, who: dict[str, str], **body: object) -> httpx.Response:
    return await service.client.post(PATH, json=REPLY | body, headers=who)


async def change(
    service: Service, reply: dict[str, Any], who: dict[str, str], version: int | str, **body: object
) -> httpx.Response:
    headers = who | {"If-Match": f'"{version}"'}
    return await service.client.put(f"{PATH}/{reply['id']}", json=REPLY | body, headers=headers)


async def listed(service: Service, who: dict[str, str], **query: str | bool) -> list[str]:
    answer = await service.client.get(PATH, params=query, headers=who)
    assert answer.status_code == 200, answer.text
    return [each["title"] for each in answer.json()["items"]]


async def test_a_reply_is_written_changed_and_retired(service: Service, people: People) -> None:
    created = await create(service, people["head"])
    assert created.status_code == 201
    reply = created.json()
    assert (reply["unit"], reply["version"], reply["role"]) == (HOME_AFFAIRS, 1, "unit_head")
    assert created.headers["location"] == f"{PATH}/{reply['id']}"
    changed = await change(service, reply, people["head"], 1, title="Chiếu sáng")
    assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')
    assert (await change(service, reply, people["head"], 1)).status_code == 412
    path = created.headers["location"]
    retired = await service.client.post(f"{path}/retire", headers=people["head"] | {"If-Match": '"2"'})
    assert (retired.json()["retired"], retired.json()["version"]) == (True, 3)
    again = await change(service, reply, people["head"], 3)
    assert (again.status_code, again.json()["code"]) == (409, "reply-retired")
    history = await service.client.get(f"{path}/history", headers=people["officer"])
    assert [(each["version"], each["title"], each["retired"]) for each in history.json()["items"]] == [
        (1, "Đèn đường", False),
        (2, "Chiếu sáng", False),
        (3, "Chiếu sáng", True),
    ]
    assert await listed(service, people["officer"]) == []
    assert await listed(service, people["officer"], retired=True) == ["Chiếu sáng"]


async def test_who_reads_and_writes_which(service: Service, people: People) -> None:
    ours = (await create(service, people["head"], title="ours")).json()
    everyones = (await create(service, people["desk"], title="everyone's")).json()
    theirs = (await create(service, people["desk"], title="theirs", unit=JUSTICE)).json()
    assert await listed(service, people["officer"]) == ["everyone's", "ours"]
    assert await listed(service, people["other_officer"]) == ["theirs", "everyone's"]
    assert await listed(service, people["inspector"]) == ["theirs", "everyone's", "ours"]
    assert await listed(service, people["desk"], unit=JUSTICE) == ["theirs"]
    assert (await service.client.get(f"{PATH}/{theirs['id']}", headers=people["officer"])).status_code == 404
    refused = [
        await create(service, people["head"], unit=JUSTICE),
        await change(service, everyones, people["head"], 1),
        await change(service, ours, people["head"], 1, unit=JUSTICE),
    ]
    assert [answer.json()["code"] for answer in refused] == ["reply-of-others"] * 3
    assert (await change(service, theirs, people["head"], 1)).status_code == 404
    assert (await create(service, people["officer"])).status_code == 403
    assert (await create(service, people["citizen"])).status_code == 403


async def test_a_list_is_narrowed_and_paged(service: Service, people: People) -> None:
    for number in range(5):
        await create(service, people["desk"], title=str(number), category=("lighting", None, "trees")[number % 3])
    assert await listed(service, people["officer"], category="trees") == ["4", "2", "1"]
    seen: list[str] = []
    cursor: str | None = None
    for _ in range(3):
        query = {"limit": 2} | ({} if cursor is None else {"cursor": cursor})
        page = (await service.client.get(PATH, params=query, headers=people["officer"])).json()
        seen += [each["title"] for each in page["items"]]
        cursor = page["next_cursor"]
    assert (seen, cursor) == (["4", "3", "2", "1", "0"], None)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"text": "Kính gửi {name}"}, "text"),
        ({"text": "Gọi {code.__class__}"}, "text"),
        ({"category": "nonsense"}, "category"),
        ({"unit": ENDED}, "unit"),
    ],
)
async def test_what_is_refused(service: Service, people: People, body: dict[str, Any], field: str) -> None:
    answer = await create(service, people["desk"], **body)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [f"body.{field}"]


async def test_a_repeated_request_creates_one(service: Service, people: People) -> None:
    answers = [await create(service, people["head"] | {"Idempotency-Key": "k"}) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert len(await listed(service, people["head"])) == 1


async def test_of_changes_at_one_moment_one_wins(service: Service, people: People) -> None:
    reply = (await create(service, people["head"])).json()
    answers = await asyncio.gather(*(change(service, reply, people["head"], 1, title=str(n)) for n in range(5)))
    assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412, 412]


async def test_a_preview_has_what_the_report_says_and_nothing_of_its_sender(service: Service, people: People) -> None:
    reply = (await create(service, people["head"])).json()
    sender = {"name": "Nguyễn Văn A", "phone": "0912345678"}
    answer = await service.post({"unit": HOME_AFFAIRS, "category": "lighting", "reporter": sender}, **people["citizen"])
    code = answer.json()["code"]
    path = f"/v1/feedback/{code}/standard-replies/{reply['id']}/preview"
    shown = await service.client.post(path, headers=people["officer"])
    assert shown.status_code == 200
    assert shown.json()["text"].startswith(f"Phản ánh {code} nhận ngày 18/11/2026 do ")
    assert shown.json()["text"].endswith("(Chiếu sáng).")
    assert "Nguyễn" not in shown.text
    other = (await service.post({"unit": HOME_AFFAIRS}, **people["citizen"])).json()["code"]
    shown = await service.client.post(path.replace(code, other), headers=people["officer"])
    assert "category" in shown.json()["left"]
    assert "{category}" in shown.json()["text"]
    assert (await service.client.post(path, headers=people["other_officer"])).status_code == 404
