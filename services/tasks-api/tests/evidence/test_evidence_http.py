"""What shows the product of a task, over HTTP: taken, listed, read, and taken back."""

import hashlib
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from cchc_shared.calendar.clock import FixedClock
from cchc_shared.files.objects import Objects
from cchc_shared.files.scanning import Command
from cchc_shared.service.timers import TimerLoop
from tasks_api.evidence.service import EvidenceOfTasks
from tasks_api.evidence.timers import REMOVAL
from tests.support.http import Headers, Json
from tests.support.tasks import Api

from ..working import FOREIGN, LEAD, OTHER, done, ended, problem, reported, seen, task_of
from .papers import EXTERNAL, HOSTILE, MARK, PDF, jpeg, office, relations, types_of


def path(task: Json, which: str = "") -> str:
    return f"/v1/tasks/{task['code']}/evidence{which and '/'}{which}"


async def add(
    api: Api, task: Json, content: bytes = PDF, who: Headers | None = None, /, *, key: str | None = None, **words: str
) -> httpx.Response:
    files = {"file": (f"{MARK} của Nguyễn Văn A.exe", content, "text/html")}
    headers = {"Idempotency-Key": key} if key else {}
    return await api.send("POST", path(task), who or api.officer(LEAD), files=files, data=words, headers=headers)


async def added(api: Api, task: Json, content: bytes = PDF, **words: str) -> Json:
    answer = await add(api, task, content, **words)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def listed(api: Api, task: Json, who: Headers | None = None) -> list[Json]:
    answer = await api.get(path(task), who or api.officer(LEAD))
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


def kept(stored: Path) -> list[Path]:
    return sorted(file for file in stored.rglob("*") if file.is_file())


async def sweep(api: Api) -> None:
    loop = TimerLoop(api.here, [], [REMOVAL], [])
    while await loop.round():
        pass


async def test_a_file_is_kept_and_read_by_who_may_read_the_task(city: Api) -> None:
    task = await task_of(city)
    shown = await added(city, task, PDF, caption="Quyết định ban hành")
    assert (shown["name"], shown["media_type"], shown["bytes"]) == ("tai-lieu-1.pdf", "application/pdf", len(PDF))
    assert (shown["sha256"], shown["scanned"]) == (hashlib.sha256(PDF).hexdigest(), False)
    for who in (city.officer(LEAD), city.officer(OTHER), city.coordinator, city.token("inspector")):
        answer = await city.get(path(task, shown["id"]), who)
        assert (answer.status_code, answer.content) == (200, PDF)
    assert answer.headers["content-disposition"] == 'attachment; filename="tai-lieu-1.pdf"'
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "private, no-cache"
    known = city.coordinator | {"If-None-Match": answer.headers["etag"]}
    assert (await city.send("GET", path(task, shown["id"]), known)).status_code == 304
    part = await city.send("GET", path(task, shown["id"]), city.coordinator | {"Range": "bytes=0-3"})
    assert (part.status_code, part.content) == (206, PDF[:4])
    assert (await city.get(path(task, shown["id"]), city.officer(FOREIGN))).status_code == 404
    assert (await city.get(path(task), city.officer(FOREIGN))).status_code == 404
    [seen_by_other] = await listed(city, task, city.officer(OTHER))
    assert (seen_by_other["added_by"], seen_by_other["caption"]) == (None, "Quyết định ban hành")
    assert (await seen(city, task))["evidence"] == 1


@pytest.mark.parametrize(
    ("kind", "name"), [("docx", "tai-lieu-1.docx"), ("xlsx", "bang-tinh-1.xlsx"), ("pptx", "trinh-chieu-1.pptx")]
)
async def test_office_files_are_kept_to_the_byte(city: Api, kind: str, name: str) -> None:
    task, content = await task_of(city), office(kind)
    shown = await added(city, task, content)
    assert (shown["name"], shown["media_type"]) == (name, types_of(kind))
    assert (await city.get(path(task, shown["id"]), city.coordinator)).content == content


async def test_a_picture_loses_its_metadata_and_a_file_its_name(city: Api, stored: Path) -> None:
    task = await task_of(city)
    shown = await added(city, task, jpeg(place=MARK))
    assert (shown["name"], shown["media_type"]) == ("anh-1.jpg", "image/jpeg")
    [file] = kept(stored)
    assert MARK.encode() not in file.read_bytes()
    assert MARK not in str(await listed(city, task)) + str(file)


