"""The fast path answers like the route, and leaves to the route whatever it cannot carry out at once."""

import json
from collections.abc import AsyncIterator, Iterator
from types import SimpleNamespace
from typing import Any

import httpx
import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from prometheus_client import REGISTRY
from starlette.types import Message, Receive, Scope, Send

from cchc_shared.calendar.clock import FixedClock
from cchc_shared.http.text import clean
from cchc_shared.http.tokens import Tokens
from feedback_api.bootstrap import build_app
from feedback_api.intake.fast_path import FastPath
from feedback_api.intake.schemas import (
    FeedbackIn,
    LocationIn,
    PlainLocation,
    PlainReport,
    PlainReporter,
    ReporterIn,
    read_plain,
)
from feedback_api.intake.service import Intake
from feedback_api.settings import FeedbackSettings

from ..conftest import HOME_AFFAIRS, REPORT, People, Service

JSON = {"Content-Type": "application/json"}

# --- what both accept, they read alike


def mostly(good: st.SearchStrategy[str], odd: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """One in some sixteen is odd: a report with several odd values is refused by both, and shows nothing."""
    return st.integers(0, 15).flatmap(lambda chance: odd if chance == 7 else good)


def quoted(text: str) -> st.SearchStrategy[str]:
    return st.sampled_from([json.dumps(text, ensure_ascii=True), json.dumps(text, ensure_ascii=False)])


CHARACTERS = (
    'aă Đ\u0301\u200b\u200d\ufeff\u00a0\u2003\u2028\u3000\x85\x1c\x1d\x1e\x1f\t\n\r\v\f\x7f\\"/@.+0🙂\U000e0001'
)
STRINGS = st.text(CHARACTERS, max_size=8).map("x{}".format).flatmap(quoted)
ESCAPED = (r'"\ud800"', r'"\udc00x"', r'"\ud83d\ude00"', r'"\u0000"', r'"\u001c a"', '"a\x00"', '"\x1f"', '"\t"')
LITERALS = ("null", "true", "false", "[]", "{}", '["x"]', "1", '""', '" "', "NaN", "Infinity")
ODD_VALUES = st.sampled_from([*ESCAPED, *LITERALS]) | st.text(CHARACTERS, max_size=3).flatmap(quoted)
EDGES = ("21", "-0", "0.0", "1e1", "1E+1", "9e-400", "-90", "90.0", "90.00000000000001", "21.02780000000000000001")
NO_EDGES = ("1e400", "1" * 400, "0x1", "01", "1.", ".5", "+1", "NaN", "-Infinity", "9007199254740993")
DEGREES = st.sampled_from([*EDGES, f"21.{'0' * 400}1"]) | st.floats(-90, 90).map(repr)
NUMBERS = mostly(DEGREES, st.sampled_from(NO_EDGES) | ODD_VALUES)
PHONES = st.sampled_from(
    ['"0912345678"', r'"0912345678\n"', '"+84 912 345 678"', r'"0912 345\u00a0678"', '" 0912345678"']
)
MAILS = st.sampled_from(['"a@b.vn"', r'"a@b.vn\n"', '"a b@c.vn"', r'"a\u00a0@b.vn"', r'"a\u001c@b.vn"', "7"])
INSTANTS = ("2026-01-15T09:00:00Z", "2026-01-15t09:00:00.5z", "2026-01-15T09:00:00.123456+07:00")
NO_INSTANTS = ("2026-01-15T24:00:00Z", "2026-01-15T09:00:60Z", "2026-01-15T09:00:00+24:00", "2026-01-15", "1705285800")
VALUES = {
    "channel": mostly(st.just('"web"'), ODD_VALUES),
    "channel_ref": mostly(STRINGS, ODD_VALUES),
    "kind": mostly(st.just('"on_site"'), ODD_VALUES),
    "category": mostly(STRINGS, ODD_VALUES),
    "severity": mostly(st.just('"urgent"'), ODD_VALUES),
    "title": mostly(STRINGS, ODD_VALUES),
    "content": mostly(st.text("aă \n\u00a0\x1c", min_size=1, max_size=6).flatmap(quoted), ODD_VALUES),
    "unit": mostly(STRINGS, ODD_VALUES),
    "attachments": mostly(st.just("[]"), ODD_VALUES),
    "received_at": mostly(st.sampled_from(INSTANTS), st.sampled_from(NO_INSTANTS)).map(json.dumps),
    "lat": NUMBERS,
    "lon": NUMBERS,
    "address": mostly(STRINGS, ODD_VALUES),
    "name": mostly(STRINGS, ODD_VALUES),
    "phone": mostly(st.just('"+84 (0)912-345.678"'), PHONES),
    "email": mostly(st.just('"ă@b.vn"'), MAILS),
    "anonymous": mostly(st.sampled_from(["true", "false"]), ODD_VALUES),
}
PARTS = {"location": ("lat", "lon", "address"), "reporter": ("name", "phone", "email", "anonymous")}
REQUIRED = frozenset({"channel", "kind", "content", "lat", "lon"})
SPACES = mostly(st.sampled_from(["", " ", "\t\r\n"]), st.sampled_from(["\u00a0", "\ufeff", "\x1c", "\x00"]))


@st.composite
def objects(draw: st.DrawFn, names: list[str]) -> str:
    """The text of a JSON object: fields are left out, come in any order, and now and then twice or under odd names."""
    present = [name for name in names if draw(st.integers(0, 31 if name in REQUIRED else 2)) != 1]
    if draw(st.integers(0, 3)) == 1:
        present += draw(st.lists(st.sampled_from(names), max_size=2))
    if draw(st.integers(0, 31)) == 7:
        present.append(draw(st.sampled_from(["surprise", "Channel", ""])))
    pairs = []
    for name in draw(st.permutations(present)):
        value = draw(objects(list(PARTS[name])) if name in PARTS else VALUES.get(name, ODD_VALUES))
        pairs.append(f"{draw(quoted(name))}: {value}")
    return "{" + ", ".join(pairs) + "}"


@st.composite
def reports(draw: st.DrawFn) -> bytes:
    """The body of a request; most are reports, or nearly."""
    text = draw(objects(list(FeedbackIn.model_fields)))
    if draw(st.integers(0, 7)) == 3:
        text = f"{draw(SPACES)}{text}{draw(SPACES)}"
    encoding = draw(mostly(st.just("utf-8"), st.sampled_from(["utf-8", "utf-16", "utf-8-sig"])))
    return text.encode(encoding, "surrogatepass")


def _read_by_route(body: bytes) -> FeedbackIn | None:
    """As FastAPI reads it: the standard library's JSON, then the model."""
    try:
        return FeedbackIn.model_validate(json.loads(body), from_attributes=True)
    except (ValueError, RecursionError):
        return None


def _values(report: FeedbackIn | PlainReport) -> str:
    """Every value with its type; fields that only the model has must be as if they had not been sent."""
    given = report.model_dump() if isinstance(report, FeedbackIn) else _fields(report)
    given.pop("given_at", None)
    received_at = report.received_at
    given["received_at"] = received_at and (received_at.isoformat(), received_at.utcoffset())
    assert given.pop("attachments", []) == []
    return repr({name: _in_order(given[name]) for name in sorted(given)})


def _fields(plain: msgspec.Struct) -> dict[str, Any]:
    return {
        name: _fields(value) if isinstance(value, msgspec.Struct) else value
        for name, value in msgspec.structs.asdict(plain).items()
    }


def _in_order(value: object) -> object:
    return dict(sorted(value.items())) if isinstance(value, dict) else value


def test_the_plain_report_knows_every_field_but_the_rare_ones() -> None:
    assert set(FeedbackIn.model_fields) - set(PlainReport.__struct_encode_fields__) == {"attachments"}
    assert set(LocationIn.model_fields) == set(PlainLocation.__struct_fields__)
    assert set(ReporterIn.model_fields) == set(PlainReporter.__struct_fields__)


@given(reports())
@example(b'{"channel":"web","kind":"on_site","content":"a","content":"b"}')
@example(b'{"channel":"fax","channel":"web","kind":"on_site","content":"b"}')
@example(b'{"channel":"web","channel":"fax","kind":"on_site","content":"b"}')
@example(
    b'{"channel":"web","kind":"on_site","content":"b","location":{"lat":1,"lat":2,"lon":3},"location":{"lat":9,"lon":3}}'
)
@example(b'{"channel":"web","kind":"on_site","content":"b","location":{"lat":1,"lon":3},"location":null}')
@example(b'{"channel":"web","kind":"on_site","content":"b","surprise":1}')
@example(b'{"channel":"web","kind":"on_site","content":"\x1ca\x1f"}')
@example(b'{"channel":"web","kind":"on_site","content":"\\u001ca\\u001f"}')
@example(b'{"channel":"web","kind":"on_site","content":"\\u0085a\\u00a0"}')
@example(b'{"channel":"web","kind":"on_site","content":"\xed\xa0\x80"}')
@example(b'{"channel":"web","kind":"on_site","content":"b","location":{"lat":true,"lon":3}}')
@example(b"[" * 100_000)
def test_the_fast_path_accepts_nothing_that_the_route_refuses_and_reads_the_rest_alike(body: bytes) -> None:
    fast = read_plain(body)
    if fast is None:
        return  # the route decides
    route = _read_by_route(body)
    assert route is not None
    assert _values(fast) == _values(route)


@given(st.text(max_size=30), st.floats(-90, 90), st.booleans())
def test_ordinary_reports_are_read_at_once(text: str, lat: float, ascii_only: bool) -> None:
    text = clean(text.replace("\0", "")).strip()
    report = {**REPORT, "content": f" x{text}\n ", "title": text, "location": {"lat": lat, "lon": 105}}
    body = json.dumps(report, ensure_ascii=ascii_only).encode(errors="surrogatepass")
    if (read := _read_by_route(body)) is not None:
        fast = read_plain(body)
        assert fast is not None
        assert _values(fast) == _values(read)


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
