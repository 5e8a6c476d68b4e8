"""Sensitivity over HTTP: of the scores that are listed, and nothing of it stays."""

import asyncio
from datetime import timedelta

import pytest

from cchc_shared.calendar.clock import FixedClock
from cchc_shared.http.kinds import OVERLOADED
from cchc_shared.http.problems import Problem
from scoring_worker.sensitivity.schemas import SensitivityIn
from scoring_worker.sensitivity.service import AT_ONCE, Sensitivities
from tests.support.http import Json
from tests.support.scored import MORNING, task, unit
from tests.support.scoring import ScoringService

JUNE = {"set": "CCHC-CITY", "period": "2026-06", "kind": "department"}


async def run(service: ScoringService, **asked: object) -> Json:
    answer = await service.post("/v1/sensitivity", {**JUNE, "spread": 0.4, "draws": 400, **asked})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_ranks_that_hang_on_weights_and_one_that_does_not(service: ScoringService, clock: FixedClock) -> None:
    """All have 10 of 10 for handing nothing over. A: everything in time. B: half of its tasks, C: all of them late;
    so B lives by `1.1.1` and C by `1.1.2`. D has no task."""
    early, late = MORNING + timedelta(days=1), MORNING + timedelta(days=3)
    clock.advance(timedelta(days=4))
    await service.apply(
        [
            *(unit(code) for code in "ABCD"),
            *task(1, "A", early, MORNING + timedelta(hours=1)),
            *task(2, "B", early, MORNING + timedelta(hours=1)),
            *(event for number in (3, 4) for event in task(number, "B", early)),
            *task(5, "C", early, late),
        ]
    )
    listed = (await service.get("/v1/scores", set="CCHC-CITY", period="2026-06")).json()["items"]
    before = await service.rows("SELECT * FROM score ORDER BY 1, 2, 3")
    found = await run(service, seed=3)
    assert [(item["unit"], item["rank"]) for item in found["items"]] == [
        (item["unit"], item["rank"]) for item in listed if item["rank"]
    ]
    best, second, third = found["items"]
    assert (best["unit"], best["first"], best["keeps_rank"], best["keeps_band"]) == ("A", 1, 1, 1)
    assert (best["lowest_rank"], best["median_rank"], best["highest_rank"]) == (1, 1, 1)
    for one in (second, third):
        assert one["lowest_rank"] == 2
        assert one["highest_rank"] == 3
        assert 0 < one["keeps_rank"] < 1
        assert one["first"] == 0
    assert [(swap["upper"], swap["lower"]) for swap in found["swaps"]] == [(second["unit"], third["unit"])]
    assert 0.05 < found["swaps"][0]["share"] < 0.5
    assert found["unranked"] == ["D"]
    assert (found["template"], bool(found["notice"])) == (True, True)

    assert await run(service, seed=3) == found, "the same seed, the same answer"
    assert (await run(service, seed=4))["items"] != found["items"]
    assert (await run(service, kind="commune"))["items"] == []
    assert await service.rows("SELECT * FROM score ORDER BY 1, 2, 3") == before
    for role, status in (("officer", 200), ("citizen", 403)):
        assert (await service.post("/v1/sensitivity", {**JUNE, "spread": 0.1}, roles=[role])).status_code == status


async def test_what_cannot_be_drawn_is_said(service: ScoringService) -> None:
    refused: list[Json] = [
        {"spread": 0},
        {"spread": 0.51},
        {"spread": "0.2"},
        {"draws": 10_001},
        {"draws": 99},
        {"seed": -1},
        {"interval": 1},
        {"kind": "village"},
        {"period": "2026-13"},
    ]
    for asked in refused:
        answer = await service.post("/v1/sensitivity", {**JUNE, "spread": 0.2, **asked})
        assert answer.status_code == 422, answer.text
        assert [error["field"] for error in answer.json()["errors"]] == [f"body.{name}" for name in asked]
    assert (await service.post("/v1/sensitivity", {**JUNE, "set": "NONE", "spread": 0.2})).status_code == 404


async def test_who_asks_while_another_is_reckoned_is_told_to_come_again(
    service: ScoringService, clock: FixedClock
) -> None:
    reckoning = asyncio.Semaphore(AT_ONCE)
    sensitivities = Sensitivities(service.engine, clock, reckoning=reckoning)
    asked = SensitivityIn.model_validate({**JUNE, "spread": 0.2})
    async with reckoning:
        with pytest.raises(Problem) as refused:
            await sensitivities.run(asked)
        assert refused.value.kind is OVERLOADED
    assert (await sensitivities.run(asked)).items == []
