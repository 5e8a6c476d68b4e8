"""Files that are sent, kept, read back and sent again."""

import asyncio
import hashlib
from datetime import timedelta
from io import BytesIO

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from sqlalchemy import func, select

from cchc_shared.http.text import clean
from feedback_api.reports.attachments import has_evidence
from feedback_api.reports.models import attachments, feedback, history

from .conftest import Report
from .files import PDF, jpeg, picture, written


async def test_a_picture_is_kept_and_shown(report: Report) -> None:
    answer = await report.attach(jpeg(1000, 800), purpose="before", caption="  Vỉa hè hỏng ")
    assert answer.status_code == 201, answer.text
    shown = answer.json()
    told: dict[str, object] = {
        "name": "anh-1.jpg",
        "media_type": "image/jpeg",
        "purpose": "before",
        "caption": "Vỉa hè hỏng",
    }
    told |= {"by": "sender", "public": False, "scan": "unscanned", "width": 1000, "height": 800}
    assert shown.items() >= told.items()
    assert answer.headers["Location"] == f"{report.path}/{shown['id']}"
    content = await report.get(shown["id"])
    assert (content.status_code, content.headers["Content-Type"]) == (200, "image/jpeg")
    assert (len(content.content), hashlib.sha256(content.content).hexdigest()) == (shown["bytes"], shown["sha256"])
    assert Image.open(BytesIO(content.content)).size == (1000, 800)
    small = await report.service.client.get(shown["thumbnail"], headers=report.secret)
    assert small.headers["Content-Type"] == "image/webp"
    assert Image.open(BytesIO(small.content)).size == (480, 384)


async def test_a_browser_takes_content_for_nothing_else(report: Report) -> None:
    picture, document = await report.attached(), await report.attached(PDF)
    shown, saved = await report.get(picture["id"]), await report.get(document["id"])
    assert shown.headers["Content-Disposition"] == 'inline; filename="anh-1.jpg"'
    assert saved.headers["Content-Disposition"] == 'attachment; filename="tai-lieu-2.pdf"'
    assert saved.content == PDF
    assert (await report.get(f"{document['id']}/thumbnail")).status_code == 404
    for answer in (shown, saved):
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Cache-Control"] == "private, no-cache"
        assert {"Authorization", "X-Tracking-Secret"} <= set(answer.headers["Vary"].split(", "))


async def test_what_the_caller_has_is_not_sent_again(report: Report) -> None:
    shown = await report.attached()
    tag = (await report.get(shown["id"])).headers["ETag"]
    assert tag == f'"{shown["sha256"]}"'
    again = await report.get(shown["id"], "citizen", **{"If-None-Match": tag})
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)
    head = await report.service.client.head(f"{report.path}/{shown['id']}", headers=report.secret)
    assert (head.status_code, head.content, head.headers["Content-Length"]) == (200, b"", str(shown["bytes"]))


async def test_the_same_bytes_are_one_attachment_of_each_side(report: Report) -> None:
    await report.advance("accept")
    first, again = await report.attached(), await report.attached(purpose="other")
    assert first == again
    assert (await report.attached(None, "secret"))["id"] == first["id"]
    others = [await report.attached(None, who) for who in ("officer", "head", "desk")]
    assert [each["by"] for each in others] == ["unit", "unit", "desk"]
    assert others[0]["id"] == others[1]["id"]
    assert len(await report.service.rows(select(attachments))) == 3


async def test_a_request_that_is_repeated_takes_effect_once(report: Report) -> None:
    first = await report.attach(jpeg(), key="k1", purpose="before")
    again = await report.attach(jpeg(), key="k1", purpose="before")
    assert (again.status_code, again.json()) == (201, first.json())
    other = await report.attach(jpeg(30, 30), key="k1", purpose="before")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")
    assert len((await report.get()).json()["items"]) == 1


