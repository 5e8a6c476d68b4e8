"""One report however often it is sent."""

import asyncio
from uuid import uuid4

import httpx

from tests.support.system import System

REPORT = {"channel": "zalo", "kind": "on_site", "content": "Cây đổ chắn đường"}


async def test_twenty_posts_with_one_key_are_one_report(system: System) -> None:
    mark, key = uuid4().hex, f"key-{uuid4()}"
    headers = system.bearer("sender", "citizen") | {"Idempotency-Key": key}
    async with httpx.AsyncClient(base_url=system.url, timeout=30, headers=headers) as http:
        body = REPORT | {"title": mark}
        replies = await asyncio.gather(*(http.post("/v1/feedback", json=body) for _ in range(20)))
        assert [reply.status_code for reply in replies] == [201] * 20
        assert len({reply.content for reply in replies}) == 1
        [found] = (await http.get("/v1/feedback", params={"q": mark})).json()["items"]
        assert found["code"] == replies[0].json()["code"]
        other = await http.post("/v1/feedback", json=body | {"content": "Nội dung khác"})
        assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")


async def test_one_reference_of_a_channel_is_one_report(system: System) -> None:
    ref = uuid4().hex
    headers = system.bearer("channel", "system")
    async with httpx.AsyncClient(base_url=system.url, timeout=30, headers=headers) as http:
        body = REPORT | {"channel_ref": ref}
        replies = await asyncio.gather(*(http.post("/v1/feedback", json=body) for _ in range(20)))
        assert sorted(reply.status_code for reply in replies) == [200] * 19 + [201]
        assert len({reply.json()["code"] for reply in replies}) == 1
        on_another = await http.post("/v1/feedback", json=body | {"channel": "web"})
        assert on_another.status_code == 201


async def test_twenty_actions_on_one_version_are_one_action(system: System) -> None:
    async with httpx.AsyncClient(base_url=system.url, timeout=30, headers=system.bearer("desk", "coordinator")) as http:
        code = (await http.post("/v1/feedback", json=REPORT)).json()["code"]
        path, seen = f"/v1/feedback/{code}/actions/assign", {"If-Match": '"1"'}
        replies = await asyncio.gather(*(http.post(path, json={}, headers=seen) for _ in range(20)))
        assert sorted(reply.status_code for reply in replies) == [200] + [412] * 19
        assert len((await http.get(f"/v1/feedback/{code}/history")).json()["items"]) == 2
