"""Nothing is left out, nothing comes twice, and nothing of another unit is told; on a real database."""

import asyncio
import random
from contextlib import ExitStack
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.calendar.clock import FixedClock
from cchc_shared.http.problems import Problem
from cchc_shared.http.tokens import Principal
from notify.audience.domain import happening
from notify.live import feature, feed, repository, timers
from notify.live.models import live_events
from notify.live.service import Live as Streams

from ..conftest import HOME_AFFAIRS, JUSTICE, Service
from .conftest import OPENED, Live, opened, passed_on, read


async def test_an_officer_is_told_of_the_own_unit_and_whoever_oversees_of_all(live: Live) -> None:
    start = (await live.messages())[-1].id
    ours, theirs, gone = opened("d-1"), opened("d-2", JUSTICE), passed_on("d-1", HOME_AFFAIRS, JUSTICE)
    await live.happen(ours, theirs, gone)
    told = [each for each in await live.messages(last=start) if each.data]
    assert [each.id for each in told] == [str(ours.id), str(gone.id)]
    assert JUSTICE not in "".join(each.data for each in told)
    board = live.service.tokens("board-1", ["scoring_board"])
    assert await live.ids(last=start, caller=board) == [str(each.id) for each in (ours, theirs, gone)]
    assert await live.ids(f"&units={JUSTICE}", last=start, caller=board) == [str(theirs.id), str(gone.id)]
    assert await live.ids(f"&types={OPENED}", last=start) == [str(ours.id)]


async def test_without_an_id_a_stream_begins_now_and_its_position_stands_at_once(live: Live) -> None:
    before, after = opened("d-1", JUSTICE), opened("d-2")
    assert {each.id for each in await live.messages()} == {"earliest"}
    await live.happen(before)
    told = await live.messages()
    assert (told[0].id, told[0].data) == (str(before.id), "")
    await live.happen(after)
    assert await live.ids(last=told[-1].id) == [str(after.id)]
    assert await live.ids("&last_event_id=earliest", caller=live.service.tokens("board-1", ["scoring_board"])) == [
        str(before.id),
        str(after.id),
    ]
    # The header is the newer one: clients that come again keep the address.
    assert await live.ids(f"&last_event_id={before.id}", last=str(after.id)) == []


