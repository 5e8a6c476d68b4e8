"""Keys at a real gateway: exchanged once for all who wait, kept for a while, never passed on."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from cchc_shared.identity.api_keys import KeyKind, new_key
from gateway.api_keys import exchange
from tests.support.http import Json
from tests.support.upstreams import OpenGateway, serving

KEY, OTHER, TRIAL = new_key(KeyKind.LIVE).text, new_key(KeyKind.LIVE).text, new_key(KeyKind.TEST).text
CONTRACT: Json = {
    "openapi": "3.1.0",
    "info": {"title": "any", "version": "1"},
    "paths": {"/v1/tasks": {"get": {"operationId": "tasks.list", "tags": ["tasks"], "responses": {"200": {}}}}},
}


class Stub:
    """A service that says what headers came, or notify that says what `answers` has for a key."""

    def __init__(self, paths: bool) -> None:
        self.contract = CONTRACT if paths else CONTRACT | {"paths": {}}
        self.answers: dict[str, Json] = {}
        self.asked: list[str] = []
        self.seen: list[tuple[str, dict[str, str]]] = []
        self.status = 200
        self.wait = 0.0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        status, said = 200, await self._said(scope, body)
        if scope["path"] == exchange.PATH:
            status = self.status
        await send(
            {
                "type": "http.response.start",
                "status": status,
                "headers": [(b"content-type", b"application/json")],
            }
        )
        await send({"type": "http.response.body", "body": json.dumps(said).encode()})

    async def _said(self, scope: Scope, body: bytes) -> Json:
        if scope["path"] == "/openapi.json":
            return self.contract
        if scope["path"] == exchange.PATH:
            key = json.loads(body)["key"]
            self.asked.append(key)
            await asyncio.sleep(self.wait)
            return self.answers.get(key, {"token": None, "refused": "unknown"})
        if scope["path"] in {"/readyz", "/livez"}:
            return {"ready": True}
        headers = {name.decode(): value.decode("latin-1") for name, value in scope["headers"]}
        self.seen.append((scope["path"], headers))
        return {"path": scope["path"]}


class Front:
    """A gateway with a service, notify and another installation behind it."""

    def __init__(self, url: str, service: Stub, notify: Stub, tests: Stub) -> None:
        self.url, self.service, self.notify, self.tests = url, service, notify, tests
        notify.answers = {KEY: {"token": "a.live.token"}, TRIAL: {"token": "a.test.token"}}

    async def get(self, *headers: tuple[str, str], path: str = "/v1/tasks") -> httpx.Response:
        async with httpx.AsyncClient(base_url=self.url) as client:
            return await client.get(path, headers=[*headers, ("Accept-Language", "en")])

    async def many(self, count: int, key: str = KEY) -> list[int]:
        async with httpx.AsyncClient(base_url=self.url) as client:
            headers = {"X-API-Key": key}
            answers = await asyncio.gather(*(client.get("/v1/tasks", headers=headers) for _ in range(count)))
        return [each.status_code for each in answers]


@pytest.fixture
def front(open_gateway: OpenGateway) -> Iterator[Front]:
    with opened(open_gateway) as found:
        yield found


@contextmanager
def opened(open_gateway: OpenGateway, *, tests: bool = True) -> Iterator[Front]:
    service, notify, other = Stub(paths=True), Stub(paths=False), Stub(paths=True)
    with ExitStack() as stack:
        urls = [stack.enter_context(serving(each)) for each in (service, notify, other)]
        more = {"test_gateway_url": urls[2]} if tests else {}
        url = stack.enter_context(open_gateway(urls[0], notify_url=urls[1], **more))
        yield Front(url, service, notify, other)


SENT = [("X-API-Key", KEY), ("Authorization", f"Bearer {KEY}"), ("authorization", f"bearer {KEY}")]


@pytest.mark.parametrize("sent", SENT)
async def test_a_service_sees_the_token_and_never_the_key(front: Front, sent: tuple[str, str]) -> None:
    for _ in range(3):  # asked for first, then by the short way
        assert (await front.get(sent)).status_code == 200
    assert front.notify.asked == [KEY]
    for _, headers in front.service.seen:
        assert headers["authorization"] == "Bearer a.live.token"
        assert KEY not in str(headers)
        assert "x-api-key" not in headers


async def test_many_who_wait_for_one_key_ask_once(front: Front) -> None:
    front.notify.wait = 0.2
    assert await front.many(40) == [200] * 40
    assert front.notify.asked == [KEY]


async def test_a_refused_key_is_told_why_and_asked_for_once_in_a_while(front: Front) -> None:
    front.notify.answers[OTHER] = {"token": None, "refused": "revoked"}
    for _ in range(3):
        answer = await front.get(("X-API-Key", OTHER))
        assert (answer.status_code, answer.json()["detail"]) == (401, "The key was revoked.")
        assert answer.headers["www-authenticate"] == "Bearer"
        assert OTHER not in answer.text
    assert front.notify.asked == [OTHER]
    assert front.service.seen == []


@pytest.mark.parametrize(
    "sent",
    [
        [("X-API-Key", KEY[:-1])],
        [("X-API-Key", "")],
        [("X-API-Key", "a.live.token")],
        [("X-API-Key", KEY), ("X-API-Key", KEY)],
        [("X-API-Key", KEY), ("Authorization", "Bearer a.b.c")],
        [("Authorization", f"Bearer {KEY}x")],
    ],
)
async def test_what_is_not_one_key_is_refused_without_asking(front: Front, sent: list[tuple[str, str]]) -> None:
    assert (await front.get(*sent)).status_code == 401
    assert front.notify.asked == []
    assert front.service.seen == []


async def test_a_test_key_leads_to_the_other_installation_alone(front: Front) -> None:
    for path in ("/v1/tasks", "/v1/whatever", "/openapi.json"):
        assert (await front.get(("X-API-Key", TRIAL), path=path)).status_code == 200
    assert front.service.seen == []
    assert [(path, headers["authorization"]) for path, headers in front.tests.seen] == [
        ("/v1/tasks", "Bearer a.test.token"),
        ("/v1/whatever", "Bearer a.test.token"),
    ]
    assert TRIAL not in str(front.tests.seen)
    assert (await front.get(("X-API-Key", KEY))).status_code == 200
    assert len(front.tests.seen) == 2


async def test_a_test_key_is_refused_where_there_is_no_other_installation(open_gateway: OpenGateway) -> None:
    with opened(open_gateway, tests=False) as front:
        answer = await front.get(("X-API-Key", TRIAL))
        assert (answer.status_code, answer.json()["code"]) == (403, "test-keys-not-here")
        assert front.service.seen == []


async def test_while_notify_is_away_known_keys_go_on_and_others_are_told_to_wait(front: Front) -> None:
    assert (await front.get(("X-API-Key", KEY))).status_code == 200
    front.notify.status = 500
    assert (await front.get(("X-API-Key", KEY))).status_code == 200
    answer = await front.get(("X-API-Key", OTHER))
    assert (answer.status_code, answer.json()["code"]) == (503, "token-keys-unavailable")
    assert answer.headers["retry-after"] == "2"


async def test_what_was_withdrawn_ends_when_its_time_is_over(front: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange, "KEPT_SECONDS", 0.3)
    monkeypatch.setattr(exchange, "RENEWED_SECONDS", 0.3)
    assert (await front.get(("X-API-Key", KEY))).status_code == 200
    front.notify.answers[KEY] = {"token": None, "refused": "suspended"}
    assert (await front.get(("X-API-Key", KEY))).status_code in {200, 401}
    await asyncio.sleep(0.35)
    assert (await front.get(("X-API-Key", KEY))).status_code == 401


async def test_an_old_standing_is_renewed_beside_the_requests(front: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange, "RENEWED_SECONDS", 0.0)
    for number in range(4):
        front.notify.answers[KEY] = {"token": f"token.{number}"}
        assert (await front.get(("X-API-Key", KEY))).status_code == 200
        await asyncio.sleep(0.05)
    assert len(front.notify.asked) >= 3
    assert len({headers["authorization"] for _, headers in front.service.seen}) >= 2


async def test_no_more_keys_are_remembered_than_the_bound(front: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange, "MOST_KEPT", 3)
    keys = [new_key(KeyKind.LIVE).text for _ in range(5)]
    front.notify.answers |= {key: {"token": f"token.{at}"} for at, key in enumerate(keys)}
    for key in [*keys, *keys[-3:]]:
        assert (await front.get(("X-API-Key", key))).status_code == 200
    assert front.notify.asked == keys
    assert (await front.get(("X-API-Key", keys[0]))).status_code == 200
    assert front.notify.asked == [*keys, keys[0]]


async def test_keys_in_the_making_have_a_bound(front: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange, "MOST_ASKING", 2)
    front.notify.wait = 0.3
    keys = [new_key(KeyKind.LIVE).text for _ in range(6)]
    answers = await asyncio.gather(*(front.get(("X-API-Key", key)) for key in keys))
    assert sorted(each.status_code for each in answers) == [401, 401, *[503] * 4]


async def test_health_is_everybodys(front: Front) -> None:
    assert (await front.get(("X-API-Key", "nothing"), path="/livez")).status_code == 200
