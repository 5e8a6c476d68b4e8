"""`since`: whoever follows a list by its changes has what the list has, whichever transaction commits first."""

from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.calendar.clock import FixedClock
from feedback_api.reading.timers import forget
from feedback_api.reports.models import feedback, out_of_sight
from tests.support.following import Follower, all_ended
from tests.support.http import Query
from tests.support.tokens import TestTokens

from ..conftest import CENTRE, HOME_AFFAIRS, JUSTICE, People, Service

WRITERS = 3
CHANGES: Sequence[dict[str, Any]] = (
    {"unit": HOME_AFFAIRS, "held_by": None},
    {"unit": JUSTICE, "held_by": None, "former_units": [HOME_AFFAIRS]},
    {"unit": HOME_AFFAIRS, "held_by": CENTRE},
    {"status": "answered"},
    {"status": "received", "submitted_by": "citizen-1", "erased": None},
    {"submitted_by": None, "channel_ref": None, "erased": "contact"},
    {"words": None},
)
LISTS: Sequence[tuple[str, dict[str, Query]]] = (
    ("desk", {}),
    ("desk", {"status": "received", "limit": 2}),
    ("officer", {"limit": 1}),
    ("officer", {"held_by_me": True}),
    ("centre", {}),
    ("citizen", {"mine": True}),
    ("citizen", {"limit": 2, "view": "brief"}),
)


def following(service: Service, caller: dict[str, str], **query: Query) -> Follower:
    return Follower(lambda asked: service.client.get("/v1/feedback", params=asked, headers=caller), **query)


async def sent(service: Service, people: People, count: int) -> list[str]:
    codes = []
    for number in range(count):
        who = people["citizen"] if number % 2 else {}
        codes.append(str((await service.post({"content": f"{number}", "unit": HOME_AFFAIRS}, **who)).json()["code"]))
    return codes


async def change(conn: AsyncConnection, code: str, values: dict[str, Any]) -> None:
    bumped = {} if "words" in values else {"version": feedback.c.version + 1}
    await conn.execute(update(feedback).where(feedback.c.code == code).values(**values, **bumped))


step = st.one_of(
    st.tuples(st.just("change"), st.integers(0, 5), st.sampled_from(CHANGES)),
    st.tuples(st.just("end"), st.integers(0, WRITERS - 1), st.booleans()),
    st.tuples(st.just("ask"), st.sampled_from(range(len(LISTS))), st.none()),
)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(step, min_size=5, max_size=30))
async def test_nothing_is_missed_whichever_commits_first(
    service: Service, people: People, tokens: TestTokens, steps: list[tuple[str, int, Any]]
) -> None:
    """Three writers whose transactions overlap as chance has it, and readers that look in between."""
    people["centre"] = tokens(sub="centre-1", roles=["officer"], unit=CENTRE)
    found = await service.rows(select(feedback.c.code).order_by(feedback.c.code))
    codes = [code for (code,) in found] or await sent(service, people, 6)  # of the example before, as it left them
    followers = [following(service, people[who], **query) for who, query in LISTS]
    async with AsyncExitStack() as stack:
        writers = [await stack.enter_async_context(service.here.engine.connect()) for _ in range(WRITERS)]
        for what, which, given_ in steps:
            match what:
                case "change":  # each writer has reports of its own: none waits for another
                    await change(writers[which % WRITERS], codes[which], given_)
                case "end" if given_:
                    await writers[which].commit()
                case "end":
                    await writers[which].rollback()
                case _:
                    await followers[which].ask()
        for writer in writers:
            await writer.commit()
    await all_ended(service.here.engine)
    for follower in followers:
        await follower.catch_up()
        assert follower.kept == await follower.listed()
    again = following(service, people["desk"], limit=2)
    told = await again.catch_up()
    assert len(told) == len(set(told))
    assert set(again.kept) >= set(codes)


async def test_a_slow_transaction_is_not_passed_over(service: Service, people: People) -> None:
    """It took its id first, and commits last."""
    slow, quick = await sent(service, people, 2)
    follower = following(service, people["desk"])
    await all_ended(service.here.engine)
    await follower.catch_up()
    async with service.here.engine.connect() as first, service.here.engine.connect() as second:
        await change(first, slow, {"status": "assigned"})
        await change(second, quick, {"status": "assigned"})
        await second.commit()
        assert await follower.catch_up() == []
        await first.commit()
    await all_ended(service.here.engine)
    assert await follower.catch_up() == [slow, quick]
    assert follower.kept == await follower.listed()