@pytest.mark.parametrize("seed", range(3))
async def test_events_come_once_and_in_order_through_cuts_anywhere(
    live: Live, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """The reader is cut off after any byte, and comes again with what it has."""
    monkeypatch.setattr(feed, "KEPT", 5)  # so that readers come from memory and from the table
    monkeypatch.setattr(feed, "PAGE", 3)
    chance = random.Random(seed)  # noqa: S311 - a test that is the same each time
    last, taken, right = "earliest", [], []
    for number in range(30):
        events = [
            opened(f"d-{number}-{each}", chance.choice([HOME_AFFAIRS, JUSTICE])) for each in range(chance.randint(0, 9))
        ]
        await live.happen(*events)
        right += [str(event.id) for event in events if HOME_AFFAIRS in happening(event).units]
        query = f"/v1/events?seconds=0&last_event_id={last}"
        whole = (await live.service.call("GET", query, caller=live.officer)).text
        cut = whole[: chance.randint(0, len(whole))] if number < 29 else whole
        for each in read(cut):
            last = each.id
            taken += [each.id] if each.data else []
    assert taken == right


async def test_an_event_that_comes_twice_is_told_once(live: Live) -> None:
    event = opened("d-1")
    await live.happen(event)
    await live.happen(event)
    assert await live.ids(last="earliest") == [str(event.id)]


async def test_whoever_was_away_for_too_long_or_comes_from_elsewhere_is_told_so(live: Live, clock: FixedClock) -> None:
    old, newest = opened("d-1"), opened("d-2", JUSTICE)
    await live.happen(old)
    await live.happen(newest)
    clock.advance(timedelta(days=5))
    async with live.service.here.engine.begin() as conn:
        await timers.forget(conn, clock.now(), live.service.here)
    streams = live.service.here.use(Streams)
    streams.feed._events.clear()  # another process, which has not seen them
    streams.feed._before = None
    for unknown in (str(old.id), str(uuid4())):
        told = await live.messages(last=unknown)
        assert (told[0].id, told[0].type) == (str(newest.id), "reset")
        assert {each.type for each in told[1:]} <= {""}
        assert old.subject not in told[0].data
    # Nobody who has come to the newest has missed anything, however long ago that was.
    after = opened("d-3")
    await live.happen(after)
    assert await live.ids(last=str(newest.id)) == [str(after.id)]
    async with live.service.here.engine.begin() as conn:
        assert await conn.scalar(select(func.count()).select_from(live_events)) == 2


async def test_nobody_sees_a_place_before_a_lower_one_is_there(live: Live) -> None:
    """Two workers write at once, and the one that began first ends last."""
    here = live.service.here
    first, second = opened("d-1"), opened("d-2")
    async with here.engine.connect() as one, here.engine.connect() as other:
        await feature.follow(one, [first], here)
        waiting = asyncio.create_task(feature.follow(other, [second], here))
        async with here.engine.connect() as third:
            await _until_somebody_waits(third)
            assert await repository.after(third, 0, 10) == []
        assert not waiting.done()
        await one.commit()
        await waiting
        await other.commit()
    assert await live.ids(last="earliest") == [str(first.id), str(second.id)]


async def _until_somebody_waits(conn: AsyncConnection) -> None:
    asked = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    while not (await conn.exec_driver_sql(asked)).scalar():  # noqa: ASYNC110 - the server tells nobody
        await asyncio.sleep(0.01)


async def test_nobody_is_told_without_a_right_to_it(live: Live) -> None:
    service = live.service
    path = "/v1/events?seconds=0"
    await service.call("GET", path, 403, caller=service.tokens(sub="citizen-1", roles=["citizen"]))
    for role, code in (("officer", "nothing-told"), ("system", "not-connected")):
        answer = await service.call("GET", path, 403, caller=service.tokens("someone", [role]))
        assert answer.json()["code"] == code
    for query, field in (
        (f"units={JUSTICE}", "query.units"),
        ("types=vn.hanoi.cchc.inspection.planned.v1", "query.types"),
        ("types=a,,b", "query.types"),
        ("last_event_id=5", "query.last_event_id"),
        ("seconds=-1", "query.seconds"),
    ):
        answer = await service.call("GET", f"/v1/events?{query}", 422, caller=live.officer)
        assert [each["field"] for each in answer.json()["errors"]] == [field]
    answer = await service.call("GET", path, 422, caller=live.officer, last_event_id="here")
    assert [each["field"] for each in answer.json()["errors"]] == ["header.Last-Event-ID"]


async def test_a_system_is_told_what_its_newest_scope_has_while_it_is_not_suspended(live: Live) -> None:
    service = live.service
    own = service.tokens(sub="system:one-stop-1", roles=["system"])
    await service.connect(routes=["events", "dossiers"])
    await service.call("GET", "/v1/events?seconds=0", 403, caller=own)
    changed = {"name": "a", "office": "b", "routes": ["events", "events.dossier"], "units": [HOME_AFFAIRS]}
    await service.call("PUT", "/v1/systems/one-stop-1", json=changed, if_match="*")
    ours = opened("d-1")
    await live.happen(ours, opened("d-2", JUSTICE))
    assert await live.ids(caller=own, last="earliest") == [str(ours.id)]
    await service.call("POST", "/v1/systems/one-stop-1/actions/suspend", if_match="*")
    answer = await service.call("GET", "/v1/events?seconds=0", 403, caller=own)
    assert answer.json()["code"] == "not-connected"


async def test_a_caller_has_so_many_streams_and_a_process_too(service: Service, live: Live) -> None:
    streams = service.here.use(Streams)
    one, other = _principal("one"), _principal("other")
    most, all_ = streams.rules.most_streams_of_one.value, streams.rules.most_streams.value
    with ExitStack() as held:
        for _ in range(most):
            held.enter_context(streams.place(one))
        with pytest.raises(Problem) as refused:
            held.enter_context(streams.place(one))
        assert (refused.value.status, refused.value.headers["Retry-After"]) == (429, "10")
        held.enter_context(streams.place(other))
        for number in range(all_ - most - 1):
            held.enter_context(streams.place(_principal(f"n-{number}")))
        with pytest.raises(Problem) as full:
            held.enter_context(streams.place(_principal("last")))
        assert full.value.status == 503
    with streams.place(one):
        pass
    assert not streams._open


def _principal(sub: str) -> Principal:
    return Principal(sub, frozenset(), None)