async def test_the_same_bytes_at_the_same_moment_are_one(report: Report) -> None:
    answers = await asyncio.gather(*(report.attach() for _ in range(4)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1


async def test_a_report_has_no_more_than_it_may(report: Report) -> None:
    async with report.service.here.engine.begin() as conn:
        row = {"id": 0, "code": report.code, "by": "sender", "uploaded_at": report.service.here.clock.now()}
        row |= {"purpose": "other", "media_type": "x", "size": 1, "sha256": b"", "scan": "clean"}
        for number in range(1, 20):
            more = {"id": f"{number:032x}", "number": number, "source_sha256": bytes([number])}
            await conn.execute(attachments.insert().values(row | more))
    full = await asyncio.gather(*(report.attach(jpeg(40, number), "citizen", key=str(number)) for number in (20, 30)))
    assert sorted(answer.status_code for answer in full) == [201, 422]
    for number, answer in zip((20, 30), full, strict=True):  # what was done is still told to who asks again
        for key in (None, str(number)):
            assert (await report.attach(jpeg(40, number), "citizen", key=key)).status_code == answer.status_code
    await report.advance("accept")
    assert (await report.attach(jpeg(50, 50), "officer")).status_code == 201  # the sender fills no other's room
    refused = await report.attach(jpeg(50, 50))
    [error] = refused.json()["errors"]
    assert (refused.status_code, error["field"]) == (422, "body.file")
    assert "20" in error["message"]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(caption=st.text(max_size=500), name=st.text(max_size=300))
async def test_any_caption_is_kept_clean_and_no_name_is(report: Report, caption: str, name: str) -> None:
    file = {"file": (name.encode("utf-8", "replace").decode() or "x", jpeg(), "text/html")}
    words = {"caption": caption.encode("utf-8", "replace").decode()}
    answer = await report.service.client.post(report.path, files=file, data=words, headers=report.secret)
    if "\0" in caption:
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "body.caption")
        return
    assert answer.status_code == 201, answer.text
    shown = answer.json()
    assert shown["name"] == "anh-1.jpg"
    if (kept := shown["caption"]) is not None:
        assert kept == clean(kept).strip()


@pytest.mark.parametrize(
    ("data", "files", "field"),
    [
        ({}, None, "body.file"),
        ({"file": "text"}, None, "body.file"),
        ({"purpose": "revenge"}, "file", "body.purpose"),
        ({"caption": "x" * 501}, "file", "body.caption"),
        ({"colour": "red"}, "file", "body.colour"),
        ({"purpose": ["before", "after"]}, "file", "body.purpose"),
        ({}, "picture", "body.picture"),
    ],
)
async def test_a_form_that_is_wrong_is_told_by_its_field(
    report: Report, data: dict[str, str], files: str | None, field: str
) -> None:
    sent = {files: ("x.jpg", jpeg())} if files else {"": b""}
    answer = await report.service.client.post(report.path, data=data, files=sent, headers=report.secret)
    assert answer.status_code == 422, answer.text
    assert field in {error["field"] for error in answer.json()["errors"]}


@pytest.mark.parametrize("charset", ["punycode", "undefined", "utf-7", "zip"])
async def test_a_form_in_a_codec_of_the_senders_choice_is_not_read(report: Report, charset: str) -> None:
    """Punycode takes most of a second over 64 kB, and `undefined` fails unforeseen."""
    body = b'--x\r\nContent-Disposition: form-data; name="caption"\r\n\r\n' + b"a" * 100 + b"\r\n--x--\r\n"
    headers = report.secret | {"Content-Type": f"multipart/form-data; boundary=x; charset={charset}"}
    answer = await report.service.client.post(report.path, content=body, headers=headers)
    assert answer.status_code == 415


@pytest.mark.parametrize(
    ("media_type", "body", "status"),
    [
        ("multipart/form-data", b"--x--", 400),
        ("multipart/form-data; boundary=", b"--x--", 400),
        ("multipart/form-data; boundary=y", b"--x\r\n\r\n--x--", 400),
        ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"', 422),
        ("multipart/form-data; boundary=x; charset=UTF-8", b"--x--\r\n", 422),
    ],
)
async def test_a_form_that_is_none_is_told(report: Report, media_type: str, body: bytes, status: int) -> None:
    headers = report.secret | {"Content-Type": media_type}
    assert (await report.service.client.post(report.path, content=body, headers=headers)).status_code == status


async def test_a_long_name_that_turns_around_leaves_no_trace(report: Report) -> None:
    name = "\u202egpj.exe" * 400
    answer = await report.service.client.post(report.path, files={"file": (name, jpeg())}, headers=report.secret)
    assert (answer.status_code, answer.json()["name"]) == (201, "anh-1.jpg")


async def test_another_form_of_body_is_not_read(report: Report) -> None:
    answer = await report.service.client.post(report.path, json={"file": "x"}, headers=report.secret)
    assert (answer.status_code, answer.json()["accepted"]) == (415, "multipart/form-data")


async def test_it_changes_nothing_of_the_report(report: Report) -> None:
    service = report.service
    before = await service.rows(select(feedback)), await service.rows(select(history))
    await report.attached()
    assert (await service.rows(select(feedback)), await service.rows(select(history))) == before
    events = select(func.count()).select_from(feedback.metadata.tables["outbox"])
    assert (await service.rows(events))[0][0] == 1


@pytest.mark.parametrize(
    ("who", "purpose", "proves"),
    [("citizen", "after", False), ("officer", "before", False), ("officer", "after", True), ("desk", "evidence", True)],
)
async def test_work_is_shown_by_what_officials_attach(report: Report, who: str, purpose: str, *, proves: bool) -> None:
    await report.advance("accept")
    await report.attached(None, who, purpose=purpose)
    async with report.service.here.reading.connect() as conn:
        assert await has_evidence(conn, report.code, None) is proves
        now = report.service.here.clock.now()
        assert await has_evidence(conn, report.code, now) is proves
        assert not await has_evidence(conn, report.code, now + timedelta(seconds=1))  # it was reopened since


async def test_transparency_stays_and_other_pictures_become_plain(report: Report) -> None:
    clear = await report.attached(written(picture(mode="RGBA"), "PNG"))
    assert Image.open(BytesIO((await report.get(clear["id"])).content)).mode == "RGBA"
    await report.attached(jpeg(icc_profile=b"no profile"))
    printed = await report.attached(written(picture(mode="CMYK"), "JPEG"))
    assert Image.open(BytesIO((await report.get(printed["id"])).content)).mode == "RGB"
