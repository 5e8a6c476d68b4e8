"""Every action by everyone wherever a task may stand: what is refused changes nothing, and of those who act at once on
what they all saw, one does."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest

from cchc_shared.calendar.clock import FixedClock
from cchc_shared.contract.codes import Role, TaskStatus
from cchc_shared.http import access_log
from tasks_api.tasks.transitions import TaskAction
from tests.support.tasks import Api, Profile

from ..conftest import BEGIN
from .model import ACTIONS, CALLERS, CITY, LEAD, OFFICE, OTHER, STAGES
from .walk import Walk

OFFICER, HEAD, DESK = f"officer of {LEAD}", f"head of {LEAD}", "coordinator"
STARTED = [("start", OFFICER)]
REPORTED = [*STARTED, ("report", OFFICER)]
ENDORSED = [*REPORTED, ("approve", HEAD)]
ASKED = [*STARTED, ("request_extension", OFFICER)]
RETURNED = [("return", OFFICER)]
AT_CITY = [*RETURNED, ("start", f"officer of {CITY}"), ("report", f"head of {CITY}")]
WAYS: Mapping[str, list[tuple[str, str]]] = {
    "not started": [],
    "in progress": STARTED,
    "reported": REPORTED,
    "reported by its head": [*STARTED, ("report", HEAD)],
    "endorsed": ENDORSED,
    "completed": [*ENDORSED, ("approve", DESK)],
    "rejected": [*ENDORSED, ("reject", DESK)],
    "extension requested": ASKED,
    "extended": [*ASKED, ("grant_extension", DESK)],
    "extended twice": [*ASKED, ("grant_extension", DESK), ("request_extension", HEAD), ("grant_extension", DESK)],
    "extension denied": [*ASKED, ("deny_extension", f"head of {CITY}")],
    "with an officer, urged": [("assign_officer", HEAD), *STARTED, ("urge", HEAD)],
    "close proposed": [("propose_close", OFFICER)],
    "closed": [("close", DESK)],
    "returned": RETURNED,
    "returned and reported": AT_CITY,
    "returned and endorsed": [*RETURNED, ("start", f"officer of {CITY}"), ("report", f"officer of {CITY}"),
                              ("approve", f"head of {CITY}")],
    "transferred by its head": [*STARTED, ("transfer", HEAD)],
    "transferred by the office": [("transfer", f"coordinator of {OFFICE}")],
    "handed over and judged": [("transfer", HEAD), ("mark_unjustified", DESK)],
    "handed over, judged, withdrawn": [("transfer", HEAD), ("mark_unjustified", DESK), ("mark_unjustified", DESK)],
    "handed over twice and closed": [("transfer", HEAD), ("return", f"head of {OTHER}"), ("close", DESK)],
}  # fmt: skip
ANYWHERE = {"401", "403 forbidden"}
"""Does not depend on where a task stands: tried on one alone."""
Bodies = Mapping[str, Mapping[str, Any]]
"""What is given with an action, by task."""
LATE = ("in progress", "reported", "endorsed", "extension requested", "close proposed", "not started")


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Thousands of lines would hide what failed."""
    access_log.write_with(lambda _: None)
    yield
    access_log.write_with(access_log.by_structlog)


@pytest.fixture
def walk(city: Api, clock: FixedClock, profile: Profile) -> Walk:
    return Walk(city, clock, profile.calendar)


def test_the_model_knows_every_action_status_and_role() -> None:
    assert set(ACTIONS) == set(TaskAction)
    assert set(TaskStatus) == {*STAGES} - {"endorsed"}
    assert {role for caller in CALLERS.values() for role in caller.roles} == set(Role)


async def bring(walk: Walk, way: list[tuple[str, str]], who: str, days: int | None) -> str:
    code = await walk.assign(who, days=days)
    for action, actor in way:
        walk.clock.advance(timedelta(minutes=1))
        await walk.take(code, action, actor)
    return code


async def bring_again(walk: Walk, way: list[tuple[str, str]], who: str, days: int | None) -> str:
    """Another one on the same day, alone: its way was compared before."""
    walk.stands.clear()
    walk.clock.advance(BEGIN - walk.clock.now())
    code = await walk.assign(who, days=days)
    for action, actor in way:
        walk.clock.advance(timedelta(minutes=1))
        await walk.go(code, action, actor)
    return code


