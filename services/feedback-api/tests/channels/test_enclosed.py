"""Mails with files, over HTTP, on a real database and a real folder: what becomes an attachment, and what is said."""

import asyncio
from collections.abc import AsyncIterator
from email.message import EmailMessage
from email.utils import make_msgid
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from cchc_shared.files.objects import Objects
from cchc_shared.files.scanning import Command
from feedback_api.attachments.service import Attachments
from feedback_api.channels import letters
from feedback_api.reports.domain import Erased
from feedback_api.reports.models import attachments, feedback

from ..attachments.conftest import kept, stored
from ..attachments.files import HTML, MARK, PDF, SVG, bomb, jpeg, marked, picture, written
from ..conftest import Headers, People, Service

__all__ = ["stored"]

LOGO = written(picture(120, 40), "PNG")
SCREENSHOT = written(picture(300, 200), "PNG")


def mail(*files: tuple[str, bytes], words: str = "Vỉa hè hỏng", ref: str = "<1@example.vn>") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["Message-ID"], message["Subject"] = "bay@example.vn", ref, "Vỉa hè"
    message.set_content(words)
    for name, content in files:
        message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return message


async def send(service: Service, headers: Headers, sent: EmailMessage | bytes, **more: str) -> httpx.Response:
    path = "/v1/feedback/channels/email"
    said = headers | {"Content-Type": "message/rfc822"} | more
    return await service.client.post(path, content=bytes(sent), headers=said)


async def listed(service: Service, people: People, answer: httpx.Response) -> list[dict[str, Any]]:
    found = await service.client.get(f"/v1/feedback/{answer.json()['code']}/attachments", headers=people["desk"])
    items: list[dict[str, Any]] = found.json()["items"]
    return items


async def test_its_files_become_attachments_of_the_report(service: Service, people: People, stored: Path) -> None:
    answer = await send(service, people["system"], mail(("ảnh.jpg", marked("JPEG", 6)), ("đơn.pdf", PDF)))
    said = answer.json()
    assert (answer.status_code, said["status"], said["warnings"]) == (201, "accepted", []), answer.text
    items = await listed(service, people, answer)
    assert [each["name"] for each in items] == ["anh-1.jpg", "tai-lieu-2.pdf"]
    assert {each["by"] for each in items} == {"sender"}
    assert said["attachments_kept"] == [f"/v1/feedback/{said['code']}/attachments/{each['id']}" for each in items]
    assert (items[0]["width"], items[0]["height"]) == (48, 64)  # upright, and drawn anew
    assert not any(MARK.encode() in file.read_bytes() for file in kept(stored))
    secret = {"X-Tracking-Secret": said["tracking_secret"]}
    assert (await service.client.get(said["attachments_kept"][1], headers=secret)).content == PDF


async def test_a_mail_that_is_repeated_adds_nothing(service: Service, people: People, stored: Path) -> None:
    sent = mail(("a.jpg", jpeg()), ("b.svg", SVG))
    first = (await send(service, people["system"], sent)).json()
    objects = kept(stored)
    for _ in range(2):
        again = await send(service, people["system"], sent)
        said = again.json()
        assert (again.status_code, said["status"]) == (200, "repeated")
        assert (said["attachments_kept"], said["warnings"]) == (first["attachments_kept"], first["warnings"])
    assert kept(stored) == objects
    assert len(await service.rows(select(attachments))) == len(await service.rows(select(feedback))) == 1


async def test_the_same_mail_twice_at_the_same_moment_is_one(service: Service, people: People) -> None:
    sent = mail(("a.jpg", jpeg()), ("b.pdf", PDF))
    answers = await asyncio.gather(*(send(service, people["system"], sent) for _ in range(3)))
    assert sorted(answer.status_code for answer in answers) == [200, 200, 201]
    assert len({str(answer.json()["attachments_kept"]) for answer in answers}) == 1
    assert len(await service.rows(select(attachments))) == 2


async def test_nobody_adds_files_by_the_words_of_anothers_mail(service: Service, people: People) -> None:
    """Who was sent a copy knows its id and its words."""
    await send(service, people["system"], mail(("a.jpg", jpeg())))
    for files in ([], [("a.jpg", jpeg()), ("b.jpg", jpeg(30, 30))]):
        other = await send(service, people["system"], mail(*files))
        assert (other.status_code, other.json()["code"]) == (409, "channel-ref-conflict")
        assert [error["field"] for error in other.json()["errors"]] == ["body.attachments"]
    assert len(await service.rows(select(attachments))) == 1


REFUSED = {
    "trang.html": (HTML, "is not of a type that is taken"),
    "biểu.svg": (SVG, "is not of a type that is taken"),
    "winmail.dat": (b"\x78\x9f\x3e\x22" + bytes(100), "is not of a type that is taken"),
    "hỏng.jpg": (jpeg(300, 200)[:2000], "is broken"),
    "rỗng.pdf": (b"", "is empty"),
    "lớn.png": (bomb(), "has too many pixels"),
    "thừa.pdf": (PDF + HTML, "something added"),
}


async def test_what_is_not_taken_is_named_and_refuses_no_report(service: Service, people: People, stored: Path) -> None:
    sent = mail(*((name, content) for name, (content, _) in REFUSED.items()), ("tốt.jpg", jpeg()))
    answer = await send(service, people["system"], sent, **{"Accept-Language": "en"})
    said = answer.json()
    assert (answer.status_code, len(said["attachments_kept"])) == (201, 1)
    assert [(each["field"], each["code"]) for each in said["warnings"]] == [
        (f"body.attachments.{number}", "attachment-refused") for number in range(len(REFUSED))
    ]
    for (name, (_, why)), warning in zip(REFUSED.items(), said["warnings"], strict=True):
        assert warning["message"].startswith(f"“{name}”: ")
        assert why in warning["message"]
    assert not [name for name in REFUSED if name in str(await service.rows(select(feedback)))]
    vietnamese = (await send(service, people["system"], sent)).json()["warnings"]
    assert vietnamese[0]["message"].startswith("“trang.html”: không phải kiểu tệp được nhận")


