"""Keys: shown once, rotated with an overlap, ended in every way, and exchanged for tokens of their system's scope."""

import asyncio
import time
from datetime import timedelta
from typing import Any

import jwt
import pytest
from sqlalchemy import text

from cchc_shared.calendar.clock import FixedClock
from cchc_shared.identity.api_keys import read_key

from ..conftest import HOME_AFFAIRS, SYSTEM, Service

PATH = f"/v1/systems/{SYSTEM['code']}"
LIVE = {"kind": "live", "days": 30}


async def make(service: Service, **given: object) -> dict[str, Any]:
    """A key of a new system."""
    await service.connect()
    shown: dict[str, Any] = (await service.call("POST", f"{PATH}/keys", 201, json=LIVE | given)).json()
    return shown


async def exchanged(service: Service, key: str) -> dict[str, Any]:
    answer: dict[str, Any] = (
        await service.call("POST", "/internal/keys/exchange", caller={}, json={"key": key})
    ).json()
    return answer


async def refused(service: Service, key: str) -> str | None:
    said = await exchanged(service, key)
    assert (said["token"] is None) == (said["refused"] is not None)
    reason: str | None = said["refused"]
    return reason


async def test_a_key_is_shown_once_and_kept_as_a_digest(service: Service, capfd: pytest.CaptureFixture[str]) -> None:
    made = await make(service)
    key = read_key(made["key"])
    assert key is not None
    assert made["prefix"] == key.prefix
    listed = (await service.call("GET", f"{PATH}/keys")).json()["items"]
    assert listed == [{name: value for name, value in made.items() if name != "key"}]
    await exchanged(service, key.text)
    async with service.here.engine.connect() as conn:
        rows = [
            str(tuple(row))
            for table in ("api_key", "idempotency")
            for row in await conn.execute(text(f"SELECT t::text FROM {table} t"))
        ]
    secret = key.text.removeprefix(key.prefix)
    assert not [row for row in rows if secret in row or secret.encode().hex() in row]
    said = capfd.readouterr()
    assert secret not in said.out + said.err


async def test_a_repeated_request_makes_no_second_key_and_shows_none(service: Service) -> None:
    await service.connect()
    answers = [await service.call("POST", f"{PATH}/keys", 201, json=LIVE, idempotency_key="one") for _ in range(2)]
    first, again = (each.json() for each in answers)
    assert first["key"] is not None
    assert again == first | {"key": None}
    assert answers[0].headers["cache-control"] == "no-store"
    assert len((await service.call("GET", f"{PATH}/keys")).json()["items"]) == 1


async def test_a_token_says_how_far_its_system_may_go(service: Service) -> None:
    made = await make(service)
    token = (await exchanged(service, made["key"]))["token"]
    [key] = (await service.call("GET", "/internal/keys/jwks.json", caller={})).json()["keys"]
    said = jwt.decode(token, jwt.PyJWK(key), algorithms=["EdDSA"], audience="cchc", issuer="cchc-systems")
    assert (said["sub"], said["roles"]) == (SYSTEM["code"], ["system"])
    assert said["scope"] == {"routes": ["dossiers"], "units": [HOME_AFFAIRS], "channels": []}
    assert 0 < said["exp"] - time.time() <= 300
    changed = {name: value for name, value in SYSTEM.items() if name != "code"}
    changed |= {"units": [], "whole_city": True, "channels": ["hotline"], "routes": ["feedback.submit"]}
    await service.call("PUT", PATH, json=changed, if_match="*")
    later = jwt.decode((await exchanged(service, made["key"]))["token"], options={"verify_signature": False})
    assert later["scope"] == {"routes": ["feedback.submit"], "units": None, "channels": ["hotline"]}


async def test_a_test_key_is_for_another_audience(service: Service) -> None:
    made = await make(service, kind="test")
    assert made["key"].startswith("cchc_test_")
    said = jwt.decode((await exchanged(service, made["key"]))["token"], options={"verify_signature": False})
    assert said["aud"] == "cchc-test"


async def test_what_is_no_key_that_holds_is_refused_by_its_reason(service: Service, clock: FixedClock) -> None:
    made = await make(service)
    key, last = made["key"], made["key"][-1]
    other = await service.call("POST", f"{PATH}/keys", 201, json=LIVE)
    assert await refused(service, key[:-1] + ("0" if last != "0" else "1")) == "unknown"
    assert await refused(service, "cchc_live") == "unknown"
    await service.call("POST", f"{PATH}/actions/suspend", if_match="*")
    assert await refused(service, key) == "suspended"
    await service.call("POST", f"{PATH}/actions/resume", if_match="*")
    assert await refused(service, key) is None
    revoked = await service.call("POST", f"{PATH}/keys/{made['id']}/actions/revoke")
    assert await refused(service, key) == "revoked"
    clock.advance(timedelta(hours=1))
    again = await service.call("POST", f"{PATH}/keys/{made['id']}/actions/revoke")
    assert again.json() == revoked.json()
    assert await refused(service, other.json()["key"]) is None
    clock.advance(timedelta(days=30))
    assert await refused(service, other.json()["key"]) == "expired"


