"""Surveys are opened whole, closed by the clock, and feed scores exactly once."""

import asyncio
from datetime import timedelta

import yaml

from cchc_shared.calendar.clock import FixedClock
from cchc_shared.contract.codes import UnitKind
from tests.support.http import Json
from tests.support.surveys import SIPAS, SMALL, SurveyService, response

UNREAD = SMALL.replace("SIPAS_ACCESS", "TDGQ_ON_TIME")


async def test_what_cannot_be_asked_is_refused(survey: SurveyService) -> None:
    await survey.units()
    await survey.load()
    await survey.load(UNREAD.replace("code: SMALL", "code: UNREAD"))
    given: list[tuple[Json, str]] = [
        ({"units": ["A", "C"]}, "body.units.1"),
        ({"closes_at": "2026-06-01T00:00:00+07:00"}, "body.closes_at"),
        ({"opens_at": "2026-06-12T00:00:00+07:00"}, "body.closes_at"),
        ({"opens_at": "0001-01-01T00:00:00+14:00"}, "body.opens_at"),
        ({"closes_at": "9999-12-31T23:59:59-12:00"}, "body.closes_at"),
        ({"version": "2"}, "body.questionnaire"),
        ({"questionnaire": "UNREAD"}, "body.questionnaire"),
        ({"populations": [{"unit": "A", "stratum": "a", "people": 9}]}, "body.populations"),
        ({"period": "2026-13"}, "body.period"),
    ]
    for changed, field in given:
        answer = await survey.open(**changed)
        assert answer.status_code == 422, answer.text
        assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert await survey.service.rows("SELECT * FROM survey") == []


async def test_a_survey_is_opened_once_by_the_board_and_listed(survey: SurveyService, clock: FixedClock) -> None:
    for role in ("officer", "unit_head", "coordinator", "council", "system", "operator"):
        assert (await survey.open(role=role)).status_code == 403
    await survey.begun()
    taken = await survey.open()
    assert (taken.status_code, taken.json()["code"]) == (409, "survey-code-taken")
    code, survey.code = survey.code, "R-2026"
    assert (await survey.open(code=survey.code, opens_at="2026-06-05T00:00:00+07:00")).status_code == 201
    first = (await survey.service.get("/v1/surveys", limit=1)).json()
    rest = (await survey.service.get("/v1/surveys", cursor=first["next_cursor"])).json()
    listed = [(each["code"], each["state"]) for each in first["items"] + rest["items"]]
    assert listed == [("R-2026", "planned"), (code, "open")]
    clock.advance(timedelta(days=20))
    assert (await survey.get()).json()["state"] == "closed"
    assert (await survey.send(response("1"))).json()["code"] == "survey-closed"
    links = {"unit": "A", "stratum": "a", "number": 1}
    path = f"/v1/surveys/{survey.code}/links"
    assert (await survey.service.post(path, links, roles=["scoring_board"])).status_code == 409
    survey.code = "NONE"
    assert (await survey.get()).status_code == 404
    assert (await survey.cast("a", {"A1": 1})).status_code == 404


async def test_results_are_shown_when_it_is_over_and_never_of_too_few(survey: SurveyService, clock: FixedClock) -> None:
    await survey.begun()
    await survey.send(
        response("1", A1=3, A2=3, R1=1, K=2),
        response("2", A1=3, A2=1, R1=3, K=2),
        response("3", A1=1, R1=3, K=1),
        response("4", unit="B", A1=3),
        response("5", unit="B", A1=3),
    )
    early = await survey.get("/results")
    assert (early.status_code, early.json()["code"]) == (409, "survey-under-way")
    clock.advance(timedelta(days=20))
    shown = await survey.results()
    whole = shown["A", "access", None]
    assert [whole[name] for name in ("answering", "answers", "satisfied", "share", "below_quota", "quota")] == [
        3,
        5,
        3,
        0.6,
        True,
        4,
    ]
    assert 0 < whole["low"] < 0.6 < whole["high"] < 1
    assert whole["weighted"] is None
    # Two of three answered A2: shown, it would be too few; A1 could be reckoned from the whole without it.
    assert [shown["A", "access", question]["shown"] for question in ("A1", "A2")] == [False, False]
    assert shown["A", "result", "R1"]["counts"] == {"1": 1, "3": 2}
    assert (shown["A", None, "K"]["counts"], shown["A", None, "K"]["share"]) == ({"1": 1, "2": 2}, None)
    assert not any(each["shown"] for (unit, _, _), each in shown.items() if unit == "B")
    assert {each["answers"] for (unit, _, _), each in shown.items() if unit == "B"} == {None}
    assert (await survey.results(unit="B")).keys() == {key for key in shown if key[0] == "B"}
    paged = (await survey.get("/results", limit=5)).json()
    after = (await survey.get("/results", cursor=paged["next_cursor"])).json()
    assert paged["items"] + after["items"] == list(shown.values())
    table = await survey.get("/results/export.csv")
    assert table.text.splitlines()[1].startswith('"A","Đơn vị A","access","","Tiếp cận","Access","Có",3,5,3,0.6,')


