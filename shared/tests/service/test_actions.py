"""The command path of every state machine, over a tiny aggregate in a real database."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Unpack

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import Row, insert, text
from sqlalchemy.ext.asyncio import AsyncEngine

from cchc_shared.calendar.clock import FixedClock
from cchc_shared.http.document import openapi_document
from cchc_shared.service import actions
from cchc_shared.service.actions import MOST_AT_ONCE
from cchc_shared.service.assembly import build_api
from cchc_shared.storage.database import create_engine
from tests.support.contexts import settings
from tests.support.databases import Database
from tests.support.http import Given
from tests.support.inspections import FEATURES, INSPECTION, TABLES
from tests.support.tokens import TestTokens
from tests.support.waiting import LIMIT_SECONDS

NOW = datetime(2024, 5, 6, 2, 0, tzinfo=UTC)
Headers = Mapping[str, str]


@pytest.fixture
async def engine(database: Database) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(database.url("relay"))
    async with engine.begin() as conn:
        await conn.run_sync(TABLES.create_all)
        rows = [{"code": code, "version": 1, "status": "planned", "unit": "SNV", "findings": 0} for code in CODES]
        await conn.execute(insert(INSPECTION), rows)
    yield engine
    await engine.dispose()


CODES = ("TT-1", "TT-2", "TT-3", "secret-1")


@pytest.fixture
def app(database: Database, tokens: TestTokens, engine: AsyncEngine) -> FastAPI:
    return build_api("test", settings(tokens.jwks_url, database.url("relay")), FEATURES, FixedClock(NOW))


@pytest.fixture
async def http(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://test/v1/inspections") as client:
            yield client


@pytest.fixture
def leader(tokens: TestTokens) -> Headers:
    return tokens("an-inspector", ["officer"], "SNV")


@pytest.fixture
def office(tokens: TestTokens) -> Headers:
    return tokens("the-office", ["coordinator"])


async def act(
    http: httpx.AsyncClient, who: Headers, code: str, action: str, version: int | None = 1, **more: Unpack[Given]
) -> httpx.Response:
    seen = {} if version is None else {"If-Match": f'"{version}"'}
    more["headers"] = {**who, **more.get("headers", {}), **seen}
    return await http.post(f"/{code}/actions/{action}", **more)


async def rows(engine: AsyncEngine, statement: str) -> Sequence[Row[Any]]:
    async with engine.connect() as conn:
        return (await conn.execute(text(statement))).all()


async def traces(engine: AsyncEngine) -> tuple[int, int, int]:
    """How many changes, rows of history and events there are: of each change there must be one."""
    [counted] = await rows(
        engine,
        """SELECT (SELECT sum(version - 1) FROM inspection), (SELECT count(*) FROM inspection_history),
                  (SELECT count(*) FROM outbox)""",
    )
    return tuple(map(int, counted))  # type: ignore[return-value]


async def test_an_action_changes_the_state_with_history_and_event(
    http: httpx.AsyncClient, engine: AsyncEngine, leader: Headers
) -> None:
    answer = await act(http, leader, "TT-1", "begin")
    assert (answer.status_code, answer.headers["etag"]) == (200, '"2"')
    assert answer.json() == {"code": "TT-1", "version": 2, "status": "under_way", "possible": ["conclude"]}
    answer = await act(http, leader, "TT-1", "conclude", 2, json={"findings": 3, "note": "Đã xong"})
    assert answer.json() == {"code": "TT-1", "version": 3, "status": "concluded", "possible": []}

    history = await rows(engine, "SELECT * FROM inspection_history ORDER BY version")
    assert [dict(line._mapping) for line in history] == [
        {
            "code": "TT-1", "version": 2, "action": "begin", "from_status": "planned", "status": "under_way",
            "from_unit": "SNV", "unit": "SNV", "actor": "an-inspector", "role": "officer", "at": NOW,
            "recorded_at": NOW, "note": None, "details": {},
        },
        {
            "code": "TT-1", "version": 3, "action": "conclude", "from_status": "under_way", "status": "concluded",
            "from_unit": "SNV", "unit": "SNV", "actor": "an-inspector", "role": "officer", "at": NOW,
            "recorded_at": NOW, "note": "Đã xong", "details": {"findings": 3},
        },
    ]  # fmt: skip
    events = await rows(engine, "SELECT * FROM outbox ORDER BY xid, seq")
    assert [(event.aggregateid, event.aggregateversion, event.payload) for event in events] == [
        ("TT-1", 2, {"code": "TT-1", "status": "under_way"}),
        ("TT-1", 3, {"code": "TT-1", "status": "concluded"}),
    ]
    assert {(event.type, event.occurred_at) for event in events} == {("test.inspection.moved.v1", NOW)}
    assert await rows(engine, "SELECT findings FROM inspection WHERE code = 'TT-1'") == [(3,)]


async def test_what_is_refused_says_why_and_changes_nothing(
    http: httpx.AsyncClient, engine: AsyncEngine, leader: Headers, office: Headers, tokens: TestTokens
) -> None:
    async def refused(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
        assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        assert await traces(engine) == (0, 0, 0)
        return dict(answer.json())

    await refused(await act(http, leader, "TT-9", "begin"), 404, "not-found")
    await refused(await act(http, office, "secret-1", "begin"), 404, "not-found")
    await refused(await act(http, {}, "TT-1", "begin"), 401, "unauthenticated")
    await refused(await act(http, tokens("x", ["citizen"]), "TT-1", "begin"), 403, "forbidden")
    await refused(await act(http, leader, "TT-1", "begin", None), 428, "if-match-required")

    answer = await act(http, leader, "TT-1", "begin", 2)
    await refused(answer, 412, "stale")
    assert answer.headers["etag"] == '"1"'

    by_leader = await refused(await act(http, leader, "TT-1", "conclude", json={"findings": 1}), 409, "wrong-state")
    assert (by_leader["state"], by_leader["possible"]) == ("planned", ["begin"])
    by_office = await refused(await act(http, office, "TT-1", "conclude", json={"findings": 1}), 409, "wrong-state")
    assert by_office["possible"] == ["call_off"], "possible for this caller, not for anyone"

    for who in (office, tokens("y", ["officer"], "STC")):
        found = await refused(await act(http, who, "TT-1", "begin"), 403, "not-permitted")
        assert found["by"] == ["leader"]


async def test_a_broken_rule_names_its_field_and_undoes_everything(
    http: httpx.AsyncClient, engine: AsyncEngine, leader: Headers
) -> None:
    await act(http, leader, "TT-1", "begin")
    headers = {"Idempotency-Key": "k", "Accept-Language": "en"}
    answer = await act(http, leader, "TT-1", "conclude", 2, json={"findings": 101}, headers=headers)
    assert (answer.status_code, answer.json()["errors"]) == (
        422,
        [{"field": "body.findings", "message": "are too many"}],
    )
    assert await traces(engine) == (1, 1, 1)
    assert await rows(engine, "SELECT * FROM idempotency") == []
    again = await act(http, leader, "TT-1", "conclude", 2, json={"findings": 100}, headers=headers)
    assert again.status_code == 200, "a key whose request failed is free"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "body.findings"),
        (None, "body"),
        ({"findings": -1}, "body.findings"),
        ({"findings": 1, "more": 1}, "body.more"),
    ],
)
async def test_a_body_is_what_its_action_says(
    http: httpx.AsyncClient, leader: Headers, body: dict[str, int] | None, field: str
) -> None:
    answer = await act(http, leader, "TT-1", "conclude", json=body)
    assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (422, [field])


async def test_a_body_without_required_words_may_be_left_out(http: httpx.AsyncClient, office: Headers) -> None:
    assert (await act(http, office, "TT-1", "call_off")).status_code == 200
    assert (await act(http, office, "TT-2", "call_off", json={})).status_code == 200
    too_long = await act(http, office, "TT-3", "call_off", json={"reason": "x" * 21})
    assert too_long.status_code == 422
    assert (await act(http, office, "TT-3", "call_off", json={"reason": "Trùng"})).status_code == 200


async def test_a_repeated_request_is_answered_as_it_was_and_done_once(
    http: httpx.AsyncClient, engine: AsyncEngine, leader: Headers, tokens: TestTokens
) -> None:
    key = {"Idempotency-Key": "k"}
    first = await act(http, leader, "TT-1", "begin", headers=key)
    answers = await asyncio.gather(*(act(http, leader, "TT-1", "begin", headers=key) for _ in range(5)))
    assert {(each.status_code, each.content, each.headers["etag"]) for each in [first, *answers]} == {
        (200, first.content, '"2"')
    }
    assert await traces(engine) == (1, 1, 1)
    other = await act(http, leader, "TT-2", "begin", headers=key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")
    another_caller = await act(http, tokens("z", ["officer"], "SNV"), "TT-2", "begin", headers=key)
    assert another_caller.status_code == 200


async def test_twenty_at_once_on_one_version_are_one(
    http: httpx.AsyncClient, engine: AsyncEngine, leader: Headers
) -> None:
    answers = await asyncio.gather(*(act(http, leader, "TT-1", "begin") for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [200] + [412] * 19
    assert await traces(engine) == (1, 1, 1)


def items(*codes: str, version: int = 1, **words: object) -> dict[str, Any]:
    return {"items": [{"code": code, "version": version, **words} for code in codes]}


async def many(
    http: httpx.AsyncClient, who: Headers, action: str, body: object, **headers: str
) -> list[dict[str, Any]]:
    answer = await http.post(f"/actions/{action}", json=body, headers={**who, **headers})
    assert answer.status_code == 200, answer.text
    return list(answer.json()["results"])


async def test_each_of_many_has_a_result_of_its_own(
    http: httpx.AsyncClient, engine: AsyncEngine, leader: Headers
) -> None:
    await act(http, leader, "TT-2", "begin")
    body = {
        "items": [
            {"code": "TT-9", "version": 1, "findings": 1},
            {"code": "TT-1", "version": 1, "findings": 1},
            {"code": "TT-2", "version": 1, "findings": 1},
            {"code": "TT-2", "version": 2, "findings": 101},
            {"code": "TT-2", "version": 2, "findings": "many"},
            {"code": "TT-2", "version": 0, "findings": 1},
            {"code": "TT-2"},
            7,
            {"code": "TT-2", "version": 2, "findings": 100},
            {"code": "TT-2", "version": 2, "findings": 100},
        ]
    }
    results = await many(http, leader, "conclude", body, **{"Accept-Language": "en"})
    assert [result["index"] for result in results] == list(range(10))
    assert [(result["status"], (result["problem"] or {}).get("code")) for result in results] == [
        (404, "not-found"),
        (409, "wrong-state"),
        (412, "stale"),
        (422, "invalid"),
        (422, "invalid"),
        (422, "invalid"),
        (422, "invalid"),
        (422, "invalid"),
        (200, None),
        (412, "stale"),
    ]
    assert [result["version"] for result in results] == [None] * 8 + [3, None]
    assert [result["code"] for result in results[:4]] == ["TT-9", "TT-1", "TT-2", "TT-2"]
    assert results[1]["problem"]["possible"] == ["begin"]
    assert [error["field"] for error in results[3]["problem"]["errors"]] == ["body.items.3.findings"]
    assert [error["field"] for error in results[4]["problem"]["errors"]] == ["body.items.4.findings"]
    assert {error["field"] for error in results[6]["problem"]["errors"]} == {
        "body.items.6.version",
        "body.items.6.findings",
    }
    assert {error["row"] for error in results[6]["problem"]["errors"]} == {6}
    assert await traces(engine) == (2, 2, 2)


async def test_many_repeated_under_one_key_are_done_once(
    http: httpx.AsyncClient, engine: AsyncEngine, leader: Headers, office: Headers
) -> None:
    key = {"Idempotency-Key": "k"}
    body = items("TT-1", "TT-9", "TT-2")
    first = await many(http, leader, "begin", body, **key)
    assert [result["status"] for result in first] == [200, 404, 200]
    assert await many(http, leader, "begin", body, **key) == first
    assert await traces(engine) == (2, 2, 2)

    without_key = await many(http, leader, "begin", body)
    assert [result["status"] for result in without_key] == [412, 404, 412]
    other = await many(http, leader, "begin", items("TT-1", "TT-9", "TT-3"), **key)
    assert [(result["status"], (result["problem"] or {}).get("code")) for result in other] == [
        (200, None),
        (404, "not-found"),
        (422, "idempotency-key-reused"),
    ]


async def test_many_are_not_without_bound(
    http: httpx.AsyncClient, leader: Headers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "SECONDS_AT_ONCE", LIMIT_SECONDS)
    most = await many(http, leader, "begin", items(*["TT-9"] * MOST_AT_ONCE))
    assert [result["status"] for result in most] == [404] * MOST_AT_ONCE
    bodies: list[object] = [items(*["TT-9"] * (MOST_AT_ONCE + 1)), items(), {}, []]
    for body in bodies:
        answer = await http.post("/actions/begin", json=body, headers=leader)
        assert answer.status_code == 422


async def test_what_is_not_reached_in_time_is_refused_and_can_be_sent_again(
    http: httpx.AsyncClient, engine: AsyncEngine, leader: Headers, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, body = {"Idempotency-Key": "k"}, items("TT-1", "TT-2")
    with monkeypatch.context() as patch:
        patch.setattr(actions, "SECONDS_AT_ONCE", -1.0)
        late = await many(http, leader, "begin", body, **key)
    assert [(each["status"], each["problem"]["code"]) for each in late] == [(503, "overloaded")] * 2
    assert await traces(engine) == (0, 0, 0)
    assert [each["status"] for each in await many(http, leader, "begin", body, **key)] == [200, 200]


async def test_an_unforeseen_error_of_one_leaves_the_others_done_and_told(
    http: httpx.AsyncClient, engine: AsyncEngine, leader: Headers
) -> None:
    async with engine.begin() as conn:
        await conn.execute(text("ALTER TABLE inspection_history ADD CHECK (code <> 'TT-2')"))
    results = await many(http, leader, "begin", items("TT-1", "TT-2", "TT-3"))
    assert [(result["status"], (result["problem"] or {}).get("code")) for result in results] == [
        (200, None),
        (500, "internal"),
        (200, None),
    ]
    assert await traces(engine) == (2, 2, 2)


def test_the_contract_names_each_action_and_its_body(app: FastAPI) -> None:
    document = openapi_document(app)
    operations = {
        operation["operationId"]: operation
        for path, methods in document["paths"].items()
        for operation in methods.values()
        if "/actions/" in path
    }
    assert set(operations) == {
        f"inspections.{action}{many}" for action in ("begin", "conclude", "call_off") for many in ("", "_many")
    }
    conclude = operations["inspections.conclude"]
    assert conclude["description"] == "The conclusion counts what was found."
    assert conclude["requestBody"]["required"] is True
    assert "required" not in operations["inspections.call_off"]["requestBody"]
    [if_match] = [each for each in conclude["parameters"] if each["name"].lower() == "if-match"]
    assert if_match["required"] is True
    shown = conclude["responses"]["200"]["content"]["application/json"]["schema"]
    assert shown == {"$ref": "#/components/schemas/InspectionOut"}
    item = document["components"]["schemas"]["InspectionsConcludeItem"]
    assert set(item["required"]) == {"code", "version", "findings"}


async def test_another_version_makes_it_another_request(http: httpx.AsyncClient, leader: Headers) -> None:
    key = {"Idempotency-Key": "k"}
    assert (await act(http, leader, "TT-1", "begin", headers=key)).status_code == 200
    other = await act(http, leader, "TT-1", "begin", 2, headers=key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")


@pytest.mark.parametrize("seen", ['W/"1"', "*", '"7", "1"'])
async def test_a_version_is_known_in_every_form_that_http_allows(
    http: httpx.AsyncClient, leader: Headers, seen: str
) -> None:
    answer = await act(http, leader, "TT-1", "begin", None, headers={"If-Match": seen})
    assert (answer.status_code, answer.headers["etag"]) == (200, '"2"')
