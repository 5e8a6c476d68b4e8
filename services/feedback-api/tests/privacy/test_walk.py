"""Marked personal data are sent by every channel and role; they stand in the columns named here, and nowhere else."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
import structlog
from prometheus_client import generate_latest
from sqlalchemy import select
from structlog.testing import LogCapture

from cchc_shared.calendar.clock import FixedClock
from cchc_shared.contract.codes import Channel, FeedbackKind
from cchc_shared.http import access_log
from feedback_api.bootstrap import build_worker
from feedback_api.metadata import METADATA
from feedback_api.settings import FeedbackSettings, WorkerSettings
from tests.support.tokens import TestTokens

from ..conftest import HOME_AFFAIRS, JUSTICE, Headers, People, Service

NAME, PHONE, EMAIL = "Xqmarkname", "0900 000 777", "xqmark@contact.example"
CONTACT = (NAME, PHONE, PHONE.replace(" ", "").lstrip("0"), "xqmark@contact")
"""Of who sent it: sealed, and so nowhere to be read."""
WORDS = "xqmarkwords"
"""In all that citizens and officials write: the report's own text, and nothing that is made of it."""

OF_WORDS = {
    ("feedback", "title"),
    ("feedback", "content"),
    ("feedback", "address"),
    ("feedback", "words"),
    ("feedback", "answer"),
    ("feedback_history", "note"),
    ("feedback_history", "details"),
    ("idempotency", "body"),
}
"""Where words may stand. Answers under idempotency keys end after a week, the others by the rules of retention."""


@pytest.fixture
def said() -> Iterator[list[str]]:
    """All that is logged meanwhile."""
    captured, lines = LogCapture(), list[str]()
    before = structlog.get_config()["processors"]
    structlog.configure(processors=[structlog.contextvars.merge_contextvars, captured])
    access_log.write_with(lambda fields: lines.append(str(fields)))
    yield lines
    lines += map(str, captured.entries)
    access_log.write_with(access_log.by_structlog)
    structlog.configure(processors=before)


class Walk:
    """Does what people do, and keeps what the others are answered."""

    def __init__(self, service: Service, people: People) -> None:
        self.service = service
        self.people = people
        self.paths: list[str] = []

    async def send(self, channel: Channel, kind: FeedbackKind, caller: Headers) -> None:
        body: dict[str, Any] = {
            "channel": channel,
            "kind": kind,
            "unit": HOME_AFFAIRS,
            "title": f"Việc {WORDS}",
            "content": f"Nhà tôi {WORDS} bị ngập",
            "location": {"lat": 21.0, "lon": 105.8, "address": f"ngõ {WORDS}"},
            "reporter": {"name": NAME, "phone": PHONE, "email": EMAIL},
        }
        key = {"Idempotency-Key": f"{channel} {kind} {len(self.paths)}"}
        sent = await self.service.post(body, **caller, **key)
        assert sent.status_code == 201, sent.text
        secret = {"X-Tracking-Secret": sent.json()["tracking_secret"]}
        self.paths.append(path := f"/v1/feedback/{sent.json()['code']}")
        await self.handle(path.rpartition("/")[2])
        corrected = {"name": NAME, "phone": PHONE, "email": EMAIL}
        for asked in (
            self.client.get(f"{path}/reporter", headers=self.people["officer"]),
            self.client.put(f"{path}/reporter", json=corrected, headers=secret | key | {"If-Match": '"1"'}),
            self.client.get(f"{path}/my-data", headers=secret),
            self.client.post(f"{path}/anonymize", headers=secret | {"Idempotency-Key": f"a {len(self.paths)}"}),
        ):
            assert (await asked).status_code == 200
        for refused in ({"reporter": {"phone": [PHONE, NAME]}}, {"content": "", "title": WORDS, "surprise": NAME}):
            assert (await self.service.post(body | refused, **caller)).status_code == 422

    async def handle(self, code: str) -> None:
        steps: tuple[tuple[str, str, dict[str, Any]], ...] = (
            ("assign", "desk", {}),
            ("accept", "officer", {}),
            ("transfer", "officer", {"unit": JUSTICE, "reason": f"do {WORDS}"}),
            ("transfer", "desk", {"unit": HOME_AFFAIRS, "reason": f"do {WORDS}"}),
            ("accept", "officer", {}),
            ("ask_supplement", "officer", {"question": f"Có phải {WORDS}?"}),
            ("supplement", "officer", {"text": f"Đúng là {WORDS}"}),
            ("add_note", "officer", {"note": f"đã gọi {WORDS}"}),
            ("draft_answer", "officer", {"answer": f"Đã sửa cho {WORDS}", "outcome": "resolved"}),
            ("approve_answer", "head", {}),
            ("publish", "desk", {}),
        )
        for version, (action, caller, body) in enumerate(steps, 1):
            headers = self.people[caller] | {"Idempotency-Key": f"{code} {version}"}
            done = await self.service.act(code, action, headers, version, body)
            assert done.status_code == 200, done.text

    @property
    def client(self) -> httpx.AsyncClient:
        return self.service.client