@pytest.mark.parametrize("what", HOSTILE)
async def test_hostile_files_are_refused_and_nothing_of_them_is_kept(city: Api, stored: Path, what: str) -> None:
    task = await task_of(city)
    answer = await add(city, task, HOSTILE[what])
    assert problem(answer) == (422, "invalid", ["body.file"]), answer.text
    assert (await listed(city, task), kept(stored)) == ([], [])


async def test_a_link_is_kept_and_never_fetched(city: Api) -> None:
    task, who = await task_of(city), city.officer(LEAD)
    url = "https://vanban.hanoi.gov.vn/q?id=12#trang-2"
    answer = await city.send("POST", path(task, "links"), who, json={"url": url, "caption": "Văn bản"})
    assert answer.status_code == 201, answer.text
    shown = answer.json()
    assert (shown["url"], shown["name"], shown["media_type"], shown["bytes"]) == (url, "lien-ket-1", None, None)
    assert (await city.get(path(task, shown["id"]), who)).status_code == 404
    for bad in (
        "javascript:alert(1)",
        "file:///etc/passwd",
        "https://",
        "https://a b",
        "https://ai:mk@b.vn",
        "x" * 2001,
    ):
        refused = await city.send("POST", path(task, "links"), who, json={"url": bad})
        assert problem(refused) == (422, "invalid", ["body.url"]), bad


async def test_the_same_bytes_are_the_same_evidence(city: Api, stored: Path) -> None:
    task = await task_of(city)
    first = await added(city, task)
    assert (await added(city, task))["id"] == first["id"]
    document = office()  # once: its archive says when it was made
    again = [(await add(city, task, document, key="one")).json() for _ in range(2)]
    assert again[0] == again[1]
    assert [each["name"] for each in await listed(city, task)] == ["tai-lieu-1.pdf", "tai-lieu-2.docx"]
    assert len(kept(stored)) == 2
    other = await task_of(city)
    assert (await added(city, other))["id"] != first["id"], "another task has its own"


async def test_who_added_it_takes_it_back_and_a_trace_stays(city: Api, stored: Path, clock: FixedClock) -> None:
    task = await task_of(city)
    shown = await added(city, task)
    for who, status in ((city.head(LEAD), 403), (city.officer(OTHER), 403), (city.officer(FOREIGN), 404)):
        assert (await city.send("DELETE", path(task, shown["id"]), who)).status_code == status
    clock.advance(timedelta(minutes=1))
    assert (await city.send("DELETE", path(task, shown["id"]), city.officer(LEAD))).status_code == 204
    [trace] = await listed(city, task)
    assert (trace["removed_at"], trace["removed_by"]) == ("2024-06-03T03:01:00Z", f"officer of {LEAD}")
    assert (await city.get(path(task, shown["id"]), city.officer(LEAD))).status_code == 404
    assert (await seen(city, task))["evidence"] == 0
    await sweep(city)
    assert kept(stored) == []
    back = await added(city, task)
    assert (back["name"], len(kept(stored))) == ("tai-lieu-2.pdf", 1)
    await sweep(city)
    assert (await city.get(path(task, back["id"]), city.officer(LEAD))).content == PDF


async def test_what_was_reported_stays_as_it_was(city: Api) -> None:
    task = await task_of(city)
    shown = await added(city, task)
    await reported(city, task)
    for answer in (
        await add(city, task, office()),
        await city.send("DELETE", path(task, shown["id"]), city.officer(LEAD)),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "task-reported")
    await done(city, task, "reject", city.head(LEAD), reason="Thiếu phụ lục")
    await added(city, task, office())
    await ended(city, task)
    for answer in (
        await add(city, task, jpeg()),
        await city.send("DELETE", path(task, shown["id"]), city.officer(LEAD)),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "task-ended")
    assert (await city.get(path(task, shown["id"]), city.coordinator)).content == PDF, "kept after the end"


