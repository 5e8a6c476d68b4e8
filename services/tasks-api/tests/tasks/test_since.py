"""`since` of tasks: a unit that follows its list has what the list has, whichever transaction commits first."""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.calendar.clock import FixedClock
from tasks_api.tasks import repository
from tasks_api.tasks.domain import UnitRole
from tasks_api.tasks.models import task_out_of_sight, task_parties, tasks
from tasks_api.tasks.timers import forget
from tests.support.following import Follower, all_ended
from tests.support.http import Headers, Query
from tests.support.tasks import Api

from .test_tasks_http import HELPER, LEAD, STRANGER, assign

WRITERS = 2
LISTS: Sequence[tuple[str, dict[str, Query]]] = (
    ("office", {"status": "in_progress"}),
    ("office", {"mine": True, "limit": 150}),
    (LEAD, {"limit": 2}),
    (HELPER, {"role": "coordinating"}),
    (HELPER, {"view": "brief"}),
    (STRANGER, {}),
)


def who(api: Api, name: str) -> Headers:
    return api.coordinator if name == "office" else api.officer(name)


def following(api: Api, name: str, **query: Query) -> Follower:
    return Follower(lambda asked: api.get("/v1/tasks", who(api, name), **asked), **query)


async def change(conn: AsyncConnection, id_: int, what: str) -> None:
    """Something that actions do to a task."""
    if what in {HELPER, STRANGER}:
        await repository.set_coordinating(conn, id_, [what])
    elif what == "no help":
        await repository.set_coordinating(conn, id_, [])
    elif what == "drop":
        gone = task_parties.c.task_id == id_, task_parties.c.unit == STRANGER
        await conn.execute(delete(task_parties).where(*gone))
    elif what == "related":
        await repository.add_roles(conn, {id_: {STRANGER: [UnitRole.RELATED]}})
    else:
        values: dict[str, Any] = {"status": what, "version": tasks.c.version + 1}
        await conn.execute(update(tasks).where(tasks.c.id == id_).values(values))


step = st.one_of(
    st.tuples(
        st.just("change"),
        st.integers(0, 3),
        st.sampled_from([HELPER, STRANGER, "no help", "drop", "related", "in_progress", "not_started"]),
    ),
    st.tuples(st.just("end"), st.integers(0, WRITERS - 1), st.booleans()),
    st.tuples(st.just("ask"), st.integers(0, len(LISTS) - 1), st.none()),
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(step, min_size=5, max_size=30))
async def test_nothing_is_missed_whichever_commits_first(city: Api, steps: list[tuple[str, int, Any]]) -> None:
    async with city.here.engine.connect() as conn:
        newest = select(tasks.c.id).where(tasks.c.lead_unit == LEAD).order_by(tasks.c.id.desc()).limit(4)
        ids = list(await conn.scalars(newest))
    followers = [following(city, name, **query) for name, query in LISTS]
    async with AsyncExitStack() as stack:
        writers = [await stack.enter_async_context(city.here.engine.connect()) for _ in range(WRITERS)]
        for what, which, more in steps:
            match what:
                case "change":  # each writer has tasks of its own: none waits for another
                    await change(writers[which % WRITERS], ids[which], more)
                case "end" if more:
                    await writers[which].commit()
                case "end":
                    await writers[which].rollback()
                case _:
                    await followers[which].ask()
        for writer in writers:
            await writer.commit()
    await all_ended(city.here.engine)
    for follower in followers:
        await follower.catch_up()
        assert follower.kept == await follower.listed()


async def test_a_parent_is_told_anew_with_its_children(city: Api) -> None:
    parent = await assign(city)
    office = following(city, "office")
    await all_ended(city.here.engine)
    await office.catch_up()
    child = await assign(city, parent=parent["code"])
    await all_ended(city.here.engine)
    assert set(await office.catch_up()) == {parent["code"], child["code"]}
    assert office.kept[parent["code"]]["children"] == [child["code"]]


async def test_a_unit_that_helps_no_more_is_told_once(city: Api) -> None:
    task = await assign(city)
    helper = following(city, HELPER)
    await all_ended(city.here.engine)
    assert task["code"] in await helper.catch_up()
    async with city.here.engine.begin() as conn:
        id_ = (await conn.execute(select(tasks.c.id).where(tasks.c.code == task["code"]))).scalar_one()
        await repository.set_coordinating(conn, id_, [])
    await all_ended(city.here.engine)
    assert await helper.catch_up() == [task["code"]]
    assert task["code"] not in helper.kept
    assert await helper.catch_up() == []


async def test_what_cannot_be_asked_is_named(city: Api, clock: FixedClock) -> None:
    office = city.coordinator
    first = (await city.get("/v1/tasks", office, since="start", limit=1, status="not_started")).json()["since"]
    for query, field in (
        ({"since": "abc"}, "query.since"),
        ({"since": "start", "cursor": "WzFd"}, "query.cursor"),
        ({"since": "start", "overdue": True}, "query.overdue"),
        ({"view": "all"}, "query.view"),
    ):
        answer = await city.get("/v1/tasks", office, **query)
        assert (answer.status_code, [each["field"] for each in answer.json()["errors"]]) == (422, [field])
    of_another = await city.get("/v1/tasks", office, since=first)
    clock.advance(timedelta(days=30))
    too_old = await city.get("/v1/tasks", office, since=first, status="not_started")
    for answer in (of_another, too_old):
        assert (answer.status_code, answer.json()["code"]) == (410, "list-to-be-read-anew")
    assert (await city.get("/v1/tasks/export.csv", office, since="start")).status_code == 422


@pytest.mark.parametrize("query", [{}, {"view": "brief"}])
async def test_a_list_that_has_not_changed_is_not_sent_again(city: Api, query: dict[str, Query]) -> None:
    await all_ended(city.here.engine)
    first = await city.get("/v1/tasks", city.officer(LEAD), **query)
    assert first.status_code == 200
    known = city.officer(LEAD) | {"If-None-Match": first.headers["etag"]}
    assert (await city.get("/v1/tasks", known, **query)).status_code == 304
    await assign(city)
    await all_ended(city.here.engine)
    assert (await city.get("/v1/tasks", known, **query)).status_code == 200


async def test_what_left_is_forgotten_after_every_cursor(city: Api) -> None:
    async with city.here.engine.begin() as conn:
        id_ = await conn.scalar(select(func.min(tasks.c.id)))
        for days in (1, 30, 32):
            row = {"unit": f"{days}", "task_id": id_, "left_at": func.now() - timedelta(days=days)}
            await conn.execute(insert(task_out_of_sight).values(**row))
        assert (await forget(conn, city.here.clock.now(), city.here)).moved == 1
        assert set(await conn.scalars(select(task_out_of_sight.c.unit))) == {"1", "30"}