@pytest.fixture
async def walk(service: Service, people: People, tokens: TestTokens, said: list[str]) -> Walk:
    people["operator"] = tokens(sub="operator-1", roles=["operator"])
    people["inspector"] = tokens(sub="inspector-1", roles=["inspector"])
    people["board"] = tokens(sub="board-1", roles=["scoring_board", "council"])
    done = Walk(service, people)
    for channel in Channel:
        await done.send(channel, FeedbackKind.CONDUCT, people["system"])
    for kind in FeedbackKind:
        await done.send(Channel.WEB, kind, {})
        await done.send(Channel.IHANOI, kind, people["citizen"])
        for sender in ("officer", "desk"):
            await done.send(Channel.COUNTER, kind, people[sender])
    return done


async def columns_with(service: Service, marks: tuple[str, ...]) -> set[tuple[str, str]]:
    """Columns of the whole schema in which a mark stands, in the text or in the bytes."""
    found = set()
    for table in METADATA.sorted_tables:
        for row in await service.rows(select(table)):
            for column, value in row._mapping.items():
                text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
                if any(mark in text for mark in marks):
                    found.add((table.name, str(column)))
    return found


async def test_marks_stand_where_they_may_and_nowhere_else(
    walk: Walk, said: list[str], settings: FeedbackSettings, clock: FixedClock
) -> None:
    service, people = walk.service, walk.people
    assert await columns_with(service, CONTACT) == set()
    assert await columns_with(service, (WORDS,)) == OF_WORDS

    # Strangers and other citizens learn nothing; no official is shown a contact by the way.
    for path in walk.paths[:2]:
        for place in ("", "/history", "/clocks", "/reporter", "/my-data", "/contact-accesses", "/erasures"):
            for name, caller in {**people, "nobody": {}}.items():
                answer = await service.client.get(f"{path}{place}", headers=caller)
                assert not [mark for mark in CONTACT if mark in answer.text], (name, place)
                if name in {"nobody", "other_citizen", "board", "operator"}:
                    assert WORDS not in answer.text
    for name, caller in people.items():
        for path in ("/v1/feedback", "/v1/statistics/feedback", "/v1/parked-events/feedback", "/v1/me/data"):
            answer = await service.client.get(path, headers=caller)
            assert name == "citizen" or not [mark for mark in CONTACT if mark in answer.text], (name, path)
            if name in {"other_citizen", "board", "operator"}:
                assert WORDS not in answer.text

    # What is erased leaves nothing behind; the worker does it, and says nothing of anybody.
    clock.advance(timedelta(days=366 * 6))
    worker = build_worker(
        WorkerSettings(**settings.model_dump(include=set(WorkerSettings.model_fields), by_alias=True)), clock
    )
    async with worker.router.lifespan_context(worker), asyncio.timeout(60):
        while await columns_with(service, (WORDS,)) - {("idempotency", "body")}:
            clock.advance(timedelta(minutes=1))
            await asyncio.sleep(0.1)
    assert await columns_with(service, ("citizen-1",)) <= {("idempotency", "caller")}
    heard = [line for line in said if any(mark in line for mark in (*CONTACT, WORDS, "citizen-1"))]
    assert heard == []
    assert said
    metrics = generate_latest().decode()
    assert "cchc_http_requests_total" in metrics
    assert not [mark for mark in (*CONTACT, WORDS, "citizen-1", "PA-26-") if mark in metrics]
