"""What the software of channels sends, over HTTP, on a real database."""

import hashlib
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import Row, select

from cchc_shared.calendar.clock import FixedClock
from cchc_shared.contract.codes import FeedbackStatus
from cchc_shared.contract.yaml_text import read_document
from cchc_shared.directory.service import Directory
from feedback_api.bootstrap import build_app
from feedback_api.channels.national_portal import Group, groups, shown
from feedback_api.channels.rules import FILE, ChannelRules
from feedback_api.reports.models import contacts, feedback
from feedback_api.settings import FeedbackSettings

from ..conftest import HOME_AFFAIRS, PROFILE, Headers, People, Service

RULES = read_document(PROFILE / FILE, ChannelRules)
MAIL = """From: Bay <bay@example.vn>
Subject: =?utf-8?q?Ng=E1=BA=ADp?=
Message-ID: <1@example.vn>
Date: Wed, 18 Nov 2026 08:59:00 +0700
Content-Type: text/plain; charset=utf-8

Đường ngập nước.
"""
CALL = {
    "call_id": "C-1",
    "caller": "(024) 3.825-3536",
    "started_at": "2026-11-17T08:00:00Z",
    "agent": "Tổng đài viên 7",
    "transcript": "Đèn đường hỏng",
    "recording_url": "https://hotline.example/C-1.ogg",
}
PORTAL = {
    "code": "PAKN.1",
    "classification": "PETITION_CLASSIFICATION_TTHC",
    "content": "Hồ sơ chậm",
    "sender": {"name": "Bảy", "phone": "0912 345 678"},
}
ZALO: dict[str, Any] = {
    "app_id": "360846524940903967",
    "sender": {"id": "246845883529197922"},
    "user_id_by_app": "552177279717587730",
    "recipient": {"id": "388613280878808645"},
    "event_name": "user_send_text",
    "message": {"text": "Cây đổ", "msg_id": "96d3cdf3af150460909"},
    "timestamp": "1794967200000",
}


async def send(service: Service, channel: str, body: dict[str, Any] | str, headers: Headers) -> httpx.Response:
    path = f"/v1/feedback/channels/{channel}"
    if isinstance(body, str):
        return await service.client.post(
            path, content=body.encode(), headers=headers | {"Content-Type": "message/rfc822"}
        )
    return await service.client.post(path, json=body, headers=headers)


async def stored(service: Service) -> "Row[Any]":
    row: Row[Any]
    (row,) = await service.rows(select(feedback))
    return row


async def test_a_mail_is_taken_in_and_again_is_the_same(service: Service, people: People) -> None:
    answer = await send(service, "email", MAIL, people["system"])
    assert answer.status_code == 201, answer.text
    assert answer.json() | {"tracking_secret": ""} == {
        "status": "accepted",
        "reason": None,
        "code": "PA-26-000001",
        "tracking_secret": "",
        "reply_to": None,
        "attachments_kept": [],
        "channel_status": None,
        "warnings": [],
    }
    again = await send(service, "email", MAIL, people["system"])
    assert (again.status_code, again.json()["status"], again.json()["code"]) == (200, "repeated", "PA-26-000001")
    row = await stored(service)
    assert (row.channel, row.channel_ref, row.title, row.content) == (
        "email",
        "1@example.vn",
        "Ngập",
        "Đường ngập nước.",
    )
    assert row.received_at.isoformat() == "2026-11-18T01:59:00+00:00"
    assert "bay@example.vn" not in str(row)
    assert len(await service.rows(select(contacts))) == 1
    other = await send(service, "email", MAIL.replace("ngập nước", "đã khô"), people["system"])
    assert (other.status_code, other.json()["code"]) == (409, "channel-ref-conflict")


@pytest.mark.parametrize("date", ["Wed, 18 Nov 2026 09:01:00 +0700", "Wed, 11 Nov 2026 09:00:00 +0700"])
async def test_a_mails_own_time_makes_no_report_late(service: Service, people: People, date: str) -> None:
    mail = MAIL.replace("Wed, 18 Nov 2026 08:59:00 +0700", date)
    answer = await send(service, "email", mail, people["system"] | {"Accept-Language": "en"})
    (warning,) = answer.json()["warnings"]
    assert (warning["field"], warning["code"]) == ("body.received_at", "time-not-taken")
    assert "counts from when it came" in warning["message"]
    assert (await stored(service)).received_at.isoformat() == "2026-11-18T02:00:00+00:00"


