"""The fast path answers like the route, and leaves to the route whatever it cannot carry out at once."""

import json
from collections.abc import AsyncIterator
from typing import Any, cast

import httpx
import pytest
from prometheus_client import REGISTRY
from starlette.types import Scope

from cchc_shared.calendar.clock import FixedClock
from cchc_shared.service.app import Application
from cchc_shared.service.protocol import Turn
from feedback_api.bootstrap import build_app
from feedback_api.intake.fast_path import FastPath
from feedback_api.intake.service import Intake
from feedback_api.settings import FeedbackSettings
from tests.support.at_once import InProcess, Waiting

from ..conftest import HOME_AFFAIRS, REPORT, People, Service

JSON = {"Content-Type": "application/json"}
MOST = 200_000

# --- who answers


BODY = json.dumps(REPORT).encode()
HOST = (b"host", b"here")
TOKEN = (b"authorization", b"Bearer x.y.z")
CONTENT = (b"content-type", b"application/json")
ODD: list[tuple[dict[str, Any], list[tuple[bytes, bytes]], bytes]] = [
    ({"method": "PUT"}, [HOST, CONTENT], BODY),
    ({"method": "GET"}, [HOST], b""),
    ({"path": "/v1/feedback/"}, [HOST, CONTENT], BODY),
    ({"path": "/v1/tasks"}, [HOST, CONTENT], BODY),
    ({"query_string": b"a=1"}, [HOST, CONTENT], BODY),
    ({}, [HOST], BODY),
    ({}, [HOST, (b"content-type", b"application/json; charset=utf-8")], BODY),
    ({}, [HOST, (b"content-type", b"text/plain")], BODY),
    ({}, [CONTENT], BODY),
    ({}, [HOST, HOST, CONTENT], BODY),
    ({}, [HOST, CONTENT, CONTENT], BODY),
    ({}, [HOST, CONTENT, (b"content-encoding", b"identity")], BODY),
    ({}, [HOST, CONTENT, (b"if-match", b'"1"')], BODY),
    ({}, [HOST, CONTENT, (b"authorization", b"Basic eDp5")], BODY),
    ({}, [HOST, CONTENT, (b"authorization", b"bearer x.y.z")], BODY),
    ({}, [HOST, CONTENT, (b"authorization", b"Bearer ")], BODY),
    ({}, [HOST, CONTENT, (b"authorization", b"Bearer  x.y.z")], BODY),
    ({}, [HOST, CONTENT, (b"authorization", b"")], BODY),
    ({}, [HOST, CONTENT, TOKEN, TOKEN], BODY),
    ({}, [HOST, CONTENT, (b"idempotency-key", b"")], BODY),
    ({}, [HOST, CONTENT, (b"idempotency-key", b"k" * 256)], BODY),
    ({}, [HOST, CONTENT, (b"idempotency-key", "khóa".encode())], BODY),
    ({}, [HOST, CONTENT, (b"idempotency-key", b"a"), (b"idempotency-key", b"b")], BODY),
    ({}, [HOST, CONTENT], b""),
    ({}, [HOST, CONTENT], b"{"),
    ({}, [HOST, CONTENT], b"[]"),
    ({}, [HOST, CONTENT], BODY.replace(b'"kind"', b'"surprise"')),
    ({}, [HOST, CONTENT], b'{"content": "' + b"x" * 100_000),
    ({}, [HOST, CONTENT], BODY.ljust(MOST + 1)),
]


@pytest.mark.parametrize(("changes", "headers", "body"), ODD)
async def test_whatever_is_odd_is_not_taken(
    service: Service, changes: dict[str, Any], headers: list[tuple[bytes, bytes]], body: bytes
) -> None:
    turn = Waiting()
    assert not offered(FastPath(application(service), MOST), turn, changes, headers, body)
    assert not turn.answered.done()


async def test_an_ordinary_report_is_taken(service: Service, people: People) -> None:
    path = FastPath(application(service), MOST)
    token = (b"authorization", people["citizen"]["Authorization"].encode())
    for headers in ([], [token], [token, (b"idempotency-key", b"k")]):
        turn = Waiting()
        assert offered(path, turn, {}, [HOST, CONTENT, *headers], BODY)
        assert (await turn.answered).status_code == 201


async def test_a_service_that_is_full_takes_no_more_and_has_room_after_each(service: Service) -> None:
    app = application(service)
    path, turn, places = FastPath(app, MOST), Waiting(), app.places.free
    app.places.free = 1
    assert offered(path, turn, {}, [HOST, CONTENT], BODY)
    assert not offered(path, Waiting(), {}, [HOST, CONTENT], BODY)
    assert (await turn.answered).status_code == 201
    assert app.places.free == 1
    app.places.free = places


def application(service: Service) -> Application:
    transport = service.client._transport
    assert isinstance(transport, InProcess)
    assert isinstance(transport.app, Application)
    return transport.app


def offered(
    path: FastPath, turn: Waiting, changes: dict[str, Any], headers: list[tuple[bytes, bytes]], body: bytes
) -> bool:
    scope: Scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "POST",
        "path": "/v1/feedback",
        "query_string": b"",
        "headers": headers,
        **changes,
    }
    return path(scope, body, cast("Turn", turn))


# --- the answers are those of the route


@pytest.fixture
async def by_route(service: Service, settings: FeedbackSettings, clock: FixedClock) -> AsyncIterator[httpx.AsyncClient]:
    """The same service on the same database, without the fast path."""
    app = build_app(settings, clock)
    app.at_once = None
    async with app.router.lifespan_context(app):
        await app.state.context.use(type(service.directory)).refresh()
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://feedback") as client:
            yield client


