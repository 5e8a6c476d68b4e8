"""The worked example of ten parts, over HTTP: three are other indices, and all move at once."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from cchc_shared.calendar.clock import FixedClock
from cchc_shared.contract.codes import TaskStatus, UnitKind
from cchc_shared.contract.events.task import TaskAssigned, TaskCompleted
from cchc_shared.contract.events.unit import UnitDefined
from scoring_worker.loading.schemas import WORKBOOK
from tests.support.composites import composite
from tests.support.dossiers import Life, events_of
from tests.support.events import event_of
from tests.support.http import Json
from tests.support.scoring import ScoringService

WORKED = (Path(__file__).parents[4] / "data" / "index_sets" / "worked" / "dti-10.yaml").read_text("utf-8")
PERIOD = "2027-Q1"
VALUES = "/v1/indicators/values"
ENTERED: dict[str, Json] = {
    "dossiers_digitised": {"numerator": 9, "denominator": 10},
    "dossiers_paid_online": {"numerator": 3, "denominator": 5},
    "documents_signed_digitally": {"value": 0.8},
    "TDGQ_ON_TIME": {"numerator": 9, "denominator": 10},
    "ONLINE_GROUP": {"value": 9.6},
    "PUBLISH_ON_TIME": {"numerator": 3, "denominator": 4},
    "PUBLIC_UPDATE_ON_TIME": {"value": 1},
    "PUBLIC_CONTENT_FULL": {"value": 1},
    "DOSSIER_SYNC": {"value": 0.5},
    "SIPAS_ACCESS": {"numerator": 90, "denominator": 100},
    "SIPAS_PROCEDURE": {"numerator": 81, "denominator": 100},
    "SIPAS_OFFICIALS": {"numerator": 2, "denominator": 3},
    "SIPAS_RESULT": {"numerator": 1, "denominator": 2},
    "DTI_NETWORK": {"numerator": 31, "denominator": 33},
    "DTI_DATA": {"numerator": 5, "denominator": 10},
    "DTI_SECURITY": {"value": 5.25},
    "DTI_SKILLS": {"value": 0.75},
    "DTI_PAPERLESS": {"numerator": 4, "denominator": 10},
}
ON_TIME = datetime(2027, 3, 1, tzinfo=UTC)


async def score(service: ScoringService, code: str = "DTI-10", period: str = PERIOD, **asked: str) -> Json:
    answer = await service.get("/v1/scores/A", set=code, period=period, **asked)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def enter(service: ScoringService, **values: Json) -> None:
    items = [{"unit": "A", "period": PERIOD, "indicator": code, **said} for code, said in values.items()]
    answer = await service.put(VALUES, {"items": items})
    assert answer.status_code == 200, answer.text


def points(shown: Json) -> dict[str, Decimal | None]:
    return {
        field["code"]: None if field["score"] is None else Decimal(str(field["score"])) for field in shown["fields"]
    }


def inputs(shown: Json, field: str) -> Json:
    [given] = next(part for part in shown["tree"] if part["code"] == field)["children"][0]["inputs"]
    return dict(given)


@pytest.fixture
async def city(service: ScoringService, clock: FixedClock) -> ScoringService:
    """In March 2027, with the worked set loaded and a department of which some numbers were entered."""
    clock.advance(datetime(2027, 3, 10, 2, tzinfo=UTC) - clock.now())
    loaded = await service.load(WORKED)
    assert loaded.status_code == 201, loaded.text
    unit = UnitDefined(code="A", name="Đơn vị A", kind=UnitKind.DEPARTMENT, valid_from=date(2020, 1, 1))
    await service.apply([event_of(unit, "A", 1)])
    await enter(service, **ENTERED)
    return service


async def test_ten_parts_come_out_as_by_hand(city: ScoringService) -> None:
    shown = await score(city)
    # 7.1: 4 × 0.9 = 3.60; 7.2: 3 × 0.6 / 0.8 = 2.25; 7.3: 5 × 0.8 = 4.00; of 12 points.
    assert points(await score(city, "CCHC-CITY"))["7"] == Decimal("9.85")
    service, satisfied = await score(city, "QD766"), await score(city, "SIPAS")
    # 18.00 + 9.60 + 4.50 + 4.00 + 2.00 + 3.00 of the 50 points of which something is known.
    assert (service["total"], service["max"]) == (41.1, 50)
    # 18.00 + 16.20 + 13.33 + 10.00 of the 80 points of four factors.
    assert (satisfied["total"], satisfied["max"]) == (57.53, 80)
    assert points(shown) == {
        "1": Decimal("16.42"),  # 20 × 9.85 / 12
        "2": Decimal("13.70"),  # 15 × 0.822 / 0.9
        "3": Decimal("7.19"),  # 10 × 57.53 / 80
        "4": None,
        "5": None,
        "6": Decimal("7.52"),  # 8 × 31 / 33
        "7": Decimal("5.00"),  # 8 × 0.5 / 0.8
        "8": Decimal("5.25"),
        "9": Decimal("5.25"),
        "10": Decimal("0.00"),  # below the half
    }
    assert shown["max"] == 80
    assert shown["coverage"] == 0.8
    assert inputs(shown, "1") | {"source": "set", "set": "CCHC-CITY", "field": "7"} == inputs(shown, "1")
    assert (inputs(shown, "1")["numerator"], inputs(shown, "1")["denominator"]) == (9.85, 12)
    assert inputs(shown, "3") | {"source": "set", "set": "SIPAS", "field": None} == inputs(shown, "3")
    assert inputs(shown, "6") | {"source": "imported", "set": None, "field": None} == inputs(shown, "6")
    assert "9,85/12" in shown["tree"][0]["children"][0]["sentence"]["vi"]
    assert shown["notice"]


async def test_what_moves_another_set_moves_it_in_the_same_transaction(city: ScoringService, clock: FixedClock) -> None:
    then = clock.now()
    before = points(await score(city))
    clock.advance(timedelta(minutes=1))
    await enter(city, SIPAS_ACCESS={"numerator": 100, "denominator": 100}, documents_signed_digitally={"value": 1})
    after_ = points(await score(city))
    assert after_["3"] == Decimal("7.44")  # 10 × 59.53 / 80
    assert after_["1"] == Decimal("18.08")  # 20 × 10.85 / 12
    assert {part for part in before if before[part] != after_[part]} == {"1", "3"}
    assert points(await score(city, as_of=then.isoformat())) == before
    listed = await city.get("/v1/scores", set="DTI-10", period=PERIOD)
    [item] = listed.json()["items"]
    assert points(item) == after_, "the stored score is the explained one"


async def test_facts_behind_another_set_are_shown(city: ScoringService) -> None:
    state: dict[str, Any] = {
        "code": "NV-1",
        "lead_unit": "A",
        "assigned_at": ON_TIME,
        "due_at": ON_TIME + timedelta(days=2),
    }
    done: dict[str, Any] = {"status": TaskStatus.COMPLETED, "completed_at": ON_TIME + timedelta(days=1)}
    await city.apply(
        [
            event_of(TaskAssigned(status=TaskStatus.NOT_STARTED, **state), "1", 1, ON_TIME),
            event_of(TaskCompleted(**state, **done), "1", 2, ON_TIME + timedelta(days=1)),
            *events_of(Life(100, (), 50)),
        ]
    )
    assert points(await score(city))["5"] == 10
    own = (await city.get("/v1/scores/A/criteria/5.1/evidence", set="DTI-10", period=PERIOD)).json()["items"]
    assert [fact["code"] for fact in own] == ["NV-1"]
    query = {"set": "DTI-10", "period": "2026-05"}
    below = (await city.get("/v1/scores/A/criteria/2.1/evidence", **query)).json()["items"]
    assert {fact["code"] for fact in below} == {"HS-1"}


async def test_it_goes_out_as_a_workbook_and_comes_back(city: ScoringService) -> None:
    got = await city.get("/v1/index-sets/DTI-10/versions/2027.1/export.xlsx")
    same = await city.load(got.content, media=WORKBOOK)
    assert (same.status_code, same.json()["status"]) == (200, "known"), same.text


async def test_loops_and_strangers_are_refused_with_the_way(city: ScoringService) -> None:
    back = composite("QD766", {"1": ("DTI-10", None, 100)}, version="2099.1")
    strange = composite("NEW", {"1": ("NONE", None, 60), "2": ("SIPAS", "9", 40)})
    for content, said in (
        (back, {"body.indicators.r1.set": "QD766 → DTI-10 → QD766"}),
        (strange, {"body.indicators.r1.set": "NONE", "body.indicators.r2.field": "SIPAS"}),
    ):
        for dry_run in (True, False):
            answer = await city.load(yaml.safe_dump(content), dry_run=dry_run)
            assert answer.status_code == 422
            errors = {error["field"]: error["message"] for error in answer.json()["errors"]}
            assert errors.keys() == said.keys()
            assert all(words in errors[field] for field, words in said.items())


async def test_what_if_and_what_next_follow_through(city: ScoringService) -> None:
    state: dict[str, Any] = {
        "code": "NV-1",
        "lead_unit": "A",
        "assigned_at": ON_TIME,
        "due_at": datetime(2027, 3, 30, tzinfo=UTC),
    }
    await city.apply([event_of(TaskAssigned(status=TaskStatus.NOT_STARTED, **state), "1", 1, ON_TIME)])
    top = composite("TOP", {"1": ("CCHC-CITY", "1", 50), "2": ("DTI-10", "5", 50)})
    assert (await city.load(yaml.safe_dump(top))).status_code == 201
    gains = (await city.get("/v1/scores/A/gains", set="TOP", period=PERIOD)).json()
    [item] = gains["items"]
    assert item["code"] == "NV-1"
    tried = await city.post(
        "/v1/simulations", {"set": "TOP", "period": PERIOD, "done": {"by": "2027-03-20", "codes": ["NV-1"]}}
    )
    assert tried.status_code == 200, tried.text
    [unit] = tried.json()["items"]
    assert (unit["before"]["total"], unit["after"]["total"]) == (0, 100)