async def test_at_its_end_it_feeds_the_score_of_the_period_once(survey: SurveyService, clock: FixedClock) -> None:
    await survey.begun()
    ballots = [response(str(n), A1=3, A2=1 + 2 * (n % 2)) for n in range(4)]
    await survey.send(*ballots, response("few", unit="B", A1=1))
    assert await survey.seal() is None
    clock.advance(timedelta(days=30))
    at_once = await asyncio.gather(survey.seal(), survey.seal())  # two workers
    assert len([sealed for sealed in at_once if sealed is not None]) == 1
    assert await survey.seal() is None
    values = "SELECT unit, period, indicator, numerator, denominator, given_by, evidence FROM indicator_value"
    assert await survey.service.rows(values) == [
        ("A", "2026", "SIPAS_ACCESS", 6, 8, "survey:S-2026", "khảo sát S-2026: 4 phiếu")
    ]
    score = (await survey.service.get("/v1/scores/A", set="SIPAS", period="2026")).json()
    assert (score["total"], score["max"], score["percent"], score["coverage"]) == (15, 20, 75, 0.2)
    assert (score["template"], score["rank"]) == (True, None)
    assert (await survey.service.get("/v1/scores/B", set="SIPAS", period="2026")).json()["total"] == 0
    clock.advance(timedelta(days=-30))  # as of a process that read the time before it had to wait
    late = await survey.send(response("late"))
    assert (late.status_code, late.json()["code"]) == (409, "survey-closed")


async def test_people_of_the_cells_weigh_what_is_fed(survey: SurveyService, clock: FixedClock) -> None:
    people = {"a": 300, "b": 100}
    await survey.begun(populations=[{"unit": u, "stratum": s, "people": n} for u in "AB" for s, n in people.items()])
    await survey.send(
        *(response(f"a{n}", A1=3) for n in range(4)), *(response(f"b{n}", stratum="b", A1=1) for n in range(6))
    )
    clock.advance(timedelta(days=30))
    shown = (await survey.results())["A", "access", None]
    assert (shown["share"], shown["weighted"]["share"]) == (0.4, 0.75)
    await survey.seal()
    assert await survey.service.rows("SELECT indicator, numerator, value FROM indicator_value") == [
        ("SIPAS_ACCESS", None, yaml.safe_load("0.75"))
    ]


CITY_SET = """\
code: CITY
version: "1"
title: {vi: Bộ của thành phố, en: The set of the city}
source: unofficial default
status: R
effective_from: 2026-01-01
places: 2
ranking: 1-2-2-4
missing: exclude
kinds: [department, central_agency]
bands: []
parts:
  - {code: appraised, name: {vi: Thẩm định, en: Appraised}, points: 70, points_of: {central_agency: 40}}
  - {code: survey, name: {vi: Điều tra, en: Survey}, points: 30, points_of: {central_agency: 20}}
indicators:
  APPRAISED: {name: {vi: Thẩm định, en: Appraised}, source: council, of: share}
  SIPAS_ACCESS: {name: {vi: Hài lòng, en: Satisfied}, source: survey, of: share}
fields:
  - code: "1"
    name: {vi: Thẩm định, en: Appraised}
    part: appraised
    criteria:
      - {code: "1.1", name: {vi: A, en: A}, max: 40, indicator: APPRAISED, rule: {kind: linear}}
      - {code: "1.2", name: {vi: B, en: B}, max: 30, indicator: APPRAISED, rule: {kind: linear}, kinds: [department]}
  - code: "2"
    name: {vi: Điều tra, en: Survey}
    part: survey
    criteria:
      - {code: "2.1", name: {vi: C, en: C}, max: 20, indicator: SIPAS_ACCESS, rule: {kind: linear}}
      - {code: "2.2", name: {vi: D, en: D}, max: 10, indicator: SIPAS_ACCESS, rule: {kind: linear}, kinds: [department]}
"""


