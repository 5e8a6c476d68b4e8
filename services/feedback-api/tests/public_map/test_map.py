"""The public map: what everyone sees, what nobody sees, and how exactly."""

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, update

from cchc_shared.contract.codes import FeedbackStatus
from feedback_api.public_map import service as of_map
from feedback_api.public_map.domain import ACROSS, shown_as, side
from feedback_api.reports.domain import seen_outside
from feedback_api.reports.models import feedback

from ..conftest import HOME_AFFAIRS, JUSTICE, People, Service

SECRET = "Nguyễn Văn Bảy 0912345678"
PLACE = {"lat": 21.02784, "lon": 105.83426, "address": f"nhà {SECRET}"}
BODY: dict[str, Any] = {
    "unit": HOME_AFFAIRS,
    "kind": "on_site",
    "category": "lighting",
    "title": "Đèn hỏng, gọi 0912345678",
    "content": f"Tôi là {SECRET}",
    "location": PLACE,
}
TO_THE_ANSWER = ("assign", "accept", "draft_answer", "approve_answer")
CALLERS = {"assign": "desk", "approve_answer": "head", "reopen": "desk"}
BODIES: dict[str, dict[str, Any]] = {
    "draft_answer": {"answer": "Đã thay bóng, hỏi 0987654321", "outcome": "resolved"},
    "reopen": {"reason": "vẫn hỏng"},
}


async def sent(service: Service, people: People, *actions: str, **more: str | dict[str, Any]) -> str:
    """A report that all this was done with."""
    answer = await service.post(BODY | more, **people["citizen"])
    assert answer.status_code == 201, answer.text
    code = str(answer.json()["code"])
    for version, action in enumerate(actions, 1):
        caller = people[CALLERS.get(action, "officer")]
        done = await service.act(code, action, caller, version, BODIES.get(action))
        assert done.status_code == 200, done.text
    return code


async def seen(service: Service, **query: str) -> dict[str, Any]:
    answer = await service.client.get("/v1/public/feedback", params=query)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/geo+json"
    return dict(answer.json())


async def ids(service: Service, **query: str) -> set[str]:
    return {feature["id"] for feature in (await seen(service, **query))["features"]}


async def status_of(service: Service, code: str) -> int:
    return (await service.client.get(f"/v1/public/feedback/{code}")).status_code


async def test_who_is_on_the_map(service: Service, people: People) -> None:
    shown_ones = {
        await sent(service, people): "received",
        await sent(service, people, *TO_THE_ANSWER[:3]): "in_progress",  # that there is a draft is told to nobody
        await sent(service, people, *TO_THE_ANSWER, "publish"): "published",
        await sent(service, people, *TO_THE_ANSWER, "publish", kind="procedure"): "published",
        await sent(service, people, *TO_THE_ANSWER, "publish", "reopen"): "reopened",
    }
    answered = await sent(service, people, *TO_THE_ANSWER)
    without_place = await sent(service, people, location={"address": "phố Huế"})
    duplicate = await sent(service, people)
    marked = await service.act(duplicate, "mark_duplicate", people["desk"], 1, {"original": answered})
    assert marked.status_code == 200, marked.text
    refused = await sent(service, people)
    done = await service.act(refused, "refuse", people["desk"], 1, {"reason": "out_of_scope"})
    assert done.status_code == 200, done.text
    erased = await sent(service, people, *TO_THE_ANSWER, "publish")
    async with service.here.engine.begin() as conn:
        await conn.execute(update(feedback).where(feedback.c.code == erased).values(erased="text"))
    hidden = {
        duplicate,
        refused,
        erased,
        await sent(service, people, kind="procedure"),
        await sent(service, people, *TO_THE_ANSWER, kind="procedure"),
        await sent(service, people, *TO_THE_ANSWER, "publish", "reopen", kind="procedure"),
        await sent(service, people, *TO_THE_ANSWER, "publish", kind="conduct"),
    }
    features = (await seen(service))["features"]
    assert {feature["id"]: feature["properties"]["status"] for feature in features} == shown_ones
    for code in (*shown_ones, answered, without_place):
        assert await status_of(service, code) == 200
    for code in (*hidden, "PA-99-999999"):
        assert await status_of(service, code) == 404
    assert await ids(service, status="in_progress") == {
        c for c, status in shown_ones.items() if status == "in_progress"
    }
    assert await ids(service, status="answer_drafted") == set()
    assert await ids(service, category="trees") == set()
    assert len(await ids(service, category="lighting")) == len(shown_ones)


