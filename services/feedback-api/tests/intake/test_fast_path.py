"""The fast path answers like the route, and leaves to the route whatever it cannot carry out at once."""

import json
from collections.abc import AsyncIterator, Iterator
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from prometheus_client import REGISTRY
from starlette.types import Message, Receive, Scope, Send

from cchc_shared.calendar.clock import FixedClock
from cchc_shared.http.tokens import Tokens
from feedback_api.bootstrap import build_app
from feedback_api.intake.fast_path import FastPath
from feedback_api.intake.service import Intake
from feedback_api.settings import FeedbackSettings

from ..conftest import HOME_AFFAIRS, REPORT, People, Service

JSON = {"Content-Type": "application/json"}

# --- who answers


class Route:
    """Stands for the routes, and remembers what came to them."""

    def __init__(self) -> None:
        self.came: list[bytes] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert scope["type"] == "http"
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        self.came.append(body)
        await send({"type": "http.response.start", "status": 418, "headers": []})
        await send({"type": "http.response.body"})


BODY = json.dumps(REPORT).encode()
TOKEN = (b"authorization", b"Bearer x.y.z")
CONTENT = (b"content-type", b"application/json")
ODD: list[tuple[dict[str, Any], list[tuple[bytes, bytes]], bytes]] = [
    ({"method": "PUT"}, [CONTENT], BODY),
    ({"method": "GET"}, [], b""),
    ({"path": "/v1/feedback/"}, [CONTENT], BODY),
    ({"path": "/v1/tasks"}, [CONTENT], BODY),
    ({"query_string": b"a=1"}, [CONTENT], BODY),
    ({}, [], BODY),
    ({}, [(b"content-type", b"application/json; charset=utf-8")], BODY),
    ({}, [(b"content-type", b"text/plain")], BODY),
    ({}, [CONTENT, CONTENT], BODY),
    ({}, [CONTENT, (b"content-encoding", b"identity")], BODY),
    ({}, [CONTENT, (b"if-match", b'"1"')], BODY),
    ({}, [CONTENT, (b"authorization", b"Basic eDp5")], BODY),
    ({}, [CONTENT, (b"authorization", b"bearer x.y.z")], BODY),
    ({}, [CONTENT, (b"authorization", b"Bearer ")], BODY),
    ({}, [CONTENT, (b"authorization", b"Bearer  x.y.z")], BODY),
    ({}, [CONTENT, (b"authorization", b"")], BODY),
    ({}, [CONTENT, TOKEN, TOKEN], BODY),
    ({}, [CONTENT, (b"idempotency-key", b"")], BODY),
    ({}, [CONTENT, (b"idempotency-key", b"k" * 256)], BODY),
    ({}, [CONTENT, (b"idempotency-key", "khóa".encode())], BODY),
    ({}, [CONTENT, (b"idempotency-key", b"a"), (b"idempotency-key", b"b")], BODY),
    ({}, [CONTENT], b""),
    ({}, [CONTENT], b"{"),
    ({}, [CONTENT], b"[]"),
    ({}, [CONTENT], BODY.replace(b'"kind"', b'"surprise"')),
    ({}, [CONTENT], b'{"content": "' + b"x" * 100_000),
]


@pytest.mark.parametrize(("changes", "headers", "body"), ODD)
async def test_whatever_is_odd_goes_to_the_route_as_it_came(
    application: SimpleNamespace, changes: dict[str, Any], headers: list[tuple[bytes, bytes]], body: bytes
) -> None:
    route = Route()
    assert await _ask(FastPath(route), application, changes, headers, body) == 418
    assert route.came == [body]


async def test_an_ordinary_report_does_not_come_to_the_route(application: SimpleNamespace, people: People) -> None:
    route = Route()
    token = (b"authorization", people["citizen"]["Authorization"].encode())
    for headers in ([CONTENT], [CONTENT, token], [CONTENT, token, (b"idempotency-key", b"k")]):
        assert await _ask(FastPath(route), application, {}, headers, BODY) == 201
    assert route.came == []


@pytest.fixture
def application(service: Service, settings: FeedbackSettings) -> SimpleNamespace:
    """What the layers find of the application in a request."""
    tokens = Tokens(settings.jwks_url, settings.token_issuer)
    return SimpleNamespace(state=SimpleNamespace(tokens=tokens, context=service.here))


async def _ask(
    app: FastPath,
    application: SimpleNamespace,
    changes: dict[str, Any],
    headers: list[tuple[bytes, bytes]],
    body: bytes,
) -> int:
    """The status of the answer to a request whose body comes in three pieces."""
    third = len(body) // 3
    pieces: Iterator[Message] = iter(
        {"type": "http.request", "body": piece, "more_body": more}
        for piece, more in ((body[:third], True), (body[third : 2 * third], True), (body[2 * third :], False))
    )
    sent: list[Message] = []

    async def receive() -> Message:
        return next(pieces)

    async def send(message: Message) -> None:
        sent.append(message)

    scope: Scope = {
        "type": "http",
        "method": "POST",
        "path": "/v1/feedback",
        "query_string": b"",
        "headers": headers,
        "app": application,
        **changes,
    }
    await app(scope, receive, send)
    return int(sent[0]["status"])


# --- the answers are those of the route


@pytest.fixture
async def by_route(service: Service, settings: FeedbackSettings, clock: FixedClock) -> AsyncIterator[httpx.AsyncClient]:
    """The same service on the same database, without the fast path."""
    app = build_app(settings, clock)
    assert app.layers.pop() is FastPath
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
    ("citizen", {"channel_ref": "7"}, {}, 200),
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
        assert answers[0].headers.raw == answers[1].headers.raw
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
    names = [[name for name, _ in answer.headers.raw] for answer in answers]
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
    assert answers[0].headers.raw == answers[1].headers.raw
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
    assert answers[0].headers.raw == answers[1].headers.raw
    assert answers[0].content == answers[1].content
