"""Progress of conclusions and recommendations: the published figures, and any day as a replay of the history."""

import random
from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from cchc_shared.calendar.clock import FixedClock
from cchc_shared.contract.codes import RecommendationStatus

from .office import INSPECTED, OTHER, Office, path_of, tree


async def test_sixty_conclusions_as_the_city_published_them(office: Office) -> None:
    """60 conclusions, 44 done and 16 in progress; those 16 hold 50 recommendations, 24 done and 26 not."""
    below = [4] * 2 + [3] * 14
    found = await office.concluded(*[tree(n + 1, below[n] if n < len(below) else 0) for n in range(60)])
    first = [conclusion["recommendations"] for conclusion in found["conclusions"][: len(below)]]
    assert sum(map(len, first)) == 50
    candidates = [each for recommendations in first for each in recommendations[1:]]
    for each in candidates[:24]:
        await office.carried_out(each)
    counted = await office.progress()
    assert counted["conclusions"] == {"total": 60, "done": 44, "open": 16}
    assert counted["recommendations_of_open_conclusions"] == {"total": 50, "done": 24, "open": 26}
    assert counted["recommendations"] == {"total": 50, "done": 24, "open": 26, "reported": 0, "overdue": 0}
    shown = (await office.api.get(path_of(found), office.api.coordinator)).json()["conclusions"]
    assert Counter(each["open"] for each in shown) == {False: 44, True: 16}
    late = await office.progress(as_of="2024-07-01", unit=INSPECTED)
    assert (late["recommendations"]["overdue"], late["conclusions"]["open"]) == (26, 16)
    assert (await office.progress(as_of="2024-06-30"))["recommendations"]["overdue"] == 0
    before = await office.progress(as_of="2024-06-02")
    assert (before["conclusions"]["total"], before["inspections"]["total"]) == (0, 0)


async def test_recommendations_of_closed_conclusions_count_as_well(office: Office) -> None:
    found = await office.concluded(tree(1, 2), tree(2, 1))
    await office.carried_out(found["conclusions"][1]["recommendations"][0])
    await office.act(found["conclusions"][0]["recommendations"][0], "report", office.head, content="Đã làm")
    counted = await office.progress()
    assert counted["conclusions"] == {"total": 2, "done": 1, "open": 1}
    assert counted["recommendations"] == {"total": 3, "done": 1, "open": 2, "reported": 1, "overdue": 0}
    assert counted["recommendations_of_open_conclusions"] == {"total": 2, "done": 0, "open": 2}


@pytest.mark.parametrize("seed", range(3))
async def test_progress_on_any_day_is_a_replay_of_the_history(office: Office, clock: FixedClock, seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311 - nobody guesses it
    steps = {"open": ["report"], "reported": ["confirm", "reopen"], "done": ["reopen"]}
    codes: list[str] = []
    for _ in range(60):
        clock.advance(timedelta(hours=dice.randrange(30)))
        if not codes or dice.random() < 0.15:
            shape = [
                tree(number + 1, dice.randrange(4), **({"responsible_unit": OTHER} if dice.random() < 0.5 else {}))
                | {"due_on": None}
                for number in range(dice.randrange(1, 5))
            ]
            for conclusion in shape:
                for each in conclusion["recommendations"]:
                    each["due_on"] = (clock.now() + timedelta(days=dice.randrange(1, 20))).date().isoformat()
            found = await office.concluded(*shape)
            codes += [each["code"] for one in found["conclusions"] for each in one["recommendations"]]
            continue
        thing = (await office.api.get(f"/v1/recommendations/{dice.choice(codes)}", office.api.coordinator)).json()
        action = dice.choice(steps[thing["status"]])
        who = office.api.officer(thing["responsible_unit"]) if action == "report" else office.inspector
        await office.act(thing, action, who, **{"report": {"content": "Đã làm"}}.get(action, {"reason": "Xem lại"}))
    trees = await everything(office)
    today = clock.now().date()
    for day in (date(2024, 6, 2) + timedelta(days=n) for n in range((today - date(2024, 6, 2)).days + 3)):
        for unit in (None, INSPECTED, OTHER):
            counted = await office.progress(as_of=day.isoformat(), unit=unit)
            assert {name: counted[name] for name in ("conclusions", "recommendations")} == replayed(trees, day, unit)
            for counts in (counted["conclusions"], counted["recommendations"]):
                assert counts["done"] + counts["open"] == counts["total"]


async def everything(office: Office) -> list[dict[str, Any]]:
    """Each conclusion with its inspection's day, and each of its recommendations with its history."""
    conclusions = []
    page = (await office.api.get("/v1/inspections", office.api.coordinator, limit=200)).json()["items"]
    for item in page:
        found = (await office.api.get(path_of(item), office.api.coordinator)).json()
        for conclusion in found["conclusions"]:
            assert conclusion["open"] == any(each["open"] for each in conclusion["recommendations"])
            for each in conclusion["recommendations"]:
                answer = await office.api.get(path_of(each) + "/history", office.api.coordinator)
                each["history"] = answer.json()["items"]
            conclusions.append(conclusion | {"on": local_day(found["concluded_at"])})
    return conclusions


def replayed(conclusions: list[dict[str, Any]], day: date, unit: str | None) -> dict[str, Any]:
    """The same counts from the histories alone."""
    of_conclusions, of_recommendations, reported, overdue = Counter[bool](), Counter[bool](), 0, 0
    for conclusion in (each for each in conclusions if each["on"] <= day):
        still_open = []
        for each in conclusion["recommendations"]:
            last = [line for line in each["history"] if local_day(line["at"]) <= day][-1]
            status, due_on = last["status"], date.fromisoformat(each["due_on"])
            awaiting = status == RecommendationStatus.REPORTED and local_day(last["at"]) <= due_on
            still_open.append(status != RecommendationStatus.DONE)
            if unit in {None, each["responsible_unit"]}:
                of_recommendations[still_open[-1]] += 1
                reported += status == RecommendationStatus.REPORTED
                overdue += still_open[-1] and due_on < day and not awaiting
        if unit in {None, conclusion["responsible_unit"]}:
            of_conclusions[any(still_open)] += 1
    return {
        "conclusions": counts(of_conclusions),
        "recommendations": counts(of_recommendations) | {"reported": reported, "overdue": overdue},
    }


def counts(found: Counter[bool]) -> dict[str, int]:
    return {"total": found.total(), "done": found[False], "open": found[True]}


def local_day(instant: str) -> date:
    """The day in Hanoi."""
    return (datetime.fromisoformat(instant) + timedelta(hours=7)).date()
