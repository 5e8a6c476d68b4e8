"""Whoever does whatever in whatever order with inspections and what they recommend, over HTTP: what the model refuses
changes nothing, what it allows changes what it says, nobody learns of what is hidden, and the events tell all of it."""

import random
from collections import Counter
from datetime import timedelta
from typing import Any, Final

from cchc_shared.calendar.clock import FixedClock
from tests.support.tasks import Api

from ..any_order import define_units, quiet
from .model import ACTIONS_OF, CALLERS
from .office import INSPECTED, INSPECTING, OTHER, STRANGER, tree
from .walk import Walk

INSPECTIONS, STEPS = 20, 36
NAMES: Final = sorted(CALLERS)


class AnyOrder:
    """One inspection, with all that it recommends; its choices are those of its number."""

    def __init__(self, walk: Walk, number: int, tried: Counter[str]) -> None:
        self.walk, self.tried = walk, tried
        self.choose = random.Random(number)  # noqa: S311 - it chooses what is tried

    async def run(self) -> None:
        walk, choose = self.walk, self.choose
        code = await walk.plan(unannounced=choose.random() < 0.6)
        for _ in range(STEPS):
            mine = sorted(each for each in walk.things if each.startswith(code))
            if choose.random() < 0.15:
                await walk.read(choose.choice(mine), choose.choice(NAMES))
            elif choose.random() < 0.1:
                walk.clock.advance(timedelta(days=choose.choice([0, 1, 3]), hours=choose.randint(1, 20)))
            else:
                await self._act(choose.choice(mine))
        for each in mine:
            await walk.compare(each)
        await walk.count()

    async def _act(self, code: str) -> None:
        """By somebody to whom nothing but a rule can say no, if there is one, or by anybody; now and then by one who
        saw an earlier version."""
        walk, choose = self.walk, self.choose
        thing = walk.things[code]
        actions = [each for each in ACTIONS_OF[type(thing)] if each != "cancel" or choose.random() < 0.15]
        leading_on = [each for each in actions if any(thing.may(each, caller) for caller in CALLERS.values())]
        action = choose.choice(leading_on if leading_on and choose.random() < 0.7 else actions)
        body = self._body(action)
        able = [name for name in NAMES if walk.refusal(code, action, name, body) in {"", "422 invalid"}]
        who = choose.choice(NAMES if not able or choose.random() < 0.3 else able)
        unseen = choose.random() < 0.05
        self.tried[f"{action} {walk.refusal(code, action, who, body, unseen=unseen)}"] += 1
        await walk.act(code, action, who, body, unseen=unseen)

    def _body(self, action: str) -> dict[str, Any]:
        choose = self.choose
        bodies: dict[str, dict[str, Any]] = {"report": {"content": "Đã làm"}}
        if action in {"cancel", "reopen"}:
            return {"reason": "Chưa xong"}
        if action == "conclude":
            due_on = str((self.walk.clock.now() + timedelta(days=choose.choice([1, 3, 9]))).date())
            trees = [
                tree(number, choose.randint(0, 2), responsible_unit=choose.choice([INSPECTED, INSPECTING, OTHER]))
                for number in range(1, choose.randint(2, 4))
            ]
            for each in trees:
                if each["recommendations"] or choose.random() < 0.25:  # a day without anything to do by then
                    each["due_on"] = due_on
            return {"conclusion_no": "12/KL", "conclusions": trees}
        return bodies.get(action, {})


async def test_any_order_by_anybody(api: Api, clock: FixedClock) -> None:
    await define_units(api, dict.fromkeys((INSPECTING, INSPECTED, OTHER, STRANGER), "department"))
    walk, tried = Walk(api, clock), Counter[str]()
    with quiet():
        for number in range(INSPECTIONS):
            await AnyOrder(walk, number, tried).run()
    rare = {"announce ", "start ", "conclude ", "cancel ", "report ", "confirm ", "reopen "}
    rare |= {"conclude 422 invalid", "start 404 not-found", "confirm 403 not-permitted", "report 409 wrong-state"}
    assert all(tried[each] > 0 for each in rare), tried
