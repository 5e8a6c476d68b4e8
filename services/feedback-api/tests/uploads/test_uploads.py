"""tus 1.0.0: whatever breaks off, the file is whole in the end, and one attachment."""

import asyncio
import base64
from datetime import timedelta
from email.utils import parsedate_to_datetime
from io import BytesIO
from pathlib import Path
from typing import cast

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from sqlalchemy import select
from starlette.types import Message

from cchc_shared.calendar.clock import FixedClock
from cchc_shared.service.timers import TimerLoop
from feedback_api.attachments import repository
from feedback_api.attachments.timers import REMOVAL
from feedback_api.reports.domain import Erased
from feedback_api.reports.models import attachments, discarded, feedback
from feedback_api.uploads.models import uploads
from feedback_api.uploads.timers import EXPIRY
from tests.support.at_once import InProcess

from ..attachments.conftest import Report, kept
from ..attachments.files import PDF, jpeg
from ..conftest import Headers

TUS = {"Tus-Resumable": "1.0.0"}
PART = {"Content-Type": "application/offset+octet-stream"}


def words(**given: str) -> str:
    return ",".join(f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in given.items())


class Upload:
    """A client of tus, as far as it is needed."""

    def __init__(self, report: Report, who: str = "secret") -> None:
        self.http = report.service.client
        self.report = report
        self.who = TUS | report.headers(who)
        self.path = ""

    async def begin(self, length: int, metadata: str | None = None, **more: str) -> httpx.Response:
        given = metadata or words(report=self.report.code, purpose="before", filename="Nguyễn Văn A.jpg")
        headers = self.who | {"Upload-Length": str(length), "Upload-Metadata": given} | more
        answer = await self.http.post("/v1/uploads", headers=headers)
        self.path = answer.headers.get("Location", self.path)
        return answer

    async def append(self, offset: int, content: bytes, headers: Headers | None = None) -> httpx.Response:
        given = self.who | PART | {"Upload-Offset": str(offset)} | (headers or {})
        return await self.http.patch(self.path, content=content, headers=given)

    async def break_off(self, offset: int, content: bytes) -> None:
        """Send a part, and be gone before its end."""
        given = self.who | PART | {"Upload-Offset": str(offset), "Host": "feedback"}
        coming: list[Message] = [
            {"type": "http.request", "body": content, "more_body": True},
            {"type": "http.disconnect"},
        ]

        async def receive() -> Message:
            return coming.pop(0) if coming else {"type": "http.disconnect"}

        async def send(_: Message) -> None:
            """Nobody is there to hear it."""

        scope = {
            "type": "http",
            "http_version": "1.1",
            "method": "PATCH",
            "scheme": "http",
            "path": self.path,
            "raw_path": self.path.encode(),
            "query_string": b"",
            "headers": [(name.lower().encode(), value.encode()) for name, value in given.items()],
            "client": ("127.0.0.1", 1),
        }
        await cast("InProcess", self.http._transport)._application(scope, receive, send)

    async def head(self) -> httpx.Response:
        return await self.http.head(self.path, headers=self.who)

    async def end(self) -> httpx.Response:
        return await self.http.delete(self.path, headers=self.who)


async def sweep(report: Report) -> None:
    loop = TimerLoop(report.service.here, [], [EXPIRY, REMOVAL], [])
    while await loop.round():
        pass


@pytest.fixture
def upload(report: Report) -> Upload:
    return Upload(report)


