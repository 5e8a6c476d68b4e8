"""POST /v1/feedback against a real database."""

import asyncio
import json
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import Table, event, func, select

from cchc_shared.calendar.clock import FixedClock
from cchc_shared.contract.codes import Channel, FeedbackKind, Severity
from cchc_shared.service.assembly import opened
from cchc_shared.storage.database import create_engine
from cchc_shared.storage.idempotency import Reply
from feedback_api.bootstrap import FEATURES
from feedback_api.intake.codes import CodeSequence
from feedback_api.intake.domain import NewReport, Request
from feedback_api.intake.schemas import FeedbackIn
from feedback_api.intake.service import Intake
from feedback_api.intake.writer import IntakeWriter
from feedback_api.metadata import idempotency, outbox
from feedback_api.reports.domain import Feedback, Submission
from feedback_api.reports.models import contacts, feedback, history
from feedback_api.settings import FeedbackSettings
from tests.support.tokens import TestTokens

from ..conftest import CENTRE, HOME_AFFAIRS, OFFICE, People, Service


def test_every_field_of_the_body_is_stored_by_its_name() -> None:
    elsewhere = {"location", "reporter", "attachments"}
    assert set(FeedbackIn.model_fields) - set(Submission.__struct_fields__) == elsewhere


async def count(service: Service, table: Table) -> int:
    return int((await service.rows(select(func.count()).select_from(table)))[0][0])


async def test_an_acknowledged_report_is_stored_with_its_history_and_event(service: Service, people: People) -> None:
    answer = await service.post({"unit": HOME_AFFAIRS, "title": "Chậm"}, **people["citizen"])
    assert answer.status_code == 201
    receipt = answer.json()
    assert receipt | {"tracking_secret": ""} == {
        "code": "PA-26-000001",
        "status": "received",
        "version": 1,
        "unit": HOME_AFFAIRS,
        "channel": "ihanoi",
        "channel_ref": None,
        "kind": "procedure",
        "category": None,
        "severity": "normal",
        "wished_severity": None,
        "warnings": [],
        "received_at": "2026-11-18T02:00:00Z",
        "accept_due_at": "2026-11-19T02:00:00Z",
        "resolve_due_at": "2026-12-10T10:30:00Z",
        "tracking_secret": "",
    }
    assert answer.headers["location"] == "/v1/feedback/PA-26-000001"
    assert answer.headers["etag"] == '"1"'
    (event,) = await service.rows(select(outbox))
    assert (event.aggregateid, event.aggregateversion) == (receipt["code"], 1)
    assert event.type == "vn.hanoi.cchc.feedback.received.v1"
    assert event.traceparent == answer.headers["traceparent"]
    (entry,) = await service.rows(select(history))
    assert (entry.action, entry.status, entry.actor, entry.role) == ("receive", "received", "citizen-1", "citizen")


@pytest.mark.parametrize(
    ("roles", "role"),
    [
        (["citizen", "system"], "system"),
        (["citizen", "officer", "unit_head"], "unit_head"),
        (["council", "citizen"], "citizen"),
        (["inspector"], "inspector"),
    ],
)
async def test_who_speaks_for_a_channel_sends_as_that(
    service: Service, tokens: TestTokens, roles: list[str], role: str
) -> None:
    assert (await service.post(**tokens(sub="someone", roles=roles, unit=HOME_AFFAIRS))).status_code == 201
    assert await service.rows(select(history.c.role)) == [(role,)]


async def test_routing_rules_choose_a_unit_and_leave_a_trace(service: Service, people: People) -> None:
    assert (await service.post()).json()["unit"] == CENTRE
    petition = (await service.post({"kind": "voter_petition"})).json()
    assert petition["unit"] == OFFICE
    seen = (await service.client.get(f"/v1/feedback/{petition['code']}", headers=people["desk"])).json()
    assert seen["routing"]["rule"] == "voters-petitions"
    assert seen["routing"]["status"] == "R"