TRACE = {"traceparent": "00-" + "1" * 32 + "-" + "2" * 16 + "-01"}
REQUESTS: list[tuple[str, dict[str, Any], dict[str, str], int]] = [
    ("citizen", {}, {"Idempotency-Key": "one"}, 201),
    ("citizen", {"content": "khác"}, {"Idempotency-Key": "one"}, 422),
    ("citizen", {"channel_ref": "7", "unit": HOME_AFFAIRS}, {"Idempotency-Key": "two"}, 201),
    ("citizen", {"channel_ref": "7", "unit": HOME_AFFAIRS}, {}, 200),
    ("citizen", {"channel_ref": "7"}, {}, 409),
    ("citizen", {"reporter": {"phone": "gọi tôi"}}, {"Idempotency-Key": "kind"}, 201),
    ("citizen", {"reporter": {"phone": "gọi tôi"}}, {"Idempotency-Key": "kind", "Accept-Language": "en"}, 201),
    ("citizen", {"severity": "urgent"}, {"Idempotency-Key": "wish"}, 201),
    ("citizen", {"channel": "hotline"}, {}, 403),
    ("system", {"received_at": "2024-01-15T23:30:00+07:00"}, {"Idempotency-Key": "three"}, 201),
    ("system", {"received_at": "2027-01-15T23:30:00+07:00"}, {}, 422),
    ("citizen", {"received_at": "2024-01-15T23:30:00+07:00"}, {}, 403),
    ("nobody", {"channel_ref": "7"}, {}, 403),
    ("citizen", {"unit": "no-such-unit"}, {"Accept-Language": "en"}, 422),
    ("citizen", {"category": "weather"}, {"Accept-Language": "en"}, 422),
    ("citizen", {"surprise": 1}, {"Accept-Language": "en"}, 422),
    ("stranger", {}, {}, 401),
    ("stranger", {}, {"Accept-Language": "en"}, 401),
    ("stranger", {"surprise": 1}, {}, 401),
    ("citizen", {"content": "x" * (3 * 1024 * 1024)}, {}, 413),
]


@pytest.mark.parametrize("first", ["fast", "route"])
async def test_every_answer_is_byte_for_byte_that_of_the_route(
    service: Service, by_route: httpx.AsyncClient, people: People, first: str
) -> None:
    callers = people | {"nobody": {}, "stranger": {"Authorization": "Bearer x.y.z"}}
    clients = [service.client, by_route] if first == "fast" else [by_route, service.client]
    for caller, changes, headers, status in REQUESTS:
        body = json.dumps(REPORT | changes).encode()
        answers = [
            await client.post("/v1/feedback", content=body, headers={**JSON, **TRACE, **callers[caller], **headers})
            for client in clients
        ]
        assert [answer.status_code for answer in answers] == [status] * 2, answers[0].text
        assert sorted(answers[0].headers.raw) == sorted(answers[1].headers.raw)
        assert answers[0].content == answers[1].content


async def test_a_report_without_a_key_is_answered_in_the_same_form(
    service: Service, by_route: httpx.AsyncClient
) -> None:
    answers = [
        await client.post("/v1/feedback", content=BODY, headers={**JSON, **TRACE})
        for client in (service.client, by_route)
    ]
    (fast, route) = (answer.json() for answer in answers)
    assert list(fast) == list(route)
    own = dict.fromkeys(("code", "tracking_secret"))
    assert fast | own == route | own
    assert fast["tracking_secret"] != route["tracking_secret"]
    names = [{name for name, _ in answer.headers.raw} for answer in answers]
    assert names[0] == names[1]


async def test_a_body_that_grows_too_large_is_refused_whatever_its_length_says(
    service: Service, by_route: httpx.AsyncClient
) -> None:
    async def endless() -> AsyncIterator[bytes]:
        yield b'{"content": "'
        for _ in range(40):
            yield b"x" * 100_000

    answers = [
        await client.post("/v1/feedback", content=endless(), headers={**JSON, **TRACE})
        for client in (service.client, by_route)
    ]
    assert [answer.status_code for answer in answers] == [413] * 2
    assert sorted(answers[0].headers.raw) == sorted(answers[1].headers.raw)
    assert answers[0].content == answers[1].content


async def test_metrics_count_reports_by_their_route(service: Service) -> None:
    def counted(status: str) -> float:
        labels = {"method": "POST", "route": "/v1/feedback", "status": status}
        return REGISTRY.get_sample_value("cchc_http_requests_total", labels) or 0

    before = counted("201"), counted("403")
    await service.post()
    await service.post({"channel_ref": "7"})
    assert (counted("201"), counted("403")) == (before[0] + 1, before[1] + 1)


async def test_an_unforeseen_error_is_answered_as_the_route_answers_it(
    service: Service, by_route: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def breaks(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Intake, "submit", breaks)
    answers = [
        await client.post("/v1/feedback", content=BODY, headers={**JSON, **TRACE, "Accept-Language": "en"})
        for client in (service.client, by_route)
    ]
    assert [answer.status_code for answer in answers] == [500, 500]
    assert answers[0].json()["code"] == "internal"
    assert answers[0].headers["traceparent"] == TRACE["traceparent"]
    assert sorted(answers[0].headers.raw) == sorted(answers[1].headers.raw)
    assert answers[0].content == answers[1].content