async def test_a_file_comes_in_parts_and_becomes_an_attachment(
    report: Report, upload: Upload, stored: Path, clock: FixedClock
) -> None:
    begun = await upload.begin(len(PDF))
    assert (begun.status_code, begun.content, begun.headers["Tus-Resumable"]) == (201, b"", "1.0.0")
    assert parsedate_to_datetime(begun.headers["Upload-Expires"]) == clock.now() + timedelta(hours=24)
    for start in range(0, len(PDF), 20):
        assert (await upload.head()).headers["Upload-Offset"] == str(start)
        answer = await upload.append(start, PDF[start : start + 20])
        assert (answer.status_code, answer.headers["Upload-Offset"]) == (204, str(min(start + 20, len(PDF))))
    [shown] = (await report.get()).json()["items"]
    assert answer.headers["Content-Location"] == f"{report.path}/{shown['id']}"
    assert shown.items() >= {"by": "sender", "purpose": "before", "name": "tai-lieu-1.pdf", "bytes": len(PDF)}.items()
    assert (await report.get(shown["id"])).content == PDF
    state = await upload.http.get(upload.path, headers=report.secret)
    assert state.json().items() >= {"offset": len(PDF), "length": len(PDF), "attachment": shown["id"]}.items()
    head = await upload.head()
    assert (head.status_code, head.content, head.headers["Cache-Control"]) == (200, b"", "no-store")
    await sweep(report)
    assert len(kept(stored)) == 1  # the parts are gone


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
async def test_interrupted_anywhere_it_is_whole_in_the_end(report: Report, data: st.DataObject) -> None:
    """Parts of any size; some break off on the way, and the client goes on from where the server is."""
    content = PDF + bytes(data.draw(st.integers(0, 100_000))) + data.draw(st.binary(max_size=50)) + b"%%EOF"
    upload = Upload(report, "citizen")
    assert (await upload.begin(len(content))).status_code == 201
    offset = 0
    while offset < len(content):
        size = data.draw(st.integers(0, len(content) - offset))
        piece = content[offset : offset + max(size, len(content) // 10, 2)]
        if data.draw(st.booleans()):
            await upload.break_off(offset, piece[: len(piece) // 2])
        else:
            assert (await upload.append(offset, piece)).status_code == 204
        offset = int((await upload.head()).headers["Upload-Offset"])
    state = (await upload.http.get(upload.path, headers=upload.who)).json()
    assert (await report.get(state["attachment"])).content == content
    async with report.service.here.engine.begin() as conn:  # the report stays for the next example
        await conn.execute(attachments.delete())
        await conn.execute(uploads.delete())


async def test_a_part_that_does_not_follow_changes_nothing(upload: Upload) -> None:
    await upload.begin(len(PDF))
    await upload.append(0, PDF[:30])
    for offset in (0, 29, 31):
        answer = await upload.append(offset, PDF[30:40])
        assert (answer.status_code, answer.json()["code"]) == (409, "wrong-offset")
        assert answer.headers["Tus-Resumable"] == "1.0.0"
    assert (await upload.head()).headers["Upload-Offset"] == "30"


async def test_parts_at_the_same_moment_are_one(report: Report, upload: Upload, stored: Path) -> None:
    await upload.begin(len(PDF))
    firsts = await asyncio.gather(*(upload.append(0, PDF[:30]) for _ in range(4)))
    assert sorted(answer.status_code for answer in firsts) == [204, 409, 409, 409]
    await sweep(report)
    assert len(kept(stored)) == 1  # those that came too late fill nothing
    lasts = await asyncio.gather(*(upload.append(30, PDF[30:]) for _ in range(4)))
    assert sorted(answer.status_code for answer in lasts) == [204, 409, 409, 409]
    [shown] = (await report.get()).json()["items"]
    assert (await report.get(shown["id"])).content == PDF


async def test_the_last_part_may_be_sent_again_when_it_could_not_be_stored(
    report: Report, upload: Upload, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def crash(*_: object) -> None:
        raise OSError

    await upload.begin(len(PDF))
    await upload.append(0, PDF[:30])
    monkeypatch.setattr(repository, "add", crash)
    assert (await upload.append(30, PDF[30:])).status_code == 503
    assert ((await upload.head()).headers["Upload-Offset"], await report.seen("secret")) == ("30", [])
    monkeypatch.undo()
    assert (await upload.append(30, PDF[30:])).status_code == 204


async def test_a_file_that_is_refused_ends_its_upload(report: Report, upload: Upload, stored: Path) -> None:
    await upload.begin(30)
    await upload.append(0, b"<html>")
    refused = await upload.append(6, bytes(24))
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "body.file")
    assert (await upload.head()).status_code == 404
    await sweep(report)
    assert (kept(stored), await report.seen("secret")) == ([], [])


async def test_an_upload_that_is_given_up_leaves_nothing(report: Report, upload: Upload, stored: Path) -> None:
    await upload.begin(len(PDF))
    await upload.append(0, PDF[:30])
    assert len(kept(stored)) == 1
    assert (await upload.end()).status_code == 204
    assert [(await call()).status_code for call in (upload.head, upload.end)] == [404, 404]
    await sweep(report)
    assert kept(stored) == []


async def test_an_upload_ends_with_its_time(report: Report, upload: Upload, stored: Path, clock: FixedClock) -> None:
    await upload.begin(len(PDF))
    await upload.append(0, PDF[:30])
    clock.advance(timedelta(hours=24))
    assert (await upload.append(30, PDF[30:])).status_code == 404
    await sweep(report)
    assert (await report.service.rows(select(uploads)), len(kept(stored))) == ([], 1)
    clock.advance(timedelta(hours=1))
    await sweep(report)
    assert (await report.service.rows(select(discarded)), kept(stored)) == ([], [])


async def test_an_upload_ends_with_the_words_of_its_report(report: Report, upload: Upload, stored: Path) -> None:
    await upload.begin(len(PDF))
    await upload.append(0, PDF[:30])
    other = await report.service.post(None, **report.people["citizen"])
    async with report.service.here.engine.begin() as conn:
        await conn.execute(feedback.update().where(feedback.c.code == report.code).values(erased=Erased.TEXT))
    await sweep(report)
    assert (await report.service.rows(select(uploads)), kept(stored)) == ([], [])
    assert other.status_code == 201


async def test_it_belongs_to_whoever_began_it(report: Report) -> None:
    await report.advance("accept")
    for who, others in {"citizen": ("secret", "officer", "nobody"), "officer": ("head", "desk", "citizen")}.items():
        upload = Upload(report, who)
        await upload.begin(len(PDF))
        for other in others:
            stranger = Upload(report, other)
            stranger.path = upload.path
            answers = [await stranger.head(), await stranger.append(0, PDF), await stranger.end()]
            assert [answer.status_code for answer in answers] == [404, 404, 404], (who, other)
        assert (await upload.append(0, PDF)).status_code == 204


@pytest.mark.parametrize(
    ("who", "status"), [("nobody", 404), ("other_citizen", 404), ("inspector", 403), ("desk", 201)]
)
async def test_who_may_begin(report: Report, who: str, status: int) -> None:
    assert (await Upload(report, who).begin(10)).status_code == status


async def test_beginning_twice_with_one_key_is_one(upload: Upload, report: Report) -> None:
    key = {"Idempotency-Key": "k"}
    first, again = await upload.begin(10, None, **key), await upload.begin(10, None, **key)
    assert first.headers["Location"] == again.headers["Location"]
    assert (await upload.begin(11, None, **key)).status_code == 422


@pytest.mark.parametrize(
    ("length", "metadata", "status", "field"),
    [
        (15_000_001, None, 413, "header.Upload-Length"),
        (0, None, 422, "header.Upload-Length"),
        (10, "purpose", 422, "header.Upload-Metadata.report"),
        (10, words(purpose="before"), 422, "header.Upload-Metadata.report"),
        (10, words(report="PA-26-000001", purpose="no"), 422, "header.Upload-Metadata.purpose"),
        (10, words(report="PA-26-000001", colour="red"), 422, "header.Upload-Metadata.colour"),
        (10, "report ////", 422, "header.Upload-Metadata.report"),
        (10, "report UEE=,", 422, "header.Upload-Metadata"),
    ],
)
async def test_what_is_wrong_is_told_by_its_field(
    upload: Upload, length: int, metadata: str | None, status: int, field: str
) -> None:
    answer = await upload.begin(length, metadata)
    assert (answer.status_code, field in {error["field"] for error in answer.json()["errors"]}) == (status, True)


async def test_another_version_is_refused_with_its_name(upload: Upload) -> None:
    await upload.begin(10)
    for version in ({}, {"Tus-Resumable": "0.2.2"}):
        upload.who = {name: value for name, value in upload.who.items() if name != "Tus-Resumable"} | version
        for answer in (await upload.append(0, b"x"), await upload.end(), await upload.begin(10)):
            assert (answer.status_code, answer.headers["Tus-Version"]) == (412, "1.0.0")


async def test_a_part_has_the_media_type_of_tus_and_ends_with_the_file(upload: Upload) -> None:
    await upload.begin(10)
    wrong = await upload.append(0, b"x", {"Content-Type": "application/json"})
    assert (wrong.status_code, wrong.json()["accepted"]) == (415, "application/offset+octet-stream")
    assert (await upload.append(0, bytes(11))).status_code == 413
    assert (await upload.append(0, b"")).headers["Upload-Offset"] == "0"


async def test_clients_may_ask_what_there_is(upload: Upload) -> None:
    answer = await upload.http.options("/v1/uploads")
    told = {"Tus-Version": "1.0.0", "Tus-Extension": "creation,termination,expiration", "Tus-Max-Size": "15000000"}
    assert answer.status_code == 204
    assert {name: answer.headers[name] for name in told} == told


async def test_a_report_has_no_more_uploads_than_it_may(upload: Upload) -> None:
    for _ in range(20):
        assert (await upload.begin(10)).status_code == 201
    assert (await upload.begin(10)).status_code == 422


async def test_a_picture_in_parts_loses_what_it_says_too(report: Report, upload: Upload) -> None:
    content = jpeg(900, 600)
    await upload.begin(len(content))
    await upload.append(0, content[:1000])
    await upload.append(1000, content[1000:])
    [shown] = (await report.get()).json()["items"]
    assert Image.open(BytesIO((await report.get(shown["id"])).content)).size == (900, 600)