async def test_no_personal_data_but_sealed(service: Service, people: People) -> None:
    reporter = {"name": "Nguyễn Văn Bảy", "phone": "0912 345 678", "email": "bay@example.vn"}
    code = (await service.post({"unit": HOME_AFFAIRS, "reporter": reporter})).json()["code"]
    (kept,) = await service.rows(select(contacts))
    assert b"0912" not in kept.sealed
    for table in (outbox, feedback, history, idempotency):
        for row in await service.rows(select(table)):
            assert "0912" not in str(row)
            assert "Bảy" not in str(row)
    path = f"/v1/feedback/{code}/reporter"
    assert (await service.client.get(path, headers=people["officer"])).json() == reporter | {
        "phone": "+84912345678",
        "account": None,
        "place": None,
        "anonymous": False,
    }
    assert (await service.client.get(path, headers=people["desk"])).json()["code"] == "personal-data-forbidden"


async def test_an_anonymous_reporter_is_not_named_to_the_unit(service: Service, people: People) -> None:
    reporter = {"phone": "0912345678", "anonymous": True}
    code = (await service.post({"unit": HOME_AFFAIRS, "reporter": reporter})).json()["code"]
    seen = (await service.client.get(f"/v1/feedback/{code}/reporter", headers=people["officer"])).json()
    assert seen.pop("anonymous") is True
    assert set(seen.values()) == {None}


async def test_twenty_posts_with_one_key_are_one_report(service: Service, people: People) -> None:
    answers = await asyncio.gather(*(service.post(**people["citizen"], **{"Idempotency-Key": "k"}) for _ in range(20)))
    answers.append(await service.post(**people["citizen"], **{"Idempotency-Key": "k"}))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    assert len({answer.headers["location"] for answer in answers}) == 1
    assert await count(service, feedback) == await count(service, outbox) == await count(service, history) == 1
    secret = {"X-Tracking-Secret": answers[0].json()["tracking_secret"]}
    assert (await service.client.get(answers[0].headers["location"], headers=secret)).status_code == 200


async def test_one_key_on_two_processes_is_one_report(
    service: Service, settings: FeedbackSettings, clock: FixedClock
) -> None:
    async with opened("another", settings, FEATURES, clock) as other:
        new_reports = [new_report(f"key-{number % 10}") for number in range(200)]
        writers = (service.writer, other.use(Intake).writer)
        replies = await asyncio.gather(*(submit(writers[n % 2], one) for n, one in enumerate(new_reports)))
    assert len({(reply.status, reply.body) for reply in replies}) == 10
    assert await count(service, feedback) == await count(service, outbox) == 10


async def test_the_same_reports_on_two_processes_do_not_lock_each_other_out(
    service: Service, settings: FeedbackSettings, clock: FixedClock
) -> None:
    def new_reports(numbers: Iterable[int]) -> list[NewReport]:
        return [new_report(None, channel_ref=f"ref-{-number:03}") for number in numbers]

    async with opened("another", settings, FEATURES, clock) as other:
        there_writer = other.use(Intake).writer
        for start in range(0, 300, 60):
            here = [submit(service.writer, one) for one in new_reports(range(start, start + 60))]
            there = [submit(there_writer, one) for one in new_reports(reversed(range(start, start + 60)))]
            replies = await asyncio.gather(*here, *there)
            assert Counter(reply.status for reply in replies) == {201: 60, 200: 60}
    assert await count(service, feedback) == await count(service, outbox) == 300


async def test_all_who_wait_for_numbers_are_told_together_that_there_are_none(settings: FeedbackSettings) -> None:
    engine = create_engine(settings.database_url)
    codes, asked = CodeSequence(engine, seconds=60), 0

    def away(_: object) -> None:
        nonlocal asked
        asked += 1
        raise ConnectionError("away")

    event.listen(engine.sync_engine, "begin", away)
    told = await asyncio.gather(*(codes.next() for _ in range(20)), return_exceptions=True)
    assert all(isinstance(one, ConnectionError) for one in told)
    assert asked == 1
    event.remove(engine.sync_engine, "begin", away)
    assert len(set(await asyncio.gather(*(codes.next() for _ in range(250))))) == 250
    await engine.dispose()


