"""Messages reach a receiver of another process that is slow, down, answers 500 or 410, or closes half-way."""

import asyncio
from collections import Counter
from datetime import timedelta

import pytest

from cchc_shared.calendar.clock import FixedClock

from ..conftest import JUSTICE
from .conftest import Webhooks, opened

WHOLE = timedelta(days=4)


async def test_a_message_is_signed_sent_and_sent_once(webhooks: Webhooks) -> None:
    made = await webhooks.make("/ok/0")
    event = opened("d-1")
    await webhooks.happen(event)
    await webhooks.happen(event)
    await webhooks.sent()
    [line] = webhooks.receiver.attempts()
    assert (line["id"], line["signed"], line["body"]["data"]["id"]) == (str(event.id), 1, "d-1")
    [shown] = await webhooks.deliveries(made["id"])
    assert (shown["state"], shown["attempts"], shown["status"]) == ("delivered", 1, 204)


@pytest.mark.parametrize(
    ("fault", "status", "failure"),
    [
        ("500", 500, None), ("503", 503, None), ("redirect", 302, None), ("endless", 500, None),
        ("half", None, "connection"), ("reset", None, "connection"), ("late", None, "timeout"),
    ],
)  # fmt: skip
async def test_nothing_is_lost_by_a_receiver_that_fails_and_each_attempt_has_the_same_id(
    webhooks: Webhooks, clock: FixedClock, fault: str, status: int | None, failure: str | None
) -> None:
    made = await webhooks.make(f"/{fault}/2")
    events = [opened(f"d-{number}") for number in range(3)]
    await webhooks.happen(*events)
    await webhooks.sent()
    for shown in await webhooks.deliveries(made["id"], "?state=waiting"):
        assert (shown["status"], shown["failure"], shown["attempts"]) == (status, failure, 1)
    for _ in range(3):
        clock.advance(timedelta(hours=2, minutes=10))
        await webhooks.sent()
    attempts = webhooks.receiver.attempts()
    assert Counter(line["id"] for line in attempts) == {str(event.id): 3 for event in events}
    assert all(line["signed"] == 1 for line in attempts)
    assert sorted(line["id"] for line in attempts if line["taken"]) == sorted(str(event.id) for event in events)
    assert {each["state"] for each in await webhooks.deliveries(made["id"])} == {"delivered"}
    assert (await webhooks.service.call("GET", f"/v1/webhooks/{made['id']}")).json()["failing_since"] is None


async def test_a_pause_that_a_receiver_asks_for_is_kept(webhooks: Webhooks, clock: FixedClock) -> None:
    await webhooks.make("/503/1")
    await webhooks.happen(opened("d-1"))
    await webhooks.sent()
    clock.advance(timedelta(minutes=119))
    await webhooks.sent()
    assert len(webhooks.receiver.attempts()) == 1
    clock.advance(timedelta(minutes=1))
    await webhooks.sent()
    assert [line["taken"] for line in webhooks.receiver.attempts()] == [False, True]


async def test_a_receiver_that_is_down_for_days_is_given_up_then_disabled_and_gets_the_rest_when_enabled(
    webhooks: Webhooks, clock: FixedClock
) -> None:
    made = await webhooks.make("/500/1000")
    await webhooks.happen(opened("d-1"))
    for pause in (*webhooks.rules.pauses, timedelta(days=2)):
        await webhooks.sent()
        clock.advance(pause * 1.1)
    [given_up] = await webhooks.deliveries(made["id"])
    assert (given_up["state"], given_up["attempts"]) == ("given_up", len(webhooks.rules.pauses) + 1)
    await webhooks.happen(opened("d-2"))
    await webhooks.sent()
    path = f"/v1/webhooks/{made['id']}"
    shown = (await webhooks.service.call("GET", path, caller=webhooks.own)).json()
    assert (shown["disabled_for"], shown["failing_since"]) == ("failing", "2026-11-18T02:00:00Z")
    before = len(webhooks.receiver.attempts())
    await webhooks.happen(opened("d-3"))
    clock.advance(timedelta(days=1))
    await webhooks.sent()
    assert len(webhooks.receiver.attempts()) == before
    await webhooks.service.call("POST", f"{path}/actions/enable", caller=webhooks.own)
    await webhooks.sent()
    assert {line["body"]["data"]["id"] for line in webhooks.receiver.attempts()[before:]} == {"d-2", "d-3"}


async def test_a_receiver_that_is_gone_is_sent_nothing_more(webhooks: Webhooks, clock: FixedClock) -> None:
    made = await webhooks.make("/410/1")
    await webhooks.happen(opened("d-1"))
    await webhooks.sent()
    clock.advance(WHOLE)
    await webhooks.sent()
    assert len(webhooks.receiver.attempts()) == 1
    assert (await webhooks.service.call("GET", f"/v1/webhooks/{made['id']}")).json()["disabled_for"] == "gone"


