"""Connected systems: an operator makes and changes them, and each reads itself."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from ..conftest import ENDED, HOME_AFFAIRS, JUSTICE, SYSTEM, Service

PATH = f"/v1/systems/{SYSTEM['code']}"
CHANGED = {name: value for name, value in SYSTEM.items() if name != "code"} | {"units": [JUSTICE]}


async def test_a_system_is_connected_changed_suspended_and_resumed(service: Service) -> None:
    created = await service.call("POST", "/v1/systems", 201, json=SYSTEM)
    assert created.headers["location"] == PATH
    assert created.json() == SYSTEM | {
        "version": 1,
        "whole_city": False,
        "channels": [],
        "suspended": False,
        "created_at": "2026-11-18T02:00:00Z",
        "actor": "operator-1",
        "at": "2026-11-18T02:00:00Z",
    }
    changed = await service.call("PUT", PATH, json=CHANGED, if_match='"1"')
    assert (changed.json()["units"], changed.headers["etag"]) == ([JUSTICE], '"2"')
    suspended = await service.call("POST", f"{PATH}/actions/suspend", if_match="*")
    assert suspended.json()["suspended"]
    # A change leaves it suspended: only `resume` lets its keys in again.
    assert (await service.call("PUT", PATH, json=CHANGED, if_match='"3"')).json()["suspended"]
    assert not (await service.call("POST", f"{PATH}/actions/resume", if_match='"4"')).json()["suspended"]
    history = (await service.call("GET", f"{PATH}/history")).json()["items"]
    assert [(each["version"], each["units"], each["suspended"]) for each in history] == [
        (1, [HOME_AFFAIRS], False),
        (2, [JUSTICE], False),
        (3, [JUSTICE], True),
        (4, [JUSTICE], True),
        (5, [JUSTICE], False),
    ]
    assert (await service.call("GET", PATH)).json() == history[-1]


async def test_a_change_of_what_was_not_seen_is_refused(service: Service) -> None:
    await service.connect()
    answers = await asyncio.gather(
        *(service.client.put(PATH, json=CHANGED, headers={**service.operator, "If-Match": '"1"'}) for _ in range(8))
    )
    assert sorted(each.status_code for each in answers) == [200, *[412] * 7]
    await service.call("PUT", PATH, 412, json=CHANGED, if_match='"1"')
    await service.call("PUT", PATH, 428, json=CHANGED)


async def test_a_code_is_taken_once_and_a_repeated_request_is_one(service: Service) -> None:
    first = await service.call("POST", "/v1/systems", 201, json=SYSTEM, idempotency_key="one")
    again = await service.call("POST", "/v1/systems", 201, json=SYSTEM, idempotency_key="one")
    assert again.content == first.content
    refused = await service.call("POST", "/v1/systems", 409, json=SYSTEM)
    assert refused.json()["code"] == "system-exists"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"units": []}, "body.units"),
        ({"whole_city": True}, "body.units"),
        ({"units": [ENDED]}, "body.units"),
        ({"units": ["so-khong-co"]}, "body.units"),
        ({"routes": []}, "body.routes"),
        ({"routes": ["Dossiers"]}, "body.routes.0"),
        ({"channels": ["fax"]}, "body.channels.0"),
        ({"code": "A"}, "body.code"),
        ({"office": ""}, "body.office"),
        ({"person": "Nguyễn Văn An"}, "body.person"),
    ],
)
async def test_a_scope_says_for_whom_and_for_what(service: Service, wrong: dict[str, Any], field: str) -> None:
    answer = await service.call("POST", "/v1/systems", 422, json=SYSTEM | wrong)
    assert [each["field"] for each in answer.json()["errors"]] == [field]


async def test_the_whole_city_is_said_explicitly(service: Service) -> None:
    shown = await service.connect(units=[], whole_city=True, channels=["hotline"])
    assert (shown["units"], shown["whole_city"], shown["channels"]) == ([], True, ["hotline"])


async def test_a_system_reads_itself_and_nobody_else(service: Service) -> None:
    await service.connect()
    await service.connect("one-stop-2")
    own = service.tokens(sub=f"system:{SYSTEM['code']}", roles=["system"])
    assert (await service.call("GET", PATH, caller=own)).json()["code"] == SYSTEM["code"]
    for path in ("/v1/systems/one-stop-2", "/v1/systems/one-stop-3"):
        await service.call("GET", path, 404, caller=own)
    await service.call("GET", PATH, 404, caller=service.tokens(sub=SYSTEM["code"], roles=["system"]))
    for method, path in (("GET", "/v1/systems"), ("GET", f"{PATH}/history"), ("PUT", PATH)):
        await service.call(method, path, 403, caller=own, json=CHANGED if method == "PUT" else None, if_match="*")


async def test_pages_hold_each_system_once(service: Service) -> None:
    codes = [f"one-stop-{number}" for number in range(5)]
    for code in reversed(codes):
        await service.connect(code)
    await service.call("PUT", f"/v1/systems/{codes[2]}", json=CHANGED, if_match="*")
    found, cursor = [], ""
    while cursor is not None:
        shown = (await service.call("GET", f"/v1/systems?limit=2{cursor and f'&cursor={cursor}'}")).json()
        found += [each["code"] for each in shown["items"]]
        cursor = shown["next_cursor"]
    assert found == codes


async def test_no_version_is_ever_changed(service: Service) -> None:
    await service.connect()
    with pytest.raises(DBAPIError, match="append-only"):
        async with service.here.engine.begin() as conn:
            await conn.execute(text("UPDATE system SET units = '{}', whole_city = true"))