async def test_only_the_lead_adds(city: Api, stored: Path) -> None:
    task = await task_of(city)
    for who, status in ((city.officer(OTHER), 403), (city.officer(FOREIGN), 404), (city.coordinator, 403)):
        assert (await add(city, task, PDF, who)).status_code == status
        assert (await city.send("POST", path(task, "links"), who, json={"url": "https://a.vn"})).status_code == status
    assert kept(stored) == []


async def test_bounds_of_size_and_number(city: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    task = await task_of(city)
    large = await add(city, task, PDF[:-6] + bytes(15_000_001) + PDF[-6:])
    assert (large.status_code, large.json()["most_bytes"]) == (413, 15_000_000)
    for at in range(50):
        answer = await city.send("POST", path(task, "links"), city.officer(LEAD), json={"url": f"https://a.vn/{at}"})
        assert answer.status_code == 201
    assert problem(await add(city, task)) == (422, "invalid", ["body.file"])
    one_more = await city.send("POST", path(task, "links"), city.officer(LEAD), json={"url": "https://a.vn/x"})
    assert problem(one_more) == (422, "invalid", ["body.url"])


async def test_the_last_file_that_fits_may_be_sent_again(city: Api) -> None:
    task = await task_of(city)
    for at in range(49):
        await city.send("POST", path(task, "links"), city.officer(LEAD), json={"url": f"https://a.vn/{at}"})
    first = await added(city, task)
    assert (await added(city, task))["id"] == first["id"], "its sender may have lost the answer"


async def test_a_scanner_is_asked_first(city: Api, stored: Path) -> None:
    task = await task_of(city)
    here = city.here.use(EvidenceOfTasks)
    object.__setattr__(here, "scanner", Command(["sh", "-c", "grep -q VIRUS && exit 1; exit 0"]))
    assert (await added(city, task))["scanned"] is True
    answer = await add(city, task, PDF[:9] + b"% VIRUS\n" + PDF[9:])
    assert (answer.status_code, answer.json()["code"]) == (422, "infected")
    object.__setattr__(here, "scanner", Command(["/nowhere"]))
    assert (await add(city, task, office())).json()["code"] == "scanner-unavailable"
    assert len(kept(stored)) == 1


async def test_a_crash_leaves_no_row_and_what_it_leaves_is_removed(
    city: Api, stored: Path, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = await task_of(city)

    class Crashed(BaseException):
        pass

    async def crash(*_: object) -> None:
        raise Crashed

    monkeypatch.setattr("tasks_api.evidence.repository.add", crash)
    with pytest.raises(Crashed):
        await add(city, task)
    monkeypatch.undo()
    assert (await listed(city, task), len(kept(stored))) == ([], 1)
    await sweep(city)
    assert len(kept(stored)) == 1, "the request might still be at work"
    clock.advance(timedelta(hours=2))
    await sweep(city)
    assert kept(stored) == []


async def test_without_a_storage_nothing_is_taken_and_links_are(city: Api) -> None:
    task = await task_of(city)
    object.__setattr__(city.here.use(EvidenceOfTasks), "objects", Objects(None))
    answer = await add(city, task)
    assert (answer.status_code, answer.json()["code"]) == (503, "storage-unavailable")
    assert await listed(city, task) == []
    link = await city.send("POST", path(task, "links"), city.officer(LEAD), json={"url": "https://a.vn"})
    assert link.status_code == 201


async def test_a_large_document_is_read_without_being_kept_in_memory(city: Api) -> None:
    task = await task_of(city)
    large = office(parts={"word/document.xml": "<d>" + "<p>x</p>" * 2_000_000 + "</d>"})
    assert (await add(city, task, large)).status_code == 201
    listing = office(
        parts={"word/_rels/document.xml.rels": relations(*[("hyperlink", "https://a.vn", EXTERNAL)] * 60_000)}
    )
    assert problem(await add(city, task, listing)) == (422, "invalid", ["body.file"])
    bomb = office(parts={"word/media/x.png": bytes(201_000_000)})
    assert problem(await add(city, task, bomb)) == (422, "invalid", ["body.file"])


async def test_links_that_people_click_on_are_no_fault(city: Api) -> None:
    task = await task_of(city)
    linked = office(parts={"word/_rels/document.xml.rels": relations(("hyperlink", "https://a.vn", EXTERNAL))})
    assert (await add(city, task, linked)).status_code == 201
