"""Every action by asker, asked, a foreign unit and oversight, in every state; what is refused changes nothing."""

from typing import Any

import pytest

from cchc_shared.calendar.clock import FixedClock
from tests.support.tasks import Api

from .asking import ASKED, BODIES, FOREIGN, LEAD, act, ask, due, seen, set_to

BEFORE: dict[str, tuple[str, str] | None] = {
    "open": None,
    "answered": ("answer", ASKED),
    "returned": ("return", ASKED),
    "withdrawn": ("withdraw", LEAD),
}
"""How a question comes to be as it is before the deadline."""
MAY = {
    ("open", "answer", ASKED): "answered",
    ("open", "return", ASKED): "returned",
    ("open", "withdraw", LEAD): "withdrawn",
    ("deemed_agreed", "answer", ASKED): "deemed_agreed",
    ("silent", "answer", ASKED): "silent",
}
EVERYBODY = (ASKED, LEAD, FOREIGN, "coordinator", "inspector", "citizen")


async def brought(api: Api, clock: FixedClock, status: str) -> dict[str, Any]:
    asked = await ask(api, kind="ordinary" if status.startswith("silent") else "city_administration")
    if status in BEFORE:
        step = BEFORE[status]
        if step is not None:
            assert (await act(api, asked, step[0], api.officer(step[1]))).status_code == 200
    else:
        set_to(clock, due(asked))
        if status.endswith(" late"):
            assert (await act(api, await seen(api, asked["id"]), "answer", api.officer(ASKED))).status_code == 200
    return await seen(api, asked["id"])


@pytest.mark.parametrize("status", [*BEFORE, "deemed_agreed", "silent", "deemed_agreed late", "silent late"])
async def test_every_action_by_everyone(city: Api, clock: FixedClock, status: str) -> None:
    asked = await brought(city, clock, status)
    for action in BODIES:
        for who in EVERYBODY:
            if (status, action, who) in MAY:
                continue
            token = city.token(who) if who in EVERYBODY[3:] else city.head(who)
            answer = await act(city, asked, action, token)
            if who in EVERYBODY[3:]:
                assert answer.status_code == 403
            elif who == FOREIGN:
                assert answer.status_code == 404
            elif any((status, action, other) in MAY for other in EVERYBODY):
                assert (answer.status_code, answer.json()["code"]) == (403, "not-permitted")
            else:
                possible = [each for each in BODIES if (status, each, who) in MAY]
                assert (answer.status_code, answer.json()["possible"]) == (409, possible)
            assert await seen(city, asked["id"]) == asked
    for (state, action, who), target in MAY.items():
        if state == status:
            here = asked if status != "open" else await brought(city, clock, status)
            assert (await seen(city, here["id"], city.officer(who)))["possible"].count(action) == 1
            done = await act(city, here, action, city.officer(who))
            assert (done.status_code, done.json().get("status")) == (200, target)
            assert (await act(city, here, action, city.officer(who))).status_code == 412