async def test_logos_are_left_out_and_other_pictures_in_the_text_are_not(service: Service, people: People) -> None:
    sent = mail()
    logo, shown = make_msgid(domain="x"), make_msgid(domain="x")
    sent.add_alternative(f'<p>Vỉa hè</p><img src="cid:{logo[1:-1]}"><img src="cid:{shown[1:-1]}">', subtype="html")
    for part in list(sent.iter_parts())[1:]:
        assert isinstance(part, EmailMessage)
        part.add_related(LOGO, "image", "png", cid=logo)
        part.add_related(SCREENSHOT, "image", "png", cid=shown)
    sent.make_mixed()
    sent.add_attachment(LOGO + b"x", maintype="image", subtype="png", filename="nhỏ.png")  # attached, though small
    answer = await send(service, people["system"], sent)
    assert [each["code"] for each in answer.json()["warnings"]] == ["attachment-left-out"]
    assert [each["width"] for each in await listed(service, people, answer)] == [300, 120]


async def test_an_infected_file_is_named_and_recorded(service: Service, people: People) -> None:
    object.__setattr__(
        service.here.use(Attachments), "scanner", Command(["sh", "-c", "grep -q VIRUS && exit 1; exit 0"])
    )
    answer = await send(service, people["system"], mail(("vi-rút.jpg", jpeg() + b"VIRUS"), ("sạch.jpg", jpeg())))
    [warning] = answer.json()["warnings"]
    assert (answer.status_code, warning["code"], warning["message"]) == (
        201,
        "attachment-refused",
        "“vi-rút.jpg”: có mã độc",
    )
    assert [each["scan"] for each in await listed(service, people, answer)] == ["infected", "clean"]


async def test_what_could_not_be_stored_comes_with_the_same_mail_sent_again(
    service: Service, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = mail(("a.jpg", jpeg()), ("b.pdf", PDF))
    nowhere = Objects(None)
    monkeypatch.setattr(Objects, "put", lambda _, key, file: Objects.get(nowhere, key))
    answer = await send(service, people["system"], sent)
    assert (answer.status_code, answer.json()["attachments_kept"]) == (201, [])
    assert [each["code"] for each in answer.json()["warnings"]] == ["attachment-unavailable"] * 2
    monkeypatch.undo()
    again = await send(service, people["system"], sent)
    assert (again.json()["status"], len(again.json()["attachments_kept"])) == ("repeated", 2)


async def test_a_process_that_died_after_the_report_is_made_good_by_the_same_mail(
    service: Service, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def die(*_: object) -> None:
        raise RuntimeError

    sent = mail(("a.jpg", jpeg()))
    monkeypatch.setattr(Attachments, "take", die)
    assert (await send(service, people["system"], sent)).status_code == 500
    monkeypatch.undo()
    again = (await send(service, people["system"], sent)).json()
    assert (again["status"], len(again["attachments_kept"])) == ("repeated", 1)


async def test_a_report_has_no_more_files_of_its_sender_than_it_may(service: Service, people: People) -> None:
    sent = mail(*((f"{side}.jpg", jpeg(side, side)) for side in range(20, 42)))
    said = (await send(service, people["system"], sent)).json()
    assert (len(said["attachments_kept"]), [each["code"] for each in said["warnings"]]) == (
        20,
        ["attachment-refused"] * 2,
    )
    assert "20" in said["warnings"][0]["message"]


async def test_an_erased_report_takes_no_files_of_a_mail_that_comes_late(service: Service, people: People) -> None:
    sent = mail(("a.jpg", jpeg()))
    code = (await send(service, people["system"], mail())).json()["code"]
    async with service.here.engine.begin() as conn:
        await conn.execute(
            feedback.update().where(feedback.c.code == code).values(erased=Erased.TEXT, fingerprint=None)
        )
    said = (await send(service, people["system"], sent)).json()
    assert (said["code"], said["attachments_kept"]) == (code, [])
    assert await service.rows(select(attachments)) == []


async def test_a_mail_may_be_larger_than_other_bodies_and_is_bounded_by_the_citys_rule(
    service: Service, people: People
) -> None:
    large = PDF[:9] + b"%" + b"x" * 9_000_000 + b"\n%%EOF"
    answer = await send(service, people["system"], mail(("lớn.pdf", large)))
    assert (answer.status_code, len(answer.json()["attachments_kept"])) == (201, 1)
    more = await send(service, people["system"], bytes(mail(ref="<2@x>")) + b"x" * 16_000_000)
    assert (more.status_code, more.json()["most_bytes"]) == (413, 16_000_000)


async def test_a_stranger_is_refused_before_the_mail_is_read(service: Service, people: People) -> None:
    async def unread() -> AsyncIterator[bytes]:
        yield b""
        raise AssertionError("the body was read")

    for headers, status in (({}, 401), (people["citizen"], 403)):
        said = headers | {"Content-Type": "message/rfc822"}
        answer = await service.client.post("/v1/feedback/channels/email", content=unread(), headers=said)
        assert answer.status_code == status


async def test_a_mail_that_ends_its_reader_is_refused(
    service: Service, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(letters, "read", _ends)
    answer = await send(service, people["system"], mail())
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "body")


def _ends(*_: object) -> None:
    import os

    os._exit(1)
