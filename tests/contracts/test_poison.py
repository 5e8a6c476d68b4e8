"""An event that cannot take effect stops its aggregate and nothing else; operators let it go on, in order."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx
import pytest
from sqlalchemy.exc import OperationalError

from cchc_shared.contract.events import Event, encode
from cchc_shared.service.app import create_app
from cchc_shared.service.parked_events import parked_events_router
from cchc_shared.service.settings import ServiceSettings
from tests.contracts.harness import (
    Recorder,
    World,
    expected,
    histories,
    name_of,
    report,
    running,
    task,
    until,
)
from tests.support.databases import Database
from tests.support.http import Json, Query
from tests.support.tokens import TestTokens

PARKED = "/v1/parked-events/scoring"
TWO_OF_BAD = ("task:bad", 2)


def refuses(*culprits: tuple[str, int]) -> Callable[[Event], Exception | None]:
    """A fault of the handler that lasts as long as the culprit is in the returned function's set."""
    return lambda event: ValueError("no such unit: \0") if (name_of(event), event.version) in culprits else None


async def write_bad_and_good(world: World) -> list[Event]:
    """Versions 1 to 4 of an aggregate whose second event will not do, and of one that is in order."""
    good = histories(["good"], versions=4)
    await world.producer.write([*good, *(task("bad", version) for version in range(1, 5))])
    return good


SPOILT: dict[str, dict[str, str]] = {
    "fields": {"payload": '{"code": 5}'},
    "nul": {"payload": encode(task("nul", 2).data).decode().replace("in_progress", "\\u0000")},
    "unknown": {"type": "vn.hanoi.cchc.task.forgotten.v1"},
}


async def test_an_unreadable_event_parks_its_aggregate_and_lets_others_pass(world: World) -> None:
    good = histories(["good", "fine"], versions=3)
    await world.producer.write([task(subject, 1) for subject in SPOILT])
    for subject, spoil in SPOILT.items():
        await world.producer.raw(task(subject, 2), **spoil)
    await world.producer.write([*(task(subject, 3) for subject in SPOILT), *good])
    async with running(world.consumer()):
        await world.caught_up()
    assert await world.effects() == expected([*good, *(task(subject, 1) for subject in SPOILT)])
    assert sorted(await world.parked()) == [
        (f"task:{subject}", version, reason)
        for subject in sorted(SPOILT)
        for version, reason in ((2, "malformed"), (3, "behind"))
    ]


async def test_an_event_that_its_handler_refuses_parks_with_its_error(world: World) -> None:
    good = await write_bad_and_good(world)
    async with running(world.consumer(handler=Recorder(fault=refuses(TWO_OF_BAD)))):
        await world.caught_up()
    assert await world.effects() == expected([*good, task("bad", 1)])
    assert sorted(await world.parked()) == [
        ("task:bad", 2, "failed"),
        ("task:bad", 3, "behind"),
        ("task:bad", 4, "behind"),
    ]
    (row,) = await world.rows("SELECT * FROM parked_event WHERE reason = 'failed'")
    assert row.error == "ValueError: no such unit: \\0"
    assert bytes(row.payload).startswith(b'{"code":"bad"')
    assert row.headers["subject"] == "bad"
    assert (row.topic, row.type) == (world.transport.topics[0], "vn.hanoi.cchc.task.started.v1")


async def test_events_that_come_after_the_culprit_park_behind_it(world: World) -> None:
    await write_bad_and_good(world)
    async with running(world.consumer(handler=Recorder(fault=refuses(TWO_OF_BAD)))):
        await world.caught_up()
        await world.producer.write([task("bad", 5)])
        await world.caught_up()
    assert ("task:bad", 5, "behind") in await world.parked()


async def test_one_bad_event_in_a_thousand_leaves_the_others(world: World) -> None:
    events = [task(f"A-{number}", 1) for number in range(1000)]
    await world.producer.write(events)
    async with running(world.consumer(handler=Recorder(fault=refuses(("task:A-617", 1))))):
        await world.caught_up()
    assert await world.effects() == expected(event for event in events if event.subject != "A-617")
    assert await world.parked() == [("task:A-617", 1, "failed")]


async def test_parked_events_that_are_read_again_stay_as_they_are(world: World) -> None:
    await write_bad_and_good(world)
    handler = Recorder(fault=refuses(TWO_OF_BAD))
    async with running(world.consumer(handler=handler)):
        await world.caught_up()
    effects, parked = await world.effects(), await world.parked()
    await world.rewind()
    async with running(world.consumer(handler=handler)):
        await world.caught_up()
    assert await world.effects() == effects
    assert await world.parked() == parked