async def test_a_reply_names_the_report_it_answers(service: Service, people: People) -> None:
    first = (await send(service, "email", MAIL, people["system"])).json()["code"]
    reply = MAIL.replace("<1@", "<2@").replace("Subject", "In-Reply-To: <1@example.vn>\nSubject")
    answer = (await send(service, "email", reply, people["system"])).json()
    assert answer["reply_to"] == first != answer["code"]
    assert [warning["code"] for warning in answer["warnings"]] == ["reply"]
    seen = await service.client.get(f"/v1/feedback/{answer['code']}", headers=people["desk"])
    assert seen.json()["reply_to"] == first
    stranger = MAIL.replace("<1@", "<3@").replace("Subject", "In-Reply-To: <9@example.vn>\nSubject")
    assert (await send(service, "email", stranger, people["system"])).json()["reply_to"] is None


async def test_what_is_no_report_is_answered_with_why(service: Service, people: People) -> None:
    sent: list[tuple[str, dict[str, Any] | str, str]] = [
        ("email", "Auto-Submitted: auto-replied\n" + MAIL, "automatic"),
        ("email", "Return-Path: <>\n" + MAIL, "bounced"),
        ("email", "Message-ID: <1@x>\n\n", "empty"),
        ("zalo", ZALO | {"event_name": "follow"}, "no-report"),
        ("national_portal", PORTAL | {"status": "PAKN đã công khai"}, "handled"),
    ]
    for channel, body, reason in sent:
        answer = await send(service, channel, body, people["system"])
        assert (answer.status_code, answer.json()["status"], answer.json()["reason"]) == (200, "ignored", reason)
        assert "location" not in answer.headers
    assert await service.rows(select(feedback)) == []


async def test_a_mail_that_is_none_is_refused(service: Service, people: People) -> None:
    nested = "".join(f"Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n" for n in range(10_000))
    answer = await send(service, "email", nested, people["system"])
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "body")
    as_json = await service.client.post("/v1/feedback/channels/email", json={}, headers=people["system"])
    assert (as_json.status_code, as_json.json()["accepted"]) == (415, "message/rfc822")


async def test_a_call_is_a_report_of_its_caller(service: Service, people: People) -> None:
    answer = await send(service, "hotline", CALL | {"unit": None}, people["system"])
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "body.unit")
    answer = await send(service, "hotline", CALL, people["system"])
    assert (answer.status_code, answer.json()["warnings"]) == (201, []), answer.text
    row = await stored(service)
    assert row.content.splitlines() == [
        "Đèn đường hỏng",
        "Người nghe máy: Tổng đài viên 7",
        "Ghi âm: https://hotline.example/C-1.ogg",
    ]
    assert row.received_at.isoformat() == "2026-11-17T08:00:00+00:00"
    code = answer.json()["code"]
    await service.act(code, "assign", people["desk"], 1, {"unit": HOME_AFFAIRS})
    seen = await service.client.get(f"/v1/feedback/{code}/reporter", headers=people["officer"])
    assert seen.json()["phone"] == "+842438253536"


async def test_a_zalo_message_is_a_report_of_its_account(service: Service, people: People) -> None:
    image = {
        "type": "image",
        "payload": {"url": "https://zalo.example/1.jpg", "thumbnail": "https://zalo.example/2.jpg"},
    }
    place = {"type": "location", "payload": {"coordinates": {"latitude": "105.8", "longitude": "21.03"}}}
    for name, message, content, codes in (
        ("user_send_text", {"text": "Cây đổ"}, "Cây đổ", []),
        ("user_send_image", {"attachments": [image]}, "Ảnh: https://zalo.example/1.jpg", ["attachments-not-taken"]),
        ("user_send_location", {"attachments": [place]}, "Vị trí: 105.8; 21.03", ["coordinates-swapped"]),
    ):
        event = ZALO | {"event_name": name, "message": message | {"msg_id": name}}
        answer = (await send(service, "zalo", event, people["system"])).json()
        assert [warning["code"] for warning in answer["warnings"]] == codes
        path = f"/v1/feedback/{answer['code']}"
        seen = (await service.client.get(path, headers=people["desk"])).json()
        assert (seen["content"], seen["channel"], seen["kind"]) == (content, "zalo", "on_site")
    assert seen["location"] == {"lat": 21.03, "lon": 105.8, "address": None}