async def test_it_fills_the_survey_part_of_a_set(survey: SurveyService, clock: FixedClock) -> None:
    """70 appraised + 30 by survey; 40 + 20 for central agencies, rescaled; before the survey scaled to 100."""
    await survey.units(A=UnitKind.DEPARTMENT, B=UnitKind.CENTRAL_AGENCY)
    assert (await survey.service.load(CITY_SET)).status_code == 201
    assert (await survey.load()).status_code == 201
    assert (await survey.open()).status_code == 201
    appraised = [
        {"unit": u, "period": "2026", "indicator": "APPRAISED", "numerator": 9, "denominator": 10} for u in "AB"
    ]
    assert (await survey.service.put("/v1/indicators/values", {"items": appraised})).status_code == 200

    async def scores() -> list[tuple[float, float, float]]:
        listed = (await survey.service.get("/v1/scores", set="CITY", period="2026")).json()["items"]
        return [(each["total"], each["max"], each["percent"]) for each in sorted(listed, key=lambda item: item["unit"])]

    assert await scores() == [(63, 70, 90), (36, 40, 90)]
    await survey.send(*(response(f"{u}{n}", unit=u, A1=1 + 2 * (n % 2)) for u in "AB" for n in range(4)))
    clock.advance(timedelta(days=30))
    await survey.seal()
    assert await scores() == [(78, 100, 78), (46, 60, 76.67)]


async def test_nine_thousand_ballots_of_the_plan_come_out_as_a_plain_loop_counts_them(
    survey: SurveyService, clock: FixedClock
) -> None:
    document = yaml.safe_load(SIPAS)
    cells = [f"{a['code']}/{c}/{v}" for a in document["sample"]["dimensions"][0]["values"] for c in "123" for v in "12"]
    factors = {question["code"]: question.get("factor") for question in document["questions"]}
    await survey.units(city=UnitKind.PROVINCE)
    assert (await survey.load(SIPAS)).status_code == 201
    assert (await survey.open(questionnaire="SIPAS", version="2026.1", units=["city"])).status_code == 201
    ballots: list[Json] = []
    for n in range(9000):
        given = {code: 1 + (n * (place + 3) + n // 7) % 5 for place, code in enumerate(factors) if (n + place) % 6}
        given["K1"] = 1 + n % 3
        ballots.append({"id": f"{n:x}", "unit": "city", "stratum": cells[n % 36], "answers": given})
    for start in range(0, 9000, 1000):
        answer = await survey.send(*ballots[start : start + 1000])
        assert {each["status"] for each in answer.json()["results"]} == {"accepted"}
    quotas = (await survey.get("/quotas", limit=50)).json()["items"]
    assert [(each["stratum"], each["ballots"], each["missing"]) for each in quotas] == [
        (cell, 250, 0) for cell in cells
    ]
    clock.advance(timedelta(days=30))
    await survey.seal()
    shown = await survey.results()
    for factor in (None, *(each["code"] for each in document["factors"])):
        asked = [code for code, of in factors.items() if of == factor]
        values = [each["answers"][code] for each in ballots for code in asked if code in each["answers"]]
        whole = shown["city", factor, None if factor else "K1"]
        assert (whole["answers"], whole["answering"]) == (
            len(values),
            sum(not each["answers"].keys().isdisjoint(asked) for each in ballots),
        )
        if factor:
            assert whole["satisfied"] == sum(value in {4, 5} for value in values)
            assert not whole["below_quota"]
    entered = await survey.service.rows("SELECT indicator, numerator, denominator FROM indicator_value ORDER BY 1")
    indicators = {each["indicator"]: shown["city", each["code"], None] for each in document["factors"]}
    assert [tuple(row) for row in entered] == [
        (code, found["satisfied"], found["answers"]) for code, found in sorted(indicators.items())
    ]
