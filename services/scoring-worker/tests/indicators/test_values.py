"""Numbers that are entered: checked whole, kept with every version, and in the score at once."""

import csv
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from cchc_shared.calendar.clock import FixedClock
from cchc_shared.contract.codes import Role, UnitKind
from cchc_shared.contract.events.unit import UnitDefined
from cchc_shared.http.problems import Problem
from cchc_shared.identity.principal import Principal, Scope
from scoring_worker.indicators.routes import values
from scoring_worker.indicators.service import Indicators
from scoring_worker.scoring import recompute
from scoring_worker.values.domain import Entered
from tests.support.events import event_of
from tests.support.http import Json
from tests.support.scoring import ScoringService

VALUES = "/v1/indicators/values"
PERIOD = "2026-06"
PUBLISHED = Path(__file__).parents[1] / "index_sets" / "published" / "qd766.csv"
ROWS = list(csv.DictReader(PUBLISHED.read_text("utf-8").splitlines()))


async def units(service: ScoringService, **kinds: UnitKind) -> None:
    await service.apply(
        event_of(UnitDefined(code=code, name=f"Đơn vị {code}", kind=kind), code, 1, datetime(2026, 1, 1, tzinfo=UTC))
        for code, kind in kinds.items()
    )


def item(**given: object) -> Json:
    return {"unit": "A", "period": PERIOD, "indicator": "TDGQ_ON_TIME"} | given


async def entered(service: ScoringService, *items: Json) -> list[tuple[str, int]]:
    answer = await service.put(VALUES, {"items": list(items)})
    assert answer.status_code == 200, answer.text
    return [(result["status"], result["version"]) for result in answer.json()["results"]]


async def score(service: ScoringService, unit: str = "A", **query: str) -> Json:
    answer = await service.get(f"/v1/scores/{unit}", **{"set": "QD766", "period": PERIOD} | query)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def versions(service: ScoringService, **query: str | int) -> Json:
    asked = {"unit": "A", "period": PERIOD, **query}
    answer = await service.client.get(VALUES, params=asked, headers=service.headers(roles=["council"]))
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_published_units_come_out_to_the_digit_through_the_api(service: ScoringService) -> None:
    names = list(dict.fromkeys((row["unit"], row["level"]) for row in ROWS))
    codes = {name: f"u{number}" for number, (name, _) in enumerate(names)}
    await units(service, **{codes[name]: UnitKind(level) for name, level in names})
    items = []
    for row in ROWS:
        n, d = row["numerator"], row["denominator"]
        said: Json = {"numerator": int(n), "denominator": int(d)} if n else {"value": 1}
        items.append({"unit": codes[row["unit"]], "period": PERIOD, "indicator": row["metric"], **said})
    await entered(service, *items)
    for name, level in names:
        shown = await score(service, codes[name])
        found = {leaf["inputs"][0]["indicator"]: leaf for part in shown["tree"] for leaf in part["children"]}
        for row in (row for row in ROWS if row["unit"] == name):
            assert Decimal(str(found[row["metric"]]["score"])) == Decimal(row["published_score"]), (name, row)
            assert (found[row["metric"]]["max"], shown["kind"]) == (float(row["max"]), level)


async def test_a_number_is_in_the_score_at_once_and_every_version_is_kept(
    service: ScoringService, clock: FixedClock
) -> None:
    await units(service, A=UnitKind.COMMUNE)
    first = item(numerator=9, denominator=10, evidence="Cổng DVCQG")
    assert await entered(service, first) == [("new", 1)]
    assert (await score(service))["total"] == 18
    then = clock.now()
    clock.advance(timedelta(hours=1))
    assert await entered(service, first) == [("unchanged", 1)]
    assert await entered(service, item(numerator=10, denominator=10)) == [("changed", 2)]
    assert (await score(service))["total"] == 20
    assert (await score(service, as_of=then.isoformat()))["total"] == 18
    clock.advance(timedelta(hours=1))
    assert await entered(service, item()) == [("changed", 3)]
    assert ((await score(service))["total"], (await score(service))["computed_at"]) == (0, None)
    page = await versions(service, limit=2)
    kept = page["items"] + (await versions(service, cursor=page["next_cursor"]))["items"]
    assert [(each["version"], each["numerator"], each["evidence"]) for each in kept] == [
        (1, 9, "Cổng DVCQG"),
        (2, 10, None),
        (3, None, None),
    ]
    ends = [each["superseded_at"] for each in kept]
    assert ends == [kept[1]["recorded_at"], kept[2]["recorded_at"], None]