@pytest.fixture
async def signing(service: Service, settings: FeedbackSettings, clock: FixedClock) -> AsyncIterator[httpx.AsyncClient]:
    """The same service where the city shares a secret with Zalo."""
    app = build_app(settings.model_copy(update={"zalo_secret": SecretStr("hush")}), clock)
    async with app.router.lifespan_context(app):
        await app.state.context.use(Directory).refresh()
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://feedback") as client:
            yield client


async def test_zalo_needs_no_token_but_its_signature(signing: httpx.AsyncClient, people: People) -> None:
    body = json.dumps(ZALO).encode()
    mac = hashlib.sha256(ZALO["app_id"].encode() + body + ZALO["timestamp"].encode() + b"hush").hexdigest()
    path, json_ = "/v1/feedback/channels/zalo", {"Content-Type": "application/json"}

    async def answered(signature: str | None, sent: bytes = body, headers: Headers | None = None) -> int:
        signed = {} if signature is None else {"X-ZEvent-Signature": signature}
        return (await signing.post(path, content=sent, headers={**json_, **(headers or {}), **signed})).status_code

    assert (
        await answered(None)
        == await answered(None, headers=people["system"])
        == await answered("mac=" + "0" * 64)
        == 403
    )
    assert await answered(f"mac={mac}", body.replace(b"1794967200000", b"1794967200001")) == 403
    assert await answered(f"mac={mac}") == 201
    assert await answered(mac) == 200
    assert await answered("mac=7") == 422


async def test_without_a_secret_zalos_events_come_from_channel_software(service: Service, people: People) -> None:
    assert (await send(service, "zalo", ZALO, {})).status_code == 401
    assert (await send(service, "zalo", ZALO, people["citizen"])).status_code == 403


async def test_the_portal_is_told_what_it_may_show(service: Service, people: People) -> None:
    answer = await send(service, "national_portal", PORTAL, people["system"])
    assert (answer.status_code, answer.json()["channel_status"]) == (201, "Tiếp nhận ở địa phương"), answer.text
    code = answer.json()["code"]
    await service.act(code, "assign", people["desk"], 1, {"unit": HOME_AFFAIRS})
    again = await send(service, "national_portal", PORTAL, people["system"])
    assert (again.status_code, again.json()["channel_status"]) == (200, "Xử lý ở địa phương")
    unknown = await send(service, "national_portal", PORTAL | {"classification": "GOSSIP"}, people["system"])
    assert (unknown.status_code, unknown.json()["errors"][0]["field"]) == (422, "body.classification")


@pytest.mark.parametrize(
    ("status", "codes"),
    [
        ("Mới tiếp nhận VPCP", []),
        ("Tiếp nhận ở địa phương", ["status-in-two-groups"]),
        ("Đang bay", ["status-unknown"]),
    ],
)
async def test_a_status_that_says_two_things_is_not_guessed(
    service: Service, people: People, status: str, codes: list[str]
) -> None:
    answer = await send(service, "national_portal", PORTAL | {"status": status}, people["system"])
    assert answer.status_code == 201
    assert [warning["code"] for warning in answer.json()["warnings"]] == codes


def test_one_status_of_the_portal_stands_in_two_groups() -> None:
    rules = RULES.national_portal
    every = rules.waiting | rules.handling | rules.handled
    assert {each for each in every if len(groups(each, rules)) > 1} == {"Tiếp nhận ở địa phương"}
    assert groups("Tiếp nhận ở địa phương", rules) == [Group.WAITING, Group.HANDLING]
    assert {status for status in FeedbackStatus if shown(status, rules) is None} == {FeedbackStatus.DUPLICATE}


async def test_only_channel_software_speaks_for_a_channel(service: Service, people: People) -> None:
    bodies: dict[str, dict[str, Any] | str] = {"email": MAIL, "hotline": CALL, "national_portal": PORTAL}
    for channel, body in bodies.items():
        for caller, status in (({}, 401), (people["citizen"], 403), (people["officer"], 403)):
            assert (await send(service, channel, body, caller)).status_code == status
