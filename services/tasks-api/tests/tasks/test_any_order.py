"""Whoever does whatever in whatever order with a family of tasks, over HTTP: what the model refuses changes nothing,
what it allows changes what it says and no more, and the events tell all of it."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from cchc_shared.calendar.clock import FixedClock
from cchc_shared.http import access_log
from tests.support.databases import Database
from tests.support.tasks import Profile
from tests.support.tokens import TestTokens

from ..conftest import BEGIN, parties_know_what_is_late, running, settings_for
from .model import ACTIONS, CALLERS, CITY, HELPER, LEAD, OFFICE, OTHER, STRANGER
from .walk import Walk

UNITS = {
    CITY: "province",
    OFFICE: "service_unit",
    LEAD: "department",
    OTHER: "department",
    HELPER: "department",
    STRANGER: "department",
}
ACTORS = sorted(name for name, caller in CALLERS.items() if caller.roles)


FAMILIES = (
    "one",
    "with a child",
    "of many",
    "of many, and one is done",
    "of many, in many",
    "of a department",
)


class Machine(RuleBasedStateMachine):
    """Needs a service: see `AnyOrder`."""

    walk: Walk
    run: Callable[[Coroutine[Any, Any, None]], None]

    @initialize(
        family=st.sampled_from(FAMILIES),
        days=st.sampled_from([None, 3, 7, 40]),
    )
    def assign(self, family: str, days: int | None) -> None:
        self.walk.stands.clear()
        self.walk.clock.advance(BEGIN - self.walk.clock.now())
        self.run(self._assign(family, days))

    async def _assign(self, family: str, days: int | None) -> None:
        walk = self.walk
        match family:
            case "one":
                await walk.assign(days=days)
            case "with a child":
                parent = await walk.assign(days=days)
                await walk.assign(days=days, lead=OTHER, parent=parent)
                child = await walk.assign(days=days and days - 1, lead=STRANGER, parent=parent)
                await walk.assign(days=days and days - 1, lead=OTHER, parent=child)
            case "of many":
                await walk.assign(days=days, lead="all-departments")
            case "of many, and one is done":
                whole = await walk.assign(days=days, lead="all-departments")
                first, second, *_ = walk.children(whole)
                for action, who in (("start", "officer"), ("report", "officer"), ("approve", "head")):
                    await walk.take(first, action, f"{who} of {walk.stands[first].lead}")
                await walk.take(first, "approve", "coordinator")
                await walk.take(second, "transfer", f"head of {walk.stands[second].lead}")
            case "of many, in many":
                whole = await walk.assign(days=days, lead="all-departments")
                await walk.assign(days=days, lead="all-departments", parent=whole)
            case "of a department":
                await walk.assign(f"coordinator of {LEAD}", days=days)

    @rule(data=st.data(), action=st.sampled_from(sorted(ACTIONS)), days=st.integers(-3, 35))
    def act(self, data: st.DataObject, action: str, days: int) -> None:
        """Somebody who may, if there is one, or anybody."""
        walk = self.walk
        code = data.draw(st.sampled_from(sorted(walk.stands)))
        body = walk.body(action, code, days)
        if action == "transfer" and data.draw(st.booleans()):
            body["due_on"] = str(walk.today + timedelta(days=days))
        able = [name for name in ACTORS if action in walk.stands[code].possible(CALLERS[name])]
        anybody = not able or data.draw(st.integers(0, 3)) == 0
        who = data.draw(st.sampled_from(ACTORS if anybody else able))
        self.run(self._act(code, action, who, body))

    async def _act(self, code: str, action: str, who: str, body: dict[str, Any]) -> None:
        expected = self.walk.expected(code, action, who, body)
        if expected == "200":
            await self.walk.take(code, action, who, **body)
            return
        before = await self.walk.everything()
        answer = await self.walk.send(code, action, who, body)
        self.walk.judge(code, action, who, expected, answer.status_code, answer.json())
        assert await self.walk.everything() == before, "something refused was done"

    @rule(days=st.sampled_from([0, 1, 4, 11]), hours=st.integers(1, 20))
    def wait(self, days: int, hours: int) -> None:
        self.walk.clock.advance(timedelta(days=days, hours=hours))

    def teardown(self) -> None:
        self.run(parties_know_what_is_late(self.walk.api.here.engine))


@pytest.fixture
def quiet() -> Iterator[None]:
    access_log.write_with(lambda _: None)
    yield
    access_log.write_with(access_log.by_structlog)


@pytest.mark.usefixtures("quiet")
def test_any_order_by_anybody(database: Database, tokens: TestTokens, profile: Profile) -> None:
    with asyncio.Runner() as runner:
        stack, clock = AsyncExitStack(), FixedClock(BEGIN)

        async def begin() -> Walk:
            api = await stack.enter_async_context(running(settings_for(database, tokens), tokens, clock))
            for code, kind in UNITS.items():
                unit = {"name": code, "kind": kind, "valid_from": None}
                assert (await api.send("PUT", f"/v1/units/{code}", api.operator, json=unit)).status_code == 201
            return Walk(api, clock, profile.calendar)

        class AnyOrder(Machine):
            walk = runner.run(begin())
            run = staticmethod(runner.run)

        try:
            run_state_machine_as_test(
                AnyOrder,
                settings=settings(
                    max_examples=30, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
                ),
            )
        finally:
            runner.run(stack.aclose())