async def test_an_error_of_the_moment_is_tried_again_and_nothing_parks(world: World) -> None:
    class Deadlock(Exception):
        sqlstate = "40P01"

    attempts = 0

    def sometimes(_: Event) -> Exception | None:
        nonlocal attempts
        attempts += 1
        return OperationalError("UPDATE", {}, Deadlock()) if attempts <= 2 else None

    await world.producer.write([task("A", 1)])
    async with running(world.consumer(handler=Recorder(fault=sometimes))):
        await world.caught_up()
    assert await world.effects() == {"task:A": [1]}
    assert await world.rows("SELECT * FROM parked_event") == []


async def test_a_gap_waits_and_closes_when_the_missing_event_comes(world: World) -> None:
    await world.producer.write([task("A", 1), task("A", 3), task("A", 4), report("B", 1)])
    async with running(world.consumer()):
        await world.caught_up()
        assert await world.effects() == {"task:A": [1], "feedback:B": [1]}
        assert await world.parked() == [("task:A", 3, "gap"), ("task:A", 4, "behind")]
        await world.producer.write([task("A", 2)])
        await world.caught_up()
    assert await world.effects() == {"task:A": [1, 2, 3, 4], "feedback:B": [1]}
    assert await world.parked() == []


class Operator:
    """The operator's side of the parked events."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def parked(self, **query: Query) -> list[Json]:
        answer = await self._client.get(PARKED, params=query)
        assert answer.status_code == 200, answer.text
        return list(answer.json()["items"])

    async def act(self, action: str, aggregate: str, version: int | None) -> httpx.Response:
        (event,) = (one for one in await self.parked(aggregate=aggregate) if one["version"] == version)
        return await self.act_on(action, event["id"])

    async def act_on_all(self, action: str, **which: str) -> httpx.Response:
        return await self._client.post(f"{PARKED}/actions/{action}", json={"reason": "đã sửa mã nguồn", **which})

    async def act_on(self, action: str, event: int) -> httpx.Response:
        return await self._client.post(f"{PARKED}/{event}/actions/{action}", json={"reason": "đã sửa đơn vị"})


@pytest.fixture
async def operator(world: World, database: Database, tokens: TestTokens, tmp_path: Path) -> AsyncIterator[Operator]:
    settings = ServiceSettings(database_url=database.url("scoring"), jwks_url=tokens.jwks_url, CCHC_PROFILE=tmp_path)
    app = create_app(name="scoring", settings=settings, routers=[parked_events_router("scoring")])
    app.state.engine = world.engine
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://test", headers=tokens("an-operator", ["operator"])
    ) as client:
        yield Operator(client)


async def audit(world: World) -> list[tuple[str, str, str, str]]:
    """Aggregate, action, operator and reason of what was done."""
    rows = await world.rows("SELECT aggregate, action, done_by, reason FROM parked_event_audit ORDER BY id")
    return [(row.aggregate, row.action, row.done_by, row.reason) for row in rows]


async def test_what_was_parked_takes_effect_in_order_after_a_retry(world: World, operator: Operator) -> None:
    await write_bad_and_good(world)
    culprits = {TWO_OF_BAD}
    handler = Recorder(fault=lambda event: refuses(*culprits)(event))
    async with running(world.consumer(handler=handler)):
        await world.caught_up()
        culprits.clear()
        assert (await operator.act("retry", "task:bad", 2)).status_code == 200
        await until(world.parked, lambda parked: not parked)
        await world.producer.write([task("bad", 5)])
        await world.caught_up()
    assert (await world.effects())["task:bad"] == [1, 2, 3, 4, 5]
    assert await audit(world) == [("task:bad", "retry", "an-operator", "đã sửa đơn vị")]


async def test_a_retry_that_fails_again_leaves_everything_parked(world: World, operator: Operator) -> None:
    await write_bad_and_good(world)
    culprits = {TWO_OF_BAD}
    handler = Recorder(fault=lambda event: refuses(*culprits)(event))
    async with running(world.consumer(handler=handler)):
        await world.caught_up()
        culprits.add(("task:bad", 3))
        culprits.remove(TWO_OF_BAD)
        await operator.act("retry", "task:bad", 4)
        await until(world.parked, lambda parked: len(parked) == 2)
    assert (await world.effects())["task:bad"] == [1, 2]
    assert await world.parked() == [("task:bad", 3, "failed"), ("task:bad", 4, "behind")]


async def test_a_discarded_event_is_passed_over_and_the_rest_goes_on(world: World, operator: Operator) -> None:
    await write_bad_and_good(world)
    async with running(world.consumer(handler=Recorder(fault=refuses(TWO_OF_BAD)))):
        await world.caught_up()
        await operator.act("discard", "task:bad", 2)
        await until(world.parked, lambda parked: not parked)
    assert (await world.effects())["task:bad"] == [1, 3, 4]
    assert await audit(world) == [("task:bad", "discard", "an-operator", "đã sửa đơn vị")]


async def test_nothing_waits_behind_the_only_parked_event_once_it_is_discarded(
    world: World, operator: Operator
) -> None:
    await world.producer.write([task("bad", 1), task("bad", 2)])
    async with running(world.consumer(handler=Recorder(fault=refuses(TWO_OF_BAD)))):
        await world.caught_up()
        await operator.act("discard", "task:bad", 2)
        await until(world.parked, lambda parked: not parked)
        await world.producer.write([task("bad", 3)])
        await until(world.effects, lambda effects: effects["task:bad"] == [1, 3])
    assert await world.parked() == []


async def test_discarding_an_event_after_a_gap_does_not_give_up_the_missing_one(
    world: World, operator: Operator
) -> None:
    await world.producer.write([task("A", 1), task("A", 3)])
    async with running(world.consumer()):
        await world.caught_up()
        await operator.act("discard", "task:A", 3)
        await until(world.parked, lambda parked: not parked)
        await world.producer.write([task("A", 2), task("A", 4)])
        await world.caught_up()
    assert (await world.effects())["task:A"] == [1, 2, 4], "the one that was given up is not missed"
    assert await world.parked() == []


async def test_a_gap_outlives_its_patience_in_sight_until_an_operator_closes_it(
    world: World, operator: Operator
) -> None:
    await world.producer.write([task("A", 1), task("A", 3), task("A", 4)])
    async with running(world.consumer()):
        await world.caught_up()
        (gap, behind) = await operator.parked(aggregate="task:A")
        assert (gap["reason"], gap["error"], behind["reason"]) == ("gap", "version 2 has not come", "behind")
        assert gap["waits_until"] > gap["parked_at"]
        assert behind["waits_until"] is None
        await operator.act("close_gap", "task:A", 4)
        await until(world.parked, lambda parked: not parked)
    assert (await world.effects())["task:A"] == [1, 3, 4]
    assert await audit(world) == [("task:A", "close_gap", "an-operator", "đã sửa đơn vị")]


async def test_what_is_resolved_cannot_be_acted_on(world: World, operator: Operator) -> None:
    await world.producer.write([task("A", 1), task("A", 3)])
    async with running(world.consumer()):
        await world.caught_up()
        (event,) = await operator.parked()
        assert (await operator.act_on("close_gap", event["id"])).status_code == 200
        await until(world.parked, lambda parked: not parked)
    for action in ("retry", "discard", "close_gap"):
        assert (await operator.act_on(action, event["id"])).status_code == 404
    assert len(await audit(world)) == 1


async def test_where_no_gap_is_none_can_be_closed(world: World, operator: Operator) -> None:
    await write_bad_and_good(world)
    async with running(world.consumer(handler=Recorder(fault=refuses(TWO_OF_BAD)))):
        await world.caught_up()
        answer = await operator.act("close_gap", "task:bad", 4)
    assert (answer.status_code, answer.json()["code"]) == (409, "no-gap")
    assert await audit(world) == []


async def test_many_that_one_fault_parked_go_on_by_one_call(world: World, operator: Operator) -> None:
    events = [task(f"A-{number}", version) for number in range(12) for version in (1, 2)]
    # Where nothing succeeds nothing parks: whatever is read together, there is something good in it.
    good = [task(f"good-{number}", 1) for number in range(60)]
    await world.producer.write([*good, *events, task("other", 1)])
    culprits = {(f"task:A-{number}", 1) for number in range(12)}
    refuse: Callable[[Event], Exception | None] = lambda event: (  # noqa: E731
        TypeError("other") if event.subject == "other" and culprits else refuses(*culprits)(event)
    )
    async with running(world.consumer(handler=Recorder(fault=refuse))):
        await world.caught_up()
        await until(world.parked, lambda parked: len(parked) == 25)
        culprits.clear()
        answer = await operator.act_on_all("retry", of="failed", error_prefix="ValueError")
        assert answer.json() == {"action": "retry", "acted": 12, "more": False}
        await until(world.parked, lambda parked: parked == [("task:other", 1, "failed")])
        answer = await operator.act_on_all("discard", of="failed")
        assert answer.json()["acted"] == 1
        await until(world.parked, lambda parked: not parked)
    assert await world.effects() == expected([*events, *good])
    assert len(await audit(world)) == 13