async def test_a_key_used_for_another_body_is_refused(service: Service, people: People) -> None:
    headers = people["citizen"] | {"Idempotency-Key": "k"}
    both = await asyncio.gather(service.post(**headers), service.post({"content": "khác"}, **headers))
    assert sorted(answer.status_code for answer in both) == [201, 422]
    later = await service.post({"content": "khác nữa"}, **headers)
    assert later.json()["code"] == "idempotency-key-reused"
    assert (await service.post(**people["other_citizen"], **{"Idempotency-Key": "k"})).status_code == 201


async def test_a_guessed_key_of_somebody_without_a_token_opens_nothing(service: Service, people: People) -> None:
    key = {"Idempotency-Key": "k"}
    mine = (await service.post({"content": "của tôi"}, **key)).json()
    guessed = await service.post({"content": "tôi đoán"}, **key)
    assert (guessed.status_code, guessed.json()["code"]) == (422, "idempotency-key-reused")
    assert not {mine["code"], mine["tracking_secret"]} & set(guessed.text.split('"'))
    of_a_citizen = await service.post({"content": "của tôi"}, **people["citizen"], **key)
    assert of_a_citizen.status_code == 201
    assert not {mine["code"], mine["tracking_secret"]} & set(of_a_citizen.text.split('"'))
    again = await service.post({"content": "của tôi"}, **key)
    assert again.json() == mine, "who lost the answer gets it again"


async def test_an_id_is_the_same_however_it_was_typed(service: Service, people: People) -> None:
    sent = [
        (await service.post({"channel": "hotline", "channel_ref": ref}, **people["system"])).json()["code"]
        for ref in ("CUỘC-7", "CUO\u0302\u0323C-7", "CUỘC-7\u200b")
    ]
    assert len(set(sent)) == 1


async def test_a_report_is_found_however_its_words_were_typed(service: Service, people: People) -> None:
    code = (await service.post({"content": "Ðường nga\u0323\u0302p nước"}, **people["citizen"])).json()["code"]
    for words in ("ngập", "nga\u0302\u0323p"):
        found = await service.client.get("/v1/feedback", params={"q": words}, headers=people["citizen"])
        assert [item["code"] for item in found.json()["items"]] == [code]


async def test_a_channels_own_id_twice_is_the_same_report(service: Service, people: People) -> None:
    body = {"channel": "hotline", "channel_ref": "CALL-7"}
    answers = await asyncio.gather(
        *(service.post(body, **people["system"]) for _ in range(10)),
        *(service.post(body, **people["system"], **{"Idempotency-Key": "k"}) for _ in range(5)),
    )
    assert len({answer.json()["code"] for answer in answers}) == 1
    statuses = Counter(answer.status_code for answer in answers)
    assert await count(service, feedback) == await count(service, outbox) == 1
    assert statuses[201] in {1, 5}  # five, when the first was one of those with the same key
    assert statuses[200] == 15 - statuses[201]
    repeated = await service.post(body, **people["system"])
    assert repeated.status_code == 200
    assert "tracking_secret" not in repeated.json()
    assert repeated.headers["etag"] == '"1"'
    elsewhere = await service.post(body | {"channel": "zalo"}, **people["system"])
    assert elsewhere.status_code == 201


async def test_a_key_keeps_the_answer_that_named_an_earlier_report(service: Service, people: People) -> None:
    body = {"channel_ref": "7"}
    first = (await service.post(body, **people["citizen"])).json()["code"]
    headers = people["citizen"] | {"Idempotency-Key": "k"}
    answers = [await service.post(body, **headers) for _ in range(2)]
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(200, first)] * 2


