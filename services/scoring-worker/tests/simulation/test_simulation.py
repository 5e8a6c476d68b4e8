"""Simulations: what would be, and nothing of it stays."""

from datetime import timedelta

import pytest

from cchc_shared.calendar.clock import FixedClock
from tests.support.http import Json
from tests.support.scored import MORNING, task, unit
from tests.support.scoring import ScoringService

JUNE = {"set": "CCHC-CITY", "period": "2026-06"}


@pytest.fixture
async def tasks(service: ScoringService, clock: FixedClock) -> ScoringService:
    """A has done one of two that were due, and has a third; B has done its only one late."""
    early, late = MORNING + timedelta(days=1), MORNING + timedelta(days=3)
    clock.advance(timedelta(days=4))
    await service.apply(
        [
            unit("A"),
            unit("B"),
            *task(1, "A", early, MORNING + timedelta(hours=1)),
            *task(2, "A", early),
            *task(3, "A", MORNING + timedelta(days=20)),
            *task(4, "B", early, late),
        ]
    )
    return service


async def run(service: ScoringService, **tried: object) -> Json:
    answer = await service.post("/v1/simulations", {**JUNE, **tried})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def of(found: Json, code: str) -> tuple[Json, Json]:
    (item,) = [item for item in found["items"] if item["unit"] == code]
    return item["before"], item["after"]


async def test_without_changes_everything_is_as_it_is(tasks: ScoringService) -> None:
    found = await run(tasks)
    listed = (await tasks.get("/v1/scores", **JUNE)).json()["items"]
    shown = ("total", "max", "percent", "rank", "band")
    assert [item["unit"] for item in found["items"]] == [item["unit"] for item in listed]
    for item, score in zip(found["items"], listed, strict=True):
        assert item["before"] == item["after"] == {name: score[name] for name in shown}
    assert found["template"]
    assert found["notice"]


async def test_other_weights_and_rules(tasks: ScoringService) -> None:
    """A: 30 · 1/2 + 10 · 1/2 + 10 = 30 of 50. B: 0 + 10 + 10 = 20 of 50."""
    found = await run(tasks, criteria=[{"code": "1.1.1", "max": 0}, {"code": "1.1.2", "max": 40}])
    before, after = of(found, "A")
    assert (before["percent"], before["rank"], after["percent"], after["rank"]) == (60, 1, 60, 2)
    before, after = of(found, "B")
    assert (before["percent"], before["rank"], after["percent"], after["rank"]) == (40, 2, 100, 1)
    rule = {"kind": "linear_threshold", "threshold": "0.5"}
    _, after = of(await run(tasks, criteria=[{"code": "1.1.1", "rule": rule}]), "A")
    assert after["total"] == 45


async def test_if_it_were_done_by_a_day(tasks: ScoringService) -> None:
    done = {"codes": ["NV-2", "NV-3", "NV-4", "NV-9"], "by": "2026-06-10"}
    found = await run(tasks, done=done)
    assert found["not_found"] == ["NV-4", "NV-9"], "what was done is not open"
    _, after = of(found, "A")
    assert (after["total"], after["max"]) == (40, 50)  # two of three in time, all done: 20 + 10 + 10
    assert (await run(tasks, done={**done, "by": "2026-06-30"}))["items"] != found["items"]


async def test_staff_learn_nothing_of_what_others_have_to_do(tasks: ScoringService) -> None:
    asked = {**JUNE, "done": {"codes": ["NV-2"], "by": "2026-06-10"}}
    for role, unit_, unknown in (("officer", "A", []), ("officer", "B", ["NV-2"]), ("unit_head", None, ["NV-2"])):
        headers = tasks.headers(roles=[role], unit=unit_)
        found = (await tasks.client.post("/v1/simulations", json=asked, headers=headers)).json()
        assert found["not_found"] == unknown
        assert (of(found, "A")[0] == of(found, "A")[1]) == bool(unknown)


async def test_nothing_stays(tasks: ScoringService) -> None:
    before = await tasks.rows("SELECT * FROM score ORDER BY 1, 2, 3")
    await run(tasks, criteria=[{"code": "1.1.1", "max": 1}], done={"codes": ["NV-2"], "by": "2026-06-10"})
    assert await tasks.rows("SELECT * FROM score ORDER BY 1, 2, 3") == before


@pytest.mark.parametrize(
    ("tried", "fields"),
    [
        ({"criteria": [{"code": "9.9", "max": 1}]}, ["body.criteria.0.code"]),
        ({"criteria": [{"code": "1.1", "max": 1}]}, ["body.criteria.0.code"]),
        ({"criteria": [{"code": "1.1.1", "max": 1}, {"code": "1.1.1", "max": 2}]}, ["body.criteria.1.code"]),
        ({"criteria": [{"code": "1.1.1", "rule": {"kind": "guess"}}]}, ["body.criteria.0.rule"]),
        (
            {"criteria": [{"code": "1.1.1", "rule": {"kind": "linear_threshold", "threshold": 2}}]},
            ["body.criteria.0.rule"],
        ),
        ({"criteria": [{"code": "1.1.1", "rule": {"kind": "count", "each": 2}}]}, ["body.criteria.0.rule"]),
        (
            {"criteria": [{"code": "1.1.1", "rule": {"kind": "binary", "at_most": "1e-99999999"}}]},
            ["body.criteria.0.rule"],
        ),
        ({"period": "2026-13"}, ["body.period"]),
    ],
)
async def test_what_cannot_be_tried_is_said(service: ScoringService, tried: Json, fields: list[str]) -> None:
    answer = await service.post("/v1/simulations", {**JUNE, **tried})
    assert answer.status_code == 422, answer.text
    assert [error["field"] for error in answer.json()["errors"]] == fields


async def test_a_set_that_is_not_there(service: ScoringService) -> None:
    assert (await service.post("/v1/simulations", {**JUNE, "set": "NONE"})).status_code == 404


async def test_what_would_raise_it_most(tasks: ScoringService) -> None:
    """A has 30 of 50. NV-2 is overdue: done late, it adds nothing in time and 5 points of completion. NV-3 is not due:
    done now, it makes two of three in time (20), two of three completed (6.67) and 10: 36.67."""
    found = (await tasks.get("/v1/scores/A/gains", **JUNE)).json()
    assert found["percent"] == 60
    assert [(item["code"], item["state"], item["total"], item["percent"]) for item in found["items"]] == [
        ("NV-3", "pending", 6.67, 13.34),
        ("NV-2", "overdue", 5, 10),
    ]
    for item in found["items"]:
        done = {"codes": [item["code"]], "by": "2026-06-05"}
        before, after = of(await run(tasks, done=done), "A")
        assert round(after["percent"] - before["percent"], 2) == item["percent"]


async def test_gains_are_for_the_unit_and_for_who_looks_at_every_unit(tasks: ScoringService) -> None:
    for role, unit_, status in (
        ("officer", "A", 200),
        ("unit_head", "B", 404),
        ("council", None, 200),
        ("citizen", "A", 403),
    ):
        answer = await tasks.get("/v1/scores/A/gains", roles=[role], unit=unit_, **JUNE)
        assert answer.status_code == status, role
    assert (await tasks.get("/v1/scores/Z/gains", **JUNE)).status_code == 404
    assert (await tasks.get("/v1/scores/A/gains", set="NONE", period="2026-06")).status_code == 404