async def test_a_key_with_another_secret_is_unknown(service: Service) -> None:
    """Whoever knows an id, which is shown, learns nothing of the key by it."""
    first, second = await make(service), (await service.call("POST", f"{PATH}/keys", 201, json=LIVE)).json()
    async with service.here.engine.begin() as conn:
        await conn.execute(text("UPDATE api_key SET digest = decode(repeat('00', 32), 'hex'), revoked_at = now()"))
    assert [await refused(service, each["key"]) for each in (first, second)] == ["unknown", "unknown"]


async def test_a_rotated_key_holds_for_the_overlap_and_ends_by_itself(service: Service, clock: FixedClock) -> None:
    made = await make(service)
    path = f"{PATH}/keys/{made['id']}/actions/rotate"
    rotated = (await service.call("POST", path, 201, json={"days": 90, "overlap_hours": 24})).json()
    keys = [made["key"], rotated["key"]]
    assert [await refused(service, each) for each in keys] == [None, None]
    clock.advance(timedelta(hours=24) - timedelta(seconds=1))
    assert [await refused(service, each) for each in keys] == [None, None]
    clock.advance(timedelta(seconds=1))
    assert [await refused(service, each) for each in keys] == ["expired", None]
    ended = await service.call("POST", path, 409, json={"days": 90, "overlap_hours": 24})
    assert ended.json()["code"] == "key-ended"


async def test_an_overlap_prolongs_no_key(service: Service) -> None:
    made = await make(service, days=1)
    path = f"{PATH}/keys/{made['id']}/actions/rotate"
    await service.call("POST", path, 201, json={"days": 90, "overlap_hours": 100})
    items = (await service.call("GET", f"{PATH}/keys")).json()["items"]
    assert {each["id"]: each["expires_at"] for each in items}[made["id"]] == made["expires_at"]


async def test_last_use_is_written_down_about_once_a_minute(service: Service, clock: FixedClock) -> None:
    made = await make(service)

    async def last_used() -> str | None:
        [item] = (await service.call("GET", f"{PATH}/keys")).json()["items"]
        when: str | None = item["last_used_at"]
        return when

    assert await last_used() is None
    seen = []
    for seconds in (0, 10, 50, 10):
        clock.advance(timedelta(seconds=seconds))
        await exchanged(service, made["key"])
        seen.append(await last_used())
    assert seen == [f"2026-11-18T02:0{at}Z" for at in ("0:00", "0:00", "1:00", "1:00")]


@pytest.mark.parametrize(
    ("wrong", "field"), [({"days": 366}, "body.days"), ({"days": 0}, "body.days"), ({"kind": "trial"}, "body.kind")]
)
async def test_no_key_is_for_ever(service: Service, wrong: dict[str, Any], field: str) -> None:
    await service.connect()
    answer = await service.call("POST", f"{PATH}/keys", 422, json=LIVE | wrong)
    assert [each["field"] for each in answer.json()["errors"]] == [field]
    without = await service.call("POST", f"{PATH}/keys", 422, json={"kind": "live"})
    assert [each["field"] for each in without.json()["errors"]] == ["body.days"]


async def test_an_overlap_has_a_bound(service: Service) -> None:
    made = await make(service)
    given = {"days": 30, "overlap_hours": 169}
    answer = await service.call("POST", f"{PATH}/keys/{made['id']}/actions/rotate", 422, json=given)
    assert [each["field"] for each in answer.json()["errors"]] == ["body.overlap_hours"]
    assert await refused(service, made["key"]) is None


async def test_a_system_has_so_many_keys_that_hold_however_they_are_asked_for(service: Service) -> None:
    await service.connect()
    answers = await asyncio.gather(
        *(service.client.post(f"{PATH}/keys", json=LIVE, headers=service.operator) for _ in range(14))
    )
    assert sorted(each.status_code for each in answers) == [*[201] * 10, *[409] * 4]
    made = next(each.json() for each in answers if each.status_code == 201)
    await service.call("POST", f"{PATH}/keys/{made['id']}/actions/revoke")
    await service.call("POST", f"{PATH}/keys", 201, json=LIVE)


async def test_a_system_sees_its_own_keys_and_makes_none(service: Service) -> None:
    made = await make(service)
    await service.connect("one-stop-2")
    own = service.tokens(sub=f"system:{SYSTEM['code']}", roles=["system"])
    other = service.tokens(sub="system:one-stop-2", roles=["system"])
    assert [each["id"] for each in (await service.call("GET", f"{PATH}/keys", caller=own)).json()["items"]] == [
        made["id"]
    ]
    await service.call("GET", f"{PATH}/keys", 404, caller=other)
    await service.call("POST", f"{PATH}/keys", 403, caller=own, json=LIVE)
    await service.call("POST", f"{PATH}/keys/{made['id']}/actions/revoke", 403, caller=own)
    await service.call("POST", f"/v1/systems/one-stop-2/keys/{made['id']}/actions/revoke", 404)
    await service.call("POST", "/v1/systems/one-stop-3/keys", 404, json=LIVE)