async def test_nobody_takes_an_id_before_the_channel_does(service: Service, people: People) -> None:
    body = {"channel_ref": "123"}
    refused = await service.post(body)
    assert refused.status_code == 403
    assert refused.headers["content-type"] == "application/problem+json"
    assert [error["field"] for error in refused.json()["errors"]] == ["body.channel_ref"]
    senders = [people[who] for who in ("citizen", "other_citizen", "system")]
    answers = await asyncio.gather(*(service.post(body, **sender) for sender in senders))
    assert [answer.status_code for answer in answers] == [201] * 3
    first = [answer.json()["code"] for answer in answers]
    assert len(set(first)) == await count(service, feedback) == 3
    again = [await service.post(body, **sender) for sender in (*senders, people["officer"], people["desk"])]
    assert [(answer.status_code, answer.json()["code"]) for answer in again] == [
        (200, code) for code in (*first, first[2], first[2])
    ]


def new_report(key: str | None, content: str = "x", channel_ref: str | None = None) -> NewReport:
    """A report whose code is given by `submit`."""
    at = datetime(2026, 11, 18, 2, tzinfo=UTC)
    report = Feedback(
        code="",
        channel=Channel.WEB,
        channel_owner="",
        channel_ref=channel_ref,
        kind=FeedbackKind.CONDUCT,
        severity=Severity.NORMAL,
        content=content,
        unit=CENTRE,
        routing={},
        submitted_by="citizen-1",
        secret_digest=b"",
        received_at=at,
        recorded_at=at,
        accept_due_at=at,
        resolve_due_at=at,
    )
    return NewReport(report, Request("citizen-1", key, b"d"), role="citizen", contact=None)


async def submit(writer: IntakeWriter, new: NewReport) -> Reply:
    report = replace(new.feedback, code=await writer.new_code(2026))
    return (await writer.submit(replace(new, feedback=report))).stored()


async def test_a_report_is_stored_as_it_was_sent(service: Service, people: People) -> None:
    sent = {
        "channel": "hotline",
        "channel_ref": "CALL-7",
        "kind": "on_site",
        "category": "lighting",
        "severity": "urgent",
        "title": "Đèn đường",
        "content": "hỏng",
        "location": {"lat": 21.0278, "lon": 105.8342, "address": "Ngõ 12"},
        "unit": HOME_AFFAIRS,
    }
    path = (await service.post(sent, **people["system"])).headers["location"]
    seen = (await service.client.get(path, headers=people["desk"])).json()
    assert {name: seen[name] for name in sent} == sent
    assert seen["routing"] == {"by": "sender"}


async def test_the_tracking_secret_is_not_stored(service: Service, people: People) -> None:
    sent = await service.post(**people["citizen"], **{"Idempotency-Key": "k"})
    (kept,) = await service.rows(select(idempotency))
    assert sent.json()["tracking_secret"] not in str(kept)
    assert json.loads(kept.body) | {"tracking_secret": sent.json()["tracking_secret"]} == sent.json()


async def test_one_bad_row_in_a_group_fails_alone(service: Service) -> None:
    new_reports = [new_report(f"key-{number}") for number in range(20)]
    new_reports[7] = new_report("key-7", content="NUL \0 cannot be stored")
    outcomes = await asyncio.gather(*(submit(service.writer, one) for one in new_reports), return_exceptions=True)
    assert [index for index, outcome in enumerate(outcomes) if isinstance(outcome, BaseException)] == [7]
    assert await count(service, feedback) == await count(service, outbox) == await count(service, idempotency) == 19


async def test_channel_software_may_deliver_late(service: Service, people: People) -> None:
    body = {"received_at": "2024-01-15T23:30:00+07:00", "channel": "email"}
    answer = await service.post(body, **people["system"])
    assert answer.status_code == 201
    assert answer.json()["code"] == "PA-24-000001"
    assert answer.json()["received_at"] == "2024-01-15T16:30:00Z"
    assert answer.json()["unit"] == OFFICE  # the desk of that time
    (event,) = await service.rows(select(outbox))
    assert (event.occurred_at, event.recorded_at) == (
        datetime(2024, 1, 15, 16, 30, tzinfo=UTC),
        datetime(2026, 11, 18, 2, tzinfo=UTC),
    )


async def test_only_channel_software_says_when(service: Service, people: People) -> None:
    for caller in (people["citizen"], people["desk"], {}):
        answer = await service.post({"received_at": "2024-01-15T09:00:00Z"}, **caller)
        assert answer.status_code == 403
        assert answer.json()["errors"][0]["field"] == "body.received_at"


