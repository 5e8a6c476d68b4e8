"""Citizens follow what somebody else reported, instead of sending it again."""

from typing import Any

import httpx
from sqlalchemy import text

from tests.support.tokens import TestTokens

from ..conftest import HOME_AFFAIRS, Headers, People, Service

ON_SITE = {"unit": HOME_AFFAIRS, "kind": "on_site", "title": "Đèn hỏng", "content": "Đèn đường hỏng trước nhà tôi"}
ANSWER = {"answer": "Đã thay bóng", "outcome": "resolved"}


async def follow(service: Service, code: str, caller: Headers, **body: bool) -> httpx.Response:
    headers = caller | {"If-Match": "*"}
    return await service.client.post(f"/v1/feedback/{code}/actions/follow", json=body, headers=headers)


async def test_a_citizen_follows_and_reads_no_words(service: Service, people: People, tokens: TestTokens) -> None:
    code = (await service.post(ON_SITE, **people["citizen"])).json()["code"]
    neighbour = tokens(sub="neighbour", roles=["citizen"])
    answer = await follow(service, code, neighbour)
    assert (answer.status_code, answer.headers["etag"]) == (200, '"1"')
    assert (answer.json()["followers"], answer.json()["following"], answer.json()["answer"]) == (1, True, None)
    assert (answer.json()["unit"], answer.json()["title"]) == (None, None)
    assert "hỏng" not in answer.text
    assert (await service.client.get(f"/v1/feedback/{code}", headers=neighbour)).status_code == 404
    assert (await follow(service, code, neighbour)).json()["errors"][0]["field"] == "body.following"
    # Nobody reads who follows, and whoever works on it is not disturbed.
    entries = (await service.client.get(f"/v1/feedback/{code}/history", headers=people["desk"])).json()["items"]
    assert [entry["action"] for entry in entries] == ["receive"]
    assert (await follow(service, code, neighbour, following=False)).json()["followers"] == 0
    assert (await follow(service, code, neighbour, following=False)).status_code == 422


async def test_its_answer_is_there_once_it_is_published(service: Service, people: People, tokens: TestTokens) -> None:
    code = (await service.post(ON_SITE, **people["citizen"])).json()["code"]
    neighbour = tokens(sub="neighbour", roles=["citizen"])
    await follow(service, code, neighbour)
    steps: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("assign", "desk", {}),
        ("accept", "officer", {}),
        ("draft_answer", "officer", ANSWER),
        ("approve_answer", "head", {}),
        ("publish", "head", {}),
    )
    seen = []
    for version, (action, who, body) in enumerate(steps, 1):
        assert (await service.act(code, action, people[who], version, body)).status_code == 200
        (item,) = (await service.client.get("/v1/following", headers=neighbour)).json()["items"]
        seen.append((item["status"], item["answer"]))
        assert (item["unit"], item["title"]) == ((HOME_AFFAIRS, "Đèn hỏng") if item["answer"] else (None, None))
    assert seen == [
        ("assigned", None),
        ("accepted", None),
        ("in_progress", None),
        ("answered", None),
        ("published", ANSWER["answer"]),
    ]


async def test_whoever_told_it_again_follows_the_one_that_is_answered(
    service: Service, people: People, tokens: TestTokens
) -> None:
    first = (await service.post(ON_SITE, **people["citizen"])).json()["code"]
    neighbour = tokens(sub="neighbour", roles=["citizen"])
    again = (await service.post(ON_SITE, **neighbour)).json()["code"]
    merged = await service.act(first, "merge", people["desk"], 1, {"duplicates": [again]})
    assert (merged.status_code, merged.json()["version"]) == (200, 2)
    page = (await service.client.get("/v1/following", headers=neighbour)).json()
    assert [(item["code"], item["following"]) for item in page["items"]] == [(first, False)]
    own = (await service.client.get(f"/v1/feedback/{again}", headers=neighbour)).json()
    assert (own["status"], own["duplicate_of"]) == ("duplicate", first)


async def test_what_nobody_else_may_know_of_is_not_there(service: Service, people: People, tokens: TestTokens) -> None:
    code = (await service.post({"unit": HOME_AFFAIRS, "kind": "conduct"}, **people["citizen"])).json()["code"]
    assert (await follow(service, code, tokens(sub="neighbour", roles=["citizen"]))).status_code == 404
    code = (await service.post(ON_SITE, **people["citizen"])).json()["code"]
    assert (await follow(service, code, people["citizen"])).status_code == 403  # its sender is told anyway
    assert (await follow(service, code, people["officer"])).status_code == 403
    assert (await follow(service, code, {})).status_code == 401
    await service.act(code, "refuse", people["desk"], 1, {"reason": "complaint"})
    assert (await follow(service, code, tokens(sub="neighbour", roles=["citizen"]))).status_code == 404


async def test_pages_of_what_is_followed(service: Service, people: People, tokens: TestTokens) -> None:
    neighbour = tokens(sub="neighbour", roles=["citizen"])
    codes = [(await service.post(ON_SITE, **people["citizen"])).json()["code"] for _ in range(5)]
    for code in codes:
        assert (await follow(service, code, neighbour)).status_code == 200
    found, cursor = list[str](), ""
    while cursor is not None:
        query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = (await service.client.get("/v1/following", headers=neighbour, params=query)).json()
        found, cursor = [*found, *(item["code"] for item in page["items"])], page["next_cursor"]
    assert sorted(found) == sorted(codes)
    assert (await service.client.get("/v1/following?cursor=x", headers=neighbour)).status_code == 422


async def test_merging_is_all_or_nothing(service: Service, people: People) -> None:
    first, second, third = [(await service.post(ON_SITE, **people["citizen"])).json()["code"] for _ in range(3)]
    await service.act(third, "refuse", people["desk"], 1, {"reason": "complaint"})
    for wrong in (third, first, "PA-26-999999"):
        answer = await service.act(first, "merge", people["desk"], 1, {"duplicates": [second, wrong]})
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "body.duplicates.1")
    rows = await service.rows(text("SELECT code, status FROM feedback ORDER BY code"))
    assert [row.status for row in rows] == ["received", "received", "refused"]
    # A unit merges only what it has itself.
    assert (await service.act(first, "assign", people["desk"], 1)).status_code == 200
    foreign = await service.act(first, "merge", people["officer"], 2, {"duplicates": [second]})
    assert foreign.json()["errors"][0]["field"] == "body.duplicates.0"


async def test_whoever_has_the_list_already_is_told_so(service: Service, people: People, tokens: TestTokens) -> None:
    code = (await service.post(ON_SITE, **people["citizen"])).json()["code"]
    neighbour = tokens(sub="neighbour", roles=["citizen"])
    await follow(service, code, neighbour)
    for path in ("/v1/following", f"/v1/feedback/{code}/clocks", f"/v1/feedback/{code}/history"):
        caller = neighbour if path == "/v1/following" else people["citizen"]
        tag = (await service.client.get(path, headers=caller)).headers["etag"]
        assert (await service.client.get(path, headers=caller | {"If-None-Match": tag})).status_code == 304
    assert (await service.act(code, "assign", people["desk"], 1)).status_code == 200
    tagged = await service.client.get(path, headers=people["citizen"] | {"If-None-Match": tag})
    assert (tagged.status_code, len(tagged.json()["items"])) == (200, 2)