async def test_events_of_one_thing_come_in_order_and_those_of_others_do_not_wait(
    webhooks: Webhooks, clock: FixedClock
) -> None:
    await webhooks.make("/500/1")
    await webhooks.happen(*(opened("d-1", version) for version in (1, 2, 3)), opened("d-2"))
    for _ in range(8):
        await webhooks.sent()
        clock.advance(timedelta(hours=3))
    taken = [line["body"]["data"] for line in webhooks.receiver.attempts() if line["taken"]]
    assert [each["version"] for each in taken if each["id"] == "d-1"] == [1, 2, 3]
    tried = [line["body"]["data"] for line in webhooks.receiver.attempts()]
    assert {each["id"] for each in tried[:2]} == {"d-1", "d-2"}
    assert [each["version"] for each in tried if each["id"] == "d-1"] == [1, 1, 2, 2, 3, 3]


async def test_a_receiver_that_is_slow_holds_its_own_places_only(webhooks: Webhooks) -> None:
    await webhooks.make("/late/1000/slow")
    await webhooks.make("/ok/0/quick")
    await webhooks.happen(*(opened(f"d-{number}") for number in range(40)))
    sender = webhooks.sender(seconds=60)
    while len(webhooks.receiver.attempts("/ok/0/quick")) < 40:
        await sender.round()
        await asyncio.sleep(0.01)
        # The slow one has answered nothing: it takes longer than all of this, and has four places.
    assert len(webhooks.receiver.attempts("/late/1000/slow")) <= 8
    await sender.stop()


async def test_two_processes_send_nothing_twice(webhooks: Webhooks) -> None:
    made = await webhooks.make("/ok/0")
    await webhooks.happen(*(opened(f"d-{number}", version) for number in range(20) for version in (1, 2, 3)))
    one, other = webhooks.sender(), webhooks.sender()
    while await webhooks.deliveries(made["id"], "?state=waiting"):
        await asyncio.gather(one.round(), other.round())
    await one.idle()
    await other.idle()
    counted = Counter(line["id"] for line in webhooks.receiver.attempts())
    assert (len(counted), set(counted.values())) == (60, {1})


async def test_after_a_lost_lease_a_message_is_sent_again_and_finished_once(
    webhooks: Webhooks, clock: FixedClock
) -> None:
    made = await webhooks.make("/ok/0")
    await webhooks.happen(opened("d-1"))
    dying = webhooks.sender()
    await dying.round()
    await dying.stop()  # whatever the receiver has: nobody wrote down what became of it
    await webhooks.sent()
    [shown] = await webhooks.deliveries(made["id"])
    assert shown["state"] == "waiting"
    clock.advance(timedelta(minutes=2))
    await webhooks.sent()
    [shown] = await webhooks.deliveries(made["id"])
    assert (shown["state"], shown["attempts"]) == ("delivered", 2)
    assert len({line["id"] for line in webhooks.receiver.attempts()}) == 1


async def test_both_secrets_sign_while_one_replaces_the_other(webhooks: Webhooks, clock: FixedClock) -> None:
    made = await webhooks.make("/ok/0")
    path = f"/v1/webhooks/{made['id']}/actions/rotate-secret"
    rotated = (await webhooks.service.call("POST", path, caller=webhooks.own)).json()
    webhooks.receiver.knows("/ok/0", made["secret"], rotated["secret"])
    await webhooks.happen(opened("d-1"))
    await webhooks.sent()
    clock.advance(timedelta(hours=24))
    await webhooks.happen(opened("d-2"))
    await webhooks.sent()
    assert [line["signed"] for line in webhooks.receiver.attempts()] == [2, 1]
    webhooks.receiver.knows("/ok/0", rotated["secret"])
    await webhooks.happen(opened("d-3"))
    await webhooks.sent()
    assert webhooks.receiver.attempts()[-1]["signed"] == 1


async def test_a_scope_that_became_narrower_holds_at_once(webhooks: Webhooks) -> None:
    await webhooks.make("/ok/0")
    system = {"name": "A", "office": "B", "routes": ["events.dossier"], "units": [JUSTICE]}
    await webhooks.happen(opened("d-1"))
    await webhooks.service.call("PUT", "/v1/systems/one-stop-1", json=system, if_match="*")
    await webhooks.happen(opened("d-2"), opened("d-3", unit=JUSTICE))
    await webhooks.service.call("PUT", "/v1/systems/one-stop-1", json=system | {"routes": ["dossiers"]}, if_match="*")
    await webhooks.happen(opened("d-4", unit=JUSTICE))
    await webhooks.service.call("PUT", "/v1/systems/one-stop-1", json=system, if_match="*")
    await webhooks.service.call("POST", "/v1/systems/one-stop-1/actions/suspend", if_match="*")
    await webhooks.happen(opened("d-5", unit=JUSTICE))
    await webhooks.sent()
    assert {line["body"]["data"]["id"] for line in webhooks.receiver.attempts()} == {"d-1", "d-3"}