async def test_what_leaves_a_list_is_named(service: Service, people: People, tokens: TestTokens) -> None:
    centre = tokens(sub="centre-1", roles=["officer"], unit=CENTRE)
    code = (await service.post({"unit": HOME_AFFAIRS}, **people["citizen"])).json()["code"]
    readers = {
        name: following(service, caller, **query)
        for name, caller, query in (
            ("desk", centre, {}),
            ("received", people["desk"], {"status": "received"}),
            ("sender", people["citizen"], {"mine": True}),
            ("stranger", people["other_officer"], {}),
        )
    }
    await all_ended(service.here.engine)
    for reader in readers.values():
        await reader.catch_up()
    assert {name for name, reader in readers.items() if code in reader.kept} == {"desk", "received", "sender"}
    assert (await service.act(code, "assign", people["desk"], 1)).status_code == 200
    async with service.here.engine.begin() as conn:
        await change(conn, code, {"submitted_by": None, "erased": "contact"})
    await all_ended(service.here.engine)
    for name, reader in readers.items():
        await reader.catch_up()
        assert code not in reader.kept, name
        assert reader.kept == await reader.listed()
    assert readers["stranger"].told == []
    kept = await service.rows(select(out_of_sight.c.reader))
    assert sorted(reader.partition(":")[0] for (reader,) in kept) == ["sender", "unit"]
    assert "citizen-1" not in str(kept)


async def since(service: Service, caller: dict[str, str], value: str, **query: str) -> httpx.Response:
    return await service.client.get("/v1/feedback", params={"since": value} | query, headers=caller)


async def test_a_cursor_of_something_else_says_to_read_anew(
    service: Service, people: People, clock: FixedClock
) -> None:
    desk = people["desk"]
    kept = (await since(service, desk, "start", status="received")).json()["since"]
    clock.advance(timedelta(days=29))
    younger = await since(service, desk, kept, status="received", limit="3", view="brief")
    assert younger.status_code == 200
    clock.advance(timedelta(days=1))
    others: Iterator[tuple[dict[str, str], str, dict[str, str]]] = iter(
        (
            (desk, kept, {"status": "received"}),
            (desk, younger.json()["since"], {}),
            (people["inspector"], younger.json()["since"], {"status": "received"}),
        )
    )
    for caller, cursor, query in others:
        answer = await since(service, caller, cursor, **query)
        assert (answer.status_code, answer.json()["code"]) == (410, "list-to-be-read-anew")
    async with service.here.engine.begin() as conn:
        await conn.execute(text("UPDATE list_generation SET id = gen_random_uuid()"))
    answer = await since(service, desk, younger.json()["since"], status="received")
    assert answer.status_code == 410


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"since": "abc"}, "query.since"),
        ({"since": "WyJhIiwiYiIsMSwtMiwiYyJd"}, "query.since"),
        ({"since": "start", "cursor": "WyIyMDI2LTExLTE4VDAwOjAwOjAwWiIsIlBBIl0"}, "query.cursor"),
        ({"since": "start", "overdue": "true"}, "query.overdue"),
        ({"since": "start", "own_overdue": "false"}, "query.own_overdue"),
        ({"view": "long"}, "query.view"),
    ],
)
async def test_what_cannot_be_asked_is_named(
    service: Service, people: People, query: dict[str, str], field: str
) -> None:
    answer = await service.client.get("/v1/feedback", params=query, headers=people["desk"])
    assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (422, [field])


async def test_as_long_as_nothing_changes_304_says_enough(service: Service, people: People, clock: FixedClock) -> None:
    await sent(service, people, 1)
    await all_ended(service.here.engine)
    cursor = (await since(service, people["desk"], "start")).json()["since"]
    first = await since(service, people["desk"], cursor)
    known = people["desk"] | {"If-None-Match": first.headers["etag"]}
    assert (await since(service, known, cursor)).status_code == 304
    clock.advance(timedelta(days=1))  # the cursor is given anew, so that one that is asked with never ends
    later = await since(service, known, cursor)
    assert (later.status_code, later.json()["items"], later.json()["since"] != cursor) == (200, [], True)


async def test_what_left_is_forgotten_after_every_cursor(service: Service) -> None:
    async with service.here.engine.begin() as conn:
        rows = [(f"unit:{days}", days) for days in (1, 30, 32)]
        for reader, days in rows:
            left_at = func.now() - timedelta(days=days)
            await conn.execute(insert(out_of_sight).values(reader=reader, code="PA", left_at=left_at))
        assert (await forget(conn, service.here.clock.now(), service.here)).moved == 1
    assert {reader for (reader,) in await service.rows(select(out_of_sight.c.reader))} == {"unit:1", "unit:30"}