async def refuse(walk: Walk) -> dict[str, dict[str, list[str]]]:
    """Try all that is refused to any of these tasks; by task and action, who may take it.

    The first of a kind is asked for by itself. All others are asked for of all tasks in one request: it is the request,
    not what is decided in it, that takes the time.
    """
    able: dict[str, dict[str, list[str]]] = {code: {} for code in walk.stands}
    tried: set[tuple[str, ...]] = set()
    before = await walk.everything()
    for action in ACTIONS:
        bodies = {code: walk.body(action, code) for code in walk.stands}
        for who in CALLERS:
            many: dict[str, str] = {}
            for code, body in bodies.items():
                expected = walk.expected(code, action, who, body)
                kind = (action, expected, who) if expected in ANYWHERE else (action, expected)
                if expected == "200":
                    able[code].setdefault(action, []).append(who)
                elif kind not in tried:
                    tried.add(kind)
                    answer = await walk.send(code, action, who, body)
                    walk.judge(code, action, who, expected, answer.status_code, answer.json())
                elif expected not in ANYWHERE:
                    many[code] = expected
            await refuse_many(walk, action, who, bodies, many)
        await refuse_unseen(walk, action, bodies, able)
    assert await walk.everything() == before, "something refused was done"
    return able


async def refuse_many(walk: Walk, action: str, who: str, bodies: Bodies, expected: Mapping[str, str]) -> None:
    if not expected:
        return
    results = await walk.send_many(action, who, {code: bodies[code] for code in expected})
    for (code, each), result in zip(expected.items(), results, strict=True):
        walk.judge(code, action, who, each, result["status"], result["problem"] or {})


async def refuse_unseen(walk: Walk, action: str, bodies: Bodies, able: Mapping[str, Mapping[str, list[str]]]) -> None:
    """Who may take it did not see the version that they name."""
    seen: dict[str, dict[str, Mapping[str, Any]]] = {}
    for code, actions in able.items():
        if action in actions:
            seen.setdefault(actions[action][0], {})[code] = bodies[code]
    for who, given in seen.items():
        stale = await walk.send_many(action, who, given, ahead=1)
        assert [each["status"] for each in stale] == [412] * len(given), (action, who)


async def shows(walk: Walk) -> None:
    """Each task is there for who may read it, with what they can do."""
    for each, caller in CALLERS.items():
        for code, stand in walk.stands.items():
            answer = await walk.api.get(f"/v1/tasks/{code}", walk.headers(caller))
            assert (answer.status_code == 200) == stand.readable(caller), (each, stand)
            if answer.status_code == 200:
                assert set(answer.json()["possible"]) & ACTIONS.keys() == stand.possible(caller), (each, stand)


async def all_by_everyone(
    walk: Walk, names: Iterable[str], late: timedelta = timedelta(0), who: str = DESK, days: int | None = 7
) -> None:
    ways = {await bring(walk, WAYS[name], who, days): name for name in names}
    walk.clock.advance(late)
    able = await refuse(walk)
    await shows(walk)
    for code, name in ways.items():
        for action, callers in able[code].items():
            again = await bring_again(walk, WAYS[name], who, days)
            walk.clock.advance(late)
            await walk.take(again, action, *callers)


async def test_every_action_by_everyone(walk: Walk) -> None:
    await all_by_everyone(walk, WAYS)


async def test_every_action_by_everyone_when_it_is_late(walk: Walk) -> None:
    await all_by_everyone(walk, LATE, late=timedelta(days=20))


async def test_every_action_by_everyone_on_what_a_department_assigned(walk: Walk) -> None:
    names = ("not started", "reported", "endorsed", "extension requested", "transferred by its head")
    await all_by_everyone(walk, names, who=f"coordinator of {LEAD}")


async def test_every_action_by_everyone_on_what_has_no_day(walk: Walk) -> None:
    await all_by_everyone(walk, ("not started", "in progress", "close proposed"), days=None)