BAD: list[tuple[dict[str, Any], str]] = [
    ({"surprise": 1}, "body.surprise"),
    ({"channel": "fax"}, "body.channel"),
    ({"kind": "gossip"}, "body.kind"),
    ({"severity": 3}, "body.severity"),
    ({"content": ""}, "body.content"),
    ({"content": "  "}, "body.content"),
    ({"content": 7}, "body.content"),
    ({"content": "x" * 20_001}, "body.content"),
    ({"content": "NUL \0"}, "body.content"),
    ({"title": "NUL \0"}, "body.title"),
    ({"category": "weather"}, "body.category"),
    ({"unit": "no-such-unit"}, "body.unit"),
    ({"attachments": ["x"]}, "body.attachments"),
    ({"location": {"lat": True, "lon": 105}}, "body.location.lat"),
    ({"location": {"lat": "2" * 51, "lon": 105}}, "body.location.lat"),
    ({"location": {"lat": 21, "lon": 10**400}}, "body.location.lon"),
    ({"reporter": {"phone": "0" * 101}}, "body.reporter.phone"),
    ({"reporter": {"phone": 912345678}}, "body.reporter.phone"),
    ({"reporter": {"email": "a" * 255}}, "body.reporter.email"),
    ({"reporter": {"age": 7}}, "body.reporter.age"),
    ({"received_at": "15/01/2024"}, "body.received_at"),
    ({"received_at": "2024-01-15"}, "body.received_at"),
    ({"received_at": "2024-01-15T09:00:00"}, "body.received_at"),
    ({"received_at": 1705285800}, "body.received_at"),
    ({"received_at": "2026-11-18T09:00:01+07:00"}, "body.received_at"),
    ({"received_at": "1999-01-15T09:00:00Z"}, "body.received_at"),
    ({"received_at": "0001-01-01T00:00:00+14:00"}, "body.received_at"),
]


async def test_bad_input_is_named(service: Service, people: People) -> None:
    for body, field in BAD:
        for language, word in (("vi", "Dữ liệu"), ("en", "Invalid")):
            answer = await service.post(body, **people["system"], **{"Accept-Language": language})
            assert answer.status_code == 422, body
            assert answer.headers["content-type"] == "application/problem+json"
            assert [error["field"] for error in answer.json()["errors"]] == [field]
            assert answer.json()["detail"].startswith(word)
    assert await count(service, feedback) == 0


async def test_bytes_that_are_no_report(service: Service) -> None:
    for content, status in (
        (b"{", 400),
        (b'{"channel": "web", "kind": "conduct", "content": "\xff"}', 400),
        (b'{"channel": "web", "kind": "conduct", "content": "\\ud800"}', 422),
        (b"[]", 422),
        (b"", 422),
        (b'{"content": "' + b"x" * (3 * 1024 * 1024) + b'"}', 413),
    ):
        answer = await service.client.post(
            "/v1/feedback", content=content, headers={"Content-Type": "application/json"}
        )
        assert answer.status_code == status, content[:100]
        assert answer.headers["content-type"] == "application/problem+json"


async def test_before_the_units_are_known_the_sender_is_asked_to_come_back(service: Service) -> None:
    async with service.here.engine.begin() as conn:
        await conn.exec_driver_sql("DELETE FROM units")
    await service.directory.refresh()
    answer = await service.post()
    assert answer.status_code == 503
    assert answer.headers["retry-after"]


async def test_a_unit_that_was_just_founded_is_soon_known(service: Service) -> None:
    assert (await service.post({"unit": "so-moi"})).status_code == 422
    async with service.here.engine.begin() as conn:
        await conn.exec_driver_sql("INSERT INTO units (subject, version, code) VALUES ('n', 1, 'so-moi')")
    async with asyncio.timeout(4):  # sooner than the units are read again without being asked for
        while (await service.post({"unit": "so-moi"})).status_code != 201:  # noqa: ASYNC110 - only asking tells
            await asyncio.sleep(0.05)
