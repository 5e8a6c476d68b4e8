"""How the tests send files of documents."""

from pathlib import Path

import httpx

from cchc_shared.service.timers import TimerLoop
from tasks_api.document_files.timers import REMOVAL
from tests.support.http import Headers, Json
from tests.support.tasks import Api

from ..evidence.papers import MARK, PDF

DEPARTMENT, OTHER = "so-noi-vu", "so-y-te"
MINUTES = {
    "kind": "meeting",
    "number": "123/TB-VP",
    "dated_on": "2024-05-31",
    "sender": "Văn phòng UBND Thành phố",
    "subject": "Kết luận giao ban về thủ tục đất đai",
}


def path(document: Json, which: str = "") -> str:
    return f"/v1/documents/{document['code']}/files{which and '/'}{which}"


async def registered(api: Api, who: Headers | None = None) -> Json:
    answer = await api.send("POST", "/v1/documents", who or api.coordinator, json=MINUTES)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def assigned(api: Api, document: Json, lead: str = DEPARTMENT) -> Json:
    task = {"title": "Rà soát", "lead_unit": lead, "due_on": "2024-07-15"}
    where = f"/v1/documents/{document['code']}/tasks"
    answer = await api.send("POST", where, api.coordinator, json={"tasks": [task]})
    assert answer.status_code == 201, answer.text
    return dict(answer.json()["items"][0])


async def add(
    api: Api, document: Json, content: bytes = PDF, who: Headers | None = None, /, *, key: str = "", **words: str
) -> httpx.Response:
    files = {"file": (f"{MARK} của Nguyễn Văn A.exe", content, "text/html")}
    headers = {"Idempotency-Key": key} if key else {}
    return await api.send("POST", path(document), who or api.coordinator, files=files, data=words, headers=headers)


async def added(api: Api, document: Json, content: bytes = PDF, **words: str) -> Json:
    answer = await add(api, document, content, **words)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def read(api: Api, document: Json, which: Json, who: Headers | None = None) -> httpx.Response:
    return await api.get(path(document, which["id"]), who or api.coordinator)


async def taken_back(api: Api, document: Json, which: Json, who: Headers | None = None) -> httpx.Response:
    return await api.send("DELETE", path(document, which["id"]), who or api.coordinator)


async def listed(api: Api, document: Json, who: Headers | None = None) -> list[Json]:
    answer = await api.get(f"/v1/documents/{document['code']}", who or api.coordinator)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["files"])


def kept(stored: Path) -> list[Path]:
    return sorted(file for file in stored.rglob("*") if file.is_file())


async def sweep(api: Api) -> None:
    loop = TimerLoop(api.here, [], [REMOVAL], [])
    while await loop.round():
        pass