async def test_what_does_not_apply_takes_its_points_with_it(service: ScoringService) -> None:
    await units(service, A=UnitKind.COMMUNE)
    whole = [item(numerator=9, denominator=10), item(indicator="PUBLISH_ON_TIME", numerator=3, denominator=6)]
    await entered(service, *whole)
    before = await score(service)
    assert (before["total"], before["max"], before["coverage"]) == (21, 26, 0.26)
    await entered(service, item(indicator="PUBLISH_ON_TIME", applicable=False))
    after = await score(service)
    assert (after["total"], after["max"], after["coverage"]) == (18, 20, 0.2128)  # 20 of 94
    leaf = after["tree"][0]["children"][0]
    assert (leaf["state"], leaf["score"], leaf["counted_max"]) == ("not_applicable", None, 0)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"numerator": 11, "denominator": 10}, "numerator"),
        ({"numerator": 1}, "denominator"),
        ({"denominator": 1}, "numerator"),
        ({"value": 1.01}, "value"),
        ({"value": -1}, "value"),
        ({"value": "1"}, "value"),
        ({"value": 0.1234567}, "value"),
        ({"value": 1e13}, "value"),
        ({"value": 1, "numerator": 1, "denominator": 1}, "value"),
        ({"indicator": "ONLINE_GROUP", "numerator": 1, "denominator": 1}, "denominator"),
        ({"indicator": "TDGQ_ONTIME", "value": 1}, "indicator"),
        ({"indicator": "tasks_on_time", "value": 1}, "indicator"),
        ({"unit": "nobody", "value": 1}, "unit"),
        ({"period": "2026-13", "value": 1}, "period"),
        ({"applicable": False, "value": 1}, "value"),
        ({"score": 5}, "score"),
    ],
)
async def test_what_cannot_be_is_refused_with_its_place_and_nothing_changes(
    service: ScoringService, given: dict[str, Any], field: str
) -> None:
    await units(service, A=UnitKind.COMMUNE)
    answer = await service.put(VALUES, {"items": [item(value=1), item(period="2026-07") | given]})
    assert answer.status_code == 422, answer.text
    assert {error["field"] for error in answer.json()["errors"]} == {f"body.items.1.{field}"}
    assert await service.rows("SELECT * FROM indicator_value") == []


async def test_every_fault_is_named_at_once_and_near_names_are_proposed(service: ScoringService) -> None:
    await units(service, A=UnitKind.COMMUNE)
    items = [item(value=1), item(value=1), item(unit="B", indicator="PUBLISH_ONTIME", value=1)]
    answer = await service.put(VALUES, {"items": items})
    assert [error["field"] for error in answer.json()["errors"]] == [
        "body.items.1",
        "body.items.2.unit",
        "body.items.2.indicator",
    ]
    assert "PUBLISH_ON_TIME" in answer.json()["errors"][2]["message"]


async def test_who_may_enter_and_who_may_read(service: ScoringService) -> None:
    await units(service, A=UnitKind.COMMUNE)
    for role in ("officer", "unit_head", "coordinator", "council", "inspector", "operator", "citizen"):
        assert (await service.put(VALUES, {"items": [item(value=1)]}, roles=[role])).status_code == 403
    assert (await service.put(VALUES, {"items": [item(value=1)]}, roles=["scoring_board"])).status_code == 200
    seen = {"unit": "A", "period": PERIOD}
    for role, unit, status in (
        ("officer", "A", 200),
        ("unit_head", "B", 404),
        ("council", None, 200),
        ("citizen", None, 403),
    ):
        answer = await service.client.get(VALUES, params=seen, headers=service.headers(roles=[role], unit=unit))
        assert answer.status_code == status, role


async def test_a_system_enters_and_reads_numbers_of_its_units_alone(service: ScoringService) -> None:
    await units(service, A=UnitKind.COMMUNE, B=UnitKind.COMMUNE)
    scope = Scope(frozenset({"indicators"}), frozenset({"A"}), frozenset())
    system = Principal("system:one", frozenset({Role.SYSTEM}), None, scope)
    indicators = Indicators(service.engine, service.clock)
    own, foreign = (Entered(unit, PERIOD, "TDGQ_ON_TIME", value=Decimal(1)) for unit in "AB")
    with pytest.raises(Problem, match="out-of-scope") as refused:
        await indicators.enter([own, foreign], system)
    assert refused.value.extra == {"field": "body.items.1.unit"}
    assert await service.rows("SELECT * FROM indicator_value") == []
    assert [each.status for each in await indicators.enter([own], system)] == ["new"]
    assert len((await values(system, indicators, "A", PERIOD)).items) == 1
    with pytest.raises(Problem, match="not-found"):
        await values(system, indicators, "B", PERIOD)


async def test_indicators_are_listed_with_what_reads_them(service: ScoringService) -> None:
    listed = {each["code"]: each for each in (await service.get("/v1/indicators")).json()["items"]}
    told = {code: [each[name] for name in ("source", "of", "may_be_entered")] for code, each in listed.items()}
    assert told["DOSSIER_SYNC"] == ["imported", "share", True]
    assert told["PUBLISH_ON_TIME"] == ["events", "share", True]
    assert told["TDGQ_ON_TIME"] == ["events", "share", True]
    assert told["tasks_on_time"] == ["events", "share", False]
    assert listed["TDGQ_ON_TIME"]["sets"] == ["QD766"]


async def test_a_rebuild_scores_what_no_event_brought(service: ScoringService, clock: FixedClock) -> None:
    await units(service, A=UnitKind.COMMUNE)
    await entered(service, item(value=0.5))
    before = await service.rows("SELECT set_code, period, unit, total, percent, coverage FROM score")
    assert len(before) == 1
    async with service.engine.begin() as conn:
        await recompute.begin(conn, redefines=True)
        await recompute.rescore(conn, clock.now())
    assert await service.rows("SELECT set_code, period, unit, total, percent, coverage FROM score") == before
