"""Webhooks over HTTP: each system has its own, within its scope."""

import pytest
from sqlalchemy import text

from ..conftest import JUSTICE, NOW
from .conftest import OPENED, Webhooks, opened

PATH = "/v1/webhooks"


async def test_a_webhook_is_made_read_listed_and_deleted(webhooks: Webhooks) -> None:
    made = await webhooks.make("/ok/0")
    secret = made.pop("secret")
    assert secret.startswith("whsec_")
    path = f"{PATH}/{made['id']}"
    assert (await webhooks.service.call("GET", path, caller=webhooks.own)).json() == made
    listed = (await webhooks.service.call("GET", PATH, caller=webhooks.own)).json()
    assert listed == {"items": [made], "next_cursor": None}
    await webhooks.happen(opened("d-1"))
    await webhooks.service.call("DELETE", path, 204, caller=webhooks.own)
    await webhooks.service.call("GET", path, 404, caller=webhooks.own)
    await webhooks.sent()
    assert webhooks.receiver.attempts() == []


async def test_a_repeated_request_is_answered_alike_and_no_secret_is_kept(webhooks: Webhooks) -> None:
    body = {"url": webhooks.receiver.url("/ok/0"), "event_types": [OPENED]}
    asked = {"caller": webhooks.own, "json": body, "idempotency_key": "one"}
    first = await webhooks.service.call("POST", PATH, 201, **asked)  # type: ignore[arg-type]
    again = await webhooks.service.call("POST", PATH, 201, **asked)  # type: ignore[arg-type]
    assert again.json() == first.json()
    secret = first.json()["secret"].removeprefix("whsec_")
    async with webhooks.service.here.engine.begin() as conn:
        for table in ("idempotency", "webhook"):
            rows = (await conn.execute(text(f"SELECT * FROM {table}"))).all()
            assert rows
            assert not any(
                secret in (each.decode(errors="replace") if isinstance(each, bytes) else str(each)) for each in rows[0]
            )


async def test_a_system_finds_its_own_webhooks_only(webhooks: Webhooks) -> None:
    made = await webhooks.make("/ok/0")
    await webhooks.service.connect("one-stop-2", routes=["events.dossier"])
    other = webhooks.service.tokens(sub="system:one-stop-2", roles=["system"])
    path = f"{PATH}/{made['id']}"
    assert (await webhooks.service.call("GET", PATH, caller=other)).json()["items"] == []
    for method, where in (
        ("GET", path), ("DELETE", path), ("GET", f"{path}/deliveries"), ("POST", f"{path}/actions/rotate-secret"),
        ("POST", f"{path}/actions/enable"), ("POST", f"{path}/actions/disable"),
    ):  # fmt: skip
        await webhooks.service.call(method, where, 404, caller=other)
    await webhooks.service.call(
        "POST", f"{path}/actions/replay", 404, caller=other, json={"since": "2026-11-18T00:00:00Z"}
    )
    assert len((await webhooks.service.call("GET", PATH)).json()["items"]) == 1


async def test_who_is_no_connected_system_is_told_nothing(webhooks: Webhooks) -> None:
    body = {"url": webhooks.receiver.url("/ok/0"), "event_types": [OPENED]}
    for sub in ("one-stop-1", "system:one-stop-9", "lgsp"):
        caller = webhooks.service.tokens(sub=sub, roles=["system"])
        answer = await webhooks.service.call("POST", PATH, 403, caller=caller, json=body)
        assert answer.json()["code"] == "not-connected"
    await webhooks.service.call("POST", PATH, 403, caller=webhooks.own, json=body | {"system": "one-stop-2"})
    await webhooks.service.call(
        "POST", PATH, 403, caller=webhooks.service.tokens(sub="a", roles=["coordinator"]), json=body
    )


