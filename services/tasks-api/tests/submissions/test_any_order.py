"""Whoever does whatever in whatever order with questions and with the papers that wait for them, over HTTP: what the
model refuses changes nothing, what it allows changes what it says, and the events tell all of it."""

import random
from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from cchc_shared.calendar.clock import FixedClock
from tests.support.tasks import Api, Profile

from ..any_order import define_units, quiet
from ..conftest import BEGIN
from .model import ASKED, CALLERS, CITY, CONTENTS, DEEMED, LEAD, OTHER, STRANGER
from .walk import Walk

UNITS = {CITY: "province", **dict.fromkeys((LEAD, ASKED, OTHER, STRANGER), "department")}
WHY = "Vượt định mức"
ANSWERS: Final[list[dict[str, Any]]] = [
    {"opinion": "agree"},
    {"opinion": "agree_with_changes", "content": WHY},
    {"opinion": "agree_with_changes"},
    {"opinion": "disagree", "content": WHY},
    {"opinion": "disagree"},
    {"opinion": "agree", "per_content": [{"content": CONTENTS[1], "opinion": "disagree", "reason": WHY}]},
    {
        "opinion": "disagree",
        "content": WHY,
        "per_content": [
            {"content": CONTENTS[0], "opinion": "agree"},
            {"content": CONTENTS[1], "opinion": "disagree", "reason": WHY},
        ],
    },
    {"opinion": "disagree", "content": WHY, "per_content": [{"content": CONTENTS[1], "opinion": "disagree"}]},
]
RETURNS = ["own_competence", "incomplete", "not_competent"]
NAMES = sorted(CALLERS)
BY_RULE: Final = {"", "422 invalid", "409 submission-not-ready"}


EXAMPLES, STEPS = 20, 60
KINDS = sorted(DEEMED)
STEPS_OF: Final[Mapping[str, int]] = {"question": 6, "papers": 10, "read": 1, "wait": 1, "lapse": 1, "work": 1}
"""What is done next, and how often."""


class AnyOrder:
    """One example: its choices are those of its number."""

    def __init__(self, walk: Walk, number: int, tried: Counter[str]) -> None:
        self.walk, self.choose, self.tried = walk, random.Random(number), tried  # noqa: S311 - it chooses what is tried

    async def run(self) -> None:
        walk, choose = self.walk, self.choose
        walk.clock.advance(BEGIN - walk.clock.now())
        await walk.begin()
        for unit in choose.sample([ASKED, OTHER], 2):
            await walk.ask(unit, choose.choice(KINDS), choose.randint(2, 5))
        await walk.draft(choose.choice([CITY, OTHER]), sorted(walk.asked))
        for step in choose.choices(list(STEPS_OF), list(STEPS_OF.values()), k=STEPS):
            await getattr(self, step)()
        await walk.work()
        for code in (*walk.asked, *walk.papers):
            await walk.compare(code)

    async def question(self) -> None:
        walk, choose = self.walk, self.choose
        action = choose.choice(["ask", "answer", "answer", "answer", "answer", "return", "withdraw"])
        if action == "ask":
            if len(walk.asked) < 5:
                await walk.ask(choose.choice([ASKED, OTHER]), choose.choice(KINDS), choose.randint(2, 5))
            return
        bodies = {
            "answer": choose.choice(ANSWERS),
            "return": {"reason": choose.choice(["out_of_competence", "belongs_to_requester"])},
            "withdraw": {"reason": WHY},
        }
        await self._act(choose.choice(sorted(walk.asked)), action, bodies[action])

    async def papers(self) -> None:
        walk, choose = self.walk, self.choose
        action = choose.choice(
            ["draft", "record_meeting", "record_meeting", "send", "send", "send", "return", "approve"]
        )
        if action == "draft":
            if len(walk.papers) < 4:
                await walk.draft(choose.choice([CITY, OTHER]), choose.sample(sorted(walk.asked), 1))
            return
        day = walk.today + timedelta(days=choose.choice([0, 0, 0, -1, -2, 1]))
        units = choose.choice([[ASKED], [OTHER], [ASKED, OTHER], [LEAD, ASKED]])
        bodies: dict[str, dict[str, Any]] = {
            "record_meeting": {"on": str(day), "participants": units, "result": "Đã thống nhất"},
            "return": {"reason": choose.choice(RETURNS)},
        }
        await self._act(choose.choice(sorted(walk.papers)), action, bodies.get(action, {}))

    async def _act(self, code: str, action: str, body: dict[str, Any]) -> None:
        """By somebody to whom nothing but a rule can say no, if there is one, or by anybody; now and then by one who
        saw an earlier version."""
        walk, choose = self.walk, self.choose
        answers = {name: walk.refusal(code, action, name, body, unseen=False) for name in NAMES}
        able = [name for name, answer in answers.items() if answer in BY_RULE]
        who = choose.choice(NAMES if not able or choose.random() < 0.2 else able)
        unseen = choose.random() < 0.05
        self.tried[f"{action} {walk.refusal(code, action, who, body, unseen=unseen)}"] += 1
        await walk.act(code, action, who, body, unseen=unseen)

    async def read(self) -> None:
        code = self.choose.choice(sorted({*self.walk.asked, *self.walk.papers}))
        await self.walk.read(code, self.choose.choice(NAMES))

    async def wait(self) -> None:
        self.walk.clock.advance(timedelta(days=self.choose.choice([0, 0, 1, 2]), hours=self.choose.randint(1, 20)))

    async def lapse(self) -> None:
        """The very instant of a deadline comes: what is then asked for comes too late."""
        now = self.walk.clock.now()
        if waiting := [each.due_at for each in self.walk.asked.values() if each.at(now).status == "open"]:
            self.walk.clock.advance(min(waiting) - now)

    async def work(self) -> None:
        await self.walk.work()


async def test_any_order_by_anybody(api: Api, clock: FixedClock, profile: Profile) -> None:
    await define_units(api, UNITS)
    walk, tried = Walk(api, clock, profile.calendar), Counter[str]()
    with quiet():
        for number in range(EXAMPLES):
            await AnyOrder(walk, number, tried).run()
    rare = {"send ", "send 409 submission-not-ready", "answer ", "answer 422 invalid", "answer 412 stale-version"}
    rare |= {"approve ", "return ", "record_meeting ", "record_meeting 422 invalid", "withdraw "}
    assert all(tried[each] >= 5 for each in rare), tried