async def test_nothing_personal_is_shown(service: Service, people: People) -> None:
    """Neither words before the answer is published, nor numbers of persons after it, nor the exact place."""
    for actions in ((), TO_THE_ANSWER, (*TO_THE_ANSWER, "publish")):
        code = await sent(service, people, *actions)
        one = (await service.client.get(f"/v1/public/feedback/{code}")).json()
        everything = json.dumps([one, await seen(service)], ensure_ascii=False)
        for secret in ("Bảy", "0912345678", "0987654321", "21.02784", "105.83426", "citizen-1"):
            assert secret not in everything
        assert one["location"] == {"type": "Point", "coordinates": [105.834, 21.028]}
        published = actions[-1:] == ("publish",)
        assert (one["title"], one["answer"], one["unit"]) == (
            ("Đèn hỏng, gọi [số điện thoại]", "Đã thay bóng, hỏi [số điện thoại]", HOME_AFFAIRS)
            if published
            else (None, None, None)
        )
        assert one["status_label"]["vi"]
        assert one["category_label"] == {"vi": "Chiếu sáng", "en": "Street lighting"}
        assert one["received_on"] == "2026-11-18"
        assert one["published_on"] == ("2026-11-18" if published else None)


async def test_a_box_tells_no_more_than_the_rounded_place(service: Service, people: People) -> None:
    """Whoever halves boxes finds the rounded place, and not the true one."""
    code = await sent(service, people)
    assert await ids(service, bbox="105.834,21.028,105.834,21.028") == {code}
    assert await ids(service, bbox="105.83426,21.02784,105.83426,21.02784") == set()
    assert await ids(service, bbox="105.8341,21.0270,105.8350,21.0290") == set()  # holds the true place only
    assert await ids(service, near="21.028,105.834", radius="1") == {code}
    assert await ids(service, near="21.02784,105.83426", radius="10") == set()


async def test_what_is_no_box_is_refused(service: Service) -> None:
    for bbox in ("1,2,3", "105,21,104,22", "105,22,106,21", "-181,0,0,1", "0,-91,1,1", "a,b,c,d"):
        answer = await service.client.get("/v1/public/feedback", params={"bbox": bbox})
        assert (answer.status_code, [each["field"] for each in answer.json()["errors"]]) == (422, ["query.bbox"]), bbox


async def test_it_is_kept_for_a_while_and_not_sent_again(service: Service, people: People) -> None:
    code = await sent(service, people)
    for path in ("/v1/public/feedback", f"/v1/public/feedback/{code}"):
        first = await service.client.get(path)
        assert first.headers["cache-control"] == "public, max-age=60"
        known = {"If-None-Match": first.headers["etag"]}
        assert (await service.client.get(path, headers=known)).status_code == 304
        assert "authorization" not in first.headers.get("vary", "").lower()
    await service.act(code, "assign", people["desk"], 1, {"unit": JUSTICE})
    assert (await service.client.get(path, headers=known)).status_code == 200


async def many(service: Service, people: People, count: int) -> None:
    """Copies of a report, spread over a tenth of a degree."""
    await sent(service, people)
    async with service.here.engine.begin() as conn:
        first = dict((await conn.execute(select(feedback))).mappings().one())
        places = [{"lat": 21.0 + n % 37 / 370, "lon": 105.8 + n % 41 / 410} for n in range(count)]
        await conn.execute(delete(feedback))
        await conn.execute(insert(feedback), [first | place | {"code": f"X-{n}"} for n, place in enumerate(places)])


async def test_a_crowded_box_is_shown_in_clusters(
    service: Service, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(of_map, "MOST_FEATURES", 5)
    await many(service, people, 200)
    box = "105.7,20.9,106,21.2"
    found = await seen(service, bbox=box)
    assert (found["clustered"], found["truncated"]) == (True, False)
    assert sum(feature["properties"]["count"] for feature in found["features"]) == 200
    assert all(feature["properties"]["cluster"] and feature["id"] is None for feature in found["features"])
    finer = await seen(service, bbox=box, zoom="22")
    assert finer["features"] == found["features"]  # a box holds only so many
    assert len((await seen(service, bbox=box, zoom="9"))["features"]) < len(found["features"])
    assert len((await seen(service, zoom="3"))["features"]) == 1
    small = await seen(service, bbox="105.8,21.0,105.8,21.0")
    assert small["clustered"] is False
    monkeypatch.setattr(of_map, "MOST_LOOKED_AT", 200)
    assert (await seen(service, bbox=box))["truncated"] is True


@given(st.one_of(st.none(), st.integers(0, 22)), st.floats(0, 360), st.floats(0, 180))
def test_a_box_never_holds_too_many_cells(zoom: int | None, width: float, height: float) -> None:
    found = side(zoom, width, height)
    assert found > 0
    assert math.ceil(width / found) <= ACROSS + 1
    assert math.ceil(height / found) <= ACROSS + 1
    assert side(zoom, None, None) > 0


def test_every_status_is_shown_as_one() -> None:
    parts = [set(shown_as(status)) for status in FeedbackStatus]
    assert set().union(*parts) == set(FeedbackStatus)
    assert sum(map(len, parts)) == len(FeedbackStatus)
    assert all(seen_outside(seen_outside(status)) is seen_outside(status) for status in FeedbackStatus)