async def test_an_operator_says_for_which_system(webhooks: Webhooks) -> None:
    body = {"url": webhooks.receiver.url("/ok/0"), "event_types": [OPENED]}
    for system in ({}, {"system": "one-stop-9"}):
        answer = await webhooks.service.call("POST", PATH, 422, json=body | system)
        assert [each["field"] for each in answer.json()["errors"]] == ["body.system"]
    made = (await webhooks.service.call("POST", PATH, 201, json=body | {"system": "one-stop-1"})).json()
    assert (await webhooks.service.call("GET", f"{PATH}/{made['id']}", caller=webhooks.own)).json()["system"]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"url": "https://169.254.169.254/latest"}, "body.url"),
        ({"url": "https://10.0.0.1/"}, "body.url"),
        ({"url": "http://203.162.0.11/"}, "body.url"),
        ({"url": "https://user:word@a.vn/"}, "body.url"),
        ({"url": "https://a.vn/" + "x" * 500}, "body.url"),
        ({"event_types": []}, "body.event_types"),
        ({"event_types": ["vn.hanoi.cchc.task.assigned.v1"]}, "body.event_types"),
        ({"event_types": ["vn.hanoi.cchc.inspection.planned.v1"]}, "body.event_types"),
        ({"event_types": ["Dossier"]}, "body.event_types.0"),
        ({"units": [JUSTICE]}, "body.units"),
        ({"secret": "whsec_"}, "body.secret"),
    ],
)
async def test_what_is_outside_the_scope_or_leads_inside_is_refused(
    webhooks: Webhooks, wrong: dict[str, object], field: str
) -> None:
    body = {"url": webhooks.receiver.url("/ok/0"), "event_types": [OPENED]} | wrong
    answer = await webhooks.service.call("POST", PATH, 422, caller=webhooks.own, json=body)
    assert [each["field"] for each in answer.json()["errors"]] == [field]


async def test_a_system_has_so_many_and_no_more(webhooks: Webhooks) -> None:
    for _ in range(webhooks.rules.most_webhooks.value):
        await webhooks.make("/ok/0")
    body = {"url": webhooks.receiver.url("/ok/0"), "event_types": [OPENED]}
    answer = await webhooks.service.call("POST", PATH, 409, caller=webhooks.own, json=body)
    assert answer.json()["code"] == "too-many-webhooks"


async def test_a_range_is_sent_again_under_the_same_ids(webhooks: Webhooks) -> None:
    made = await webhooks.make("/ok/0")
    events = [opened(f"d-{number}") for number in range(3)]
    await webhooks.happen(*events)
    await webhooks.sent()
    path = f"{PATH}/{made['id']}/actions/replay"
    one = {"event_ids": [str(events[1].id)]}
    assert (await webhooks.service.call("POST", path, caller=webhooks.own, json=one)).json() == {"replayed": 1}
    whole = {"since": NOW.isoformat()}
    await webhooks.sent()
    assert (await webhooks.service.call("POST", path, caller=webhooks.own, json=whole)).json() == {"replayed": 3}
    before = {"until": NOW.isoformat()}
    assert (await webhooks.service.call("POST", path, caller=webhooks.own, json=before)).json() == {"replayed": 0}
    await webhooks.sent()
    ids = [line["id"] for line in webhooks.receiver.attempts()]
    assert sorted(map(ids.count, (str(event.id) for event in events))) == [2, 2, 3]
    for wrong in ({}, one | whole):
        answer = await webhooks.service.call("POST", path, 422, caller=webhooks.own, json=wrong)
        assert [each["field"] for each in answer.json()["errors"]] == ["body.event_ids"]


async def test_what_comes_while_it_is_disabled_waits_for_it(webhooks: Webhooks) -> None:
    made = await webhooks.make("/ok/0")
    path = f"{PATH}/{made['id']}/actions"
    shown = (await webhooks.service.call("POST", f"{path}/disable", caller=webhooks.own)).json()
    assert shown["disabled_for"] == "asked"
    await webhooks.happen(opened("d-1"))
    await webhooks.sent()
    assert webhooks.receiver.attempts() == []
    shown = (await webhooks.service.call("POST", f"{path}/enable", caller=webhooks.own)).json()
    assert (shown["disabled_for"], shown["disabled_at"]) == (None, None)
    await webhooks.sent()
    assert len(webhooks.receiver.attempts()) == 1


async def test_pages_of_deliveries_hold_each_once(webhooks: Webhooks) -> None:
    made = await webhooks.make("/ok/0")
    await webhooks.happen(*(opened(f"d-{number}") for number in range(5)))
    found, cursor = [], ""
    while cursor is not None:
        query = f"?limit=2{cursor and f'&cursor={cursor}'}"
        answer = await webhooks.service.call("GET", f"{PATH}/{made['id']}/deliveries{query}", caller=webhooks.own)
        found += [each["aggregate"] for each in answer.json()["items"]]
        cursor = answer.json()["next_cursor"]
    assert found == [f"dossier:d-{number}" for number in (4, 3, 2, 1, 0)]
