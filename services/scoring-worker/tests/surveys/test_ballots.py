"""Ballots: one for each token, and those that devices send."""

import asyncio
from datetime import timedelta

from cchc_shared.calendar.clock import FixedClock
from cchc_shared.contract.codes import Role
from cchc_shared.identity.principal import Principal, Scope
from scoring_worker.surveys.schemas import SurveyResponseIn
from tests.support.surveys import SurveyService, response

GOOD = {"A1": 3, "A2": 3, "R1": 1}


async def test_a_token_gives_one_ballot_and_each_of_its_states_has_an_answer(
    survey: SurveyService, clock: FixedClock
) -> None:
    await survey.begun(opens_at="2026-06-02T00:00:00+07:00")
    token, other = await survey.tokens(2)
    early = await survey.cast(token, GOOD)
    assert (early.status_code, early.json()["code"]) == (409, "survey-not-open")
    clock.advance(timedelta(days=1))
    paper = await survey.service.client.get(f"/v1/surveys/{survey.code}/ballot", params={"token": token})
    assert paper.headers["cache-control"] == "no-store"
    asked = paper.json()
    assert (asked["unit"], asked["unit_name"], asked["stratum"]) == ("A", "Đơn vị A", "a")
    assert [(each["code"], len(each["answers"])) for each in asked["questions"]] == [
        ("A1", 3),
        ("A2", 3),
        ("R1", 3),
        ("K", 2),
    ]
    for answers, field in (({"A1": 4}, "A1"), ({"X": 1}, "X"), ({}, None)):
        wrong = await survey.cast(token, answers)
        assert wrong.status_code == 422
        assert [error["field"] for error in wrong.json()["errors"]] == [".".join(filter(None, ["body.answers", field]))]
    assert (await survey.cast(token, GOOD)).status_code == 201
    again = await survey.cast(token, {"A1": 1})
    assert (again.status_code, again.json()["code"]) == (409, "ballot-token-used")
    seen = await survey.service.client.get(f"/v1/surveys/{survey.code}/ballot", params={"token": token})
    assert seen.json()["code"] == "ballot-token-used"
    unknown = await survey.cast("A" * 22, GOOD)
    assert (unknown.status_code, unknown.json()["code"]) == (404, "ballot-token-unknown")
    clock.advance(timedelta(days=20))
    late = await survey.cast(other, GOOD)
    assert (late.status_code, late.json()["code"]) == (409, "survey-closed")  # nothing has run at that time
    assert await survey.service.rows("SELECT unit, stratum, answers, number FROM survey_ballot") == [
        ("A", "a", "3310", 1)
    ]


async def test_of_two_ballots_of_one_token_at_the_same_moment_one_is_taken(survey: SurveyService) -> None:
    await survey.begun()
    for token in await survey.tokens(5):
        answers = await asyncio.gather(*(survey.cast(token, {"A1": value}) for value in (1, 2, 3)))
        assert sorted(answer.status_code for answer in answers) == [201, 409, 409]
    assert await survey.service.rows("SELECT sum(number) FROM survey_ballot") == [(5,)]
    shown = (await survey.get()).json()
    assert (shown["links"], shown["links_used"], shown["ballots"], shown["quota"]) == (5, 5, 5, 8)


async def test_devices_send_many_and_what_is_wrong_keeps_no_other_out(survey: SurveyService) -> None:
    await survey.begun()
    sent = await survey.send(
        response("1"),
        response("2", unit="C"),
        response("3", stratum="z"),
        response("4", A1=9),
        response("5", unit="B", stratum="b", A1=2),
        response("1", A1=1),
    )
    assert sent.status_code == 200, sent.text
    results = sent.json()["results"]
    assert [(each["index"], each["id"], each["status"]) for each in results] == [
        (0, "1", "accepted"),
        (1, "2", "rejected"),
        (2, "3", "rejected"),
        (3, "4", "rejected"),
        (4, "5", "accepted"),
        (5, "1", "duplicate"),
    ]
    assert [each["problem"]["field"] for each in results[1:4]] == ["unit", "stratum", "answers.A1"]
    assert all(each["problem"]["message"] and each["problem"]["message_en"] for each in results[1:4])
    again = await survey.send(response("1"), response("6"))
    assert [each["status"] for each in again.json()["results"]] == ["duplicate", "accepted"]
    twice = await asyncio.gather(*(survey.send(*(response(f"n{n}") for n in range(100))) for _ in range(2)))
    statuses = [each["status"] for answer in twice for each in answer.json()["results"]]
    assert (statuses.count("accepted"), statuses.count("duplicate")) == (100, 100)
    assert await survey.service.rows("SELECT unit, stratum, answers, number FROM survey_ballot ORDER BY 1, 2") == [
        ("A", "a", "3131", 102),
        ("B", "b", "2000", 1),
    ]


async def test_a_system_sends_ballots_of_its_units_alone(survey: SurveyService) -> None:
    await survey.begun()
    scope = Scope(frozenset({"surveys"}), frozenset({"A"}), frozenset())
    system = Principal("system:one", frozenset({Role.SYSTEM}), None, scope)
    items = [SurveyResponseIn.model_validate(response(unit, unit=unit)) for unit in "AB"]
    own, foreign = await survey.surveys.take(survey.code, items, system)
    assert (own.status, foreign.status) == ("accepted", "rejected")
    assert foreign.problem is not None
    assert foreign.problem.field == "unit"


async def test_quotas_are_compared_while_the_survey_is_open(survey: SurveyService) -> None:
    await survey.begun(populations=[{"unit": u, "stratum": s, "people": 50} for u in "AB" for s in "ab"])
    await survey.send(*(response(str(n)) for n in range(3)), response("b", unit="B", stratum="b"))
    first = (await survey.get("/quotas", limit=3)).json()
    rest = (await survey.get("/quotas", cursor=first["next_cursor"])).json()
    rows = first["items"] + rest["items"]
    assert [(r["unit"], r["stratum"], r["quota"], r["ballots"], r["missing"], r["people"]) for r in rows] == [
        ("A", "a", 2, 3, 0, 50),
        ("A", "b", 2, 0, 2, 50),
        ("B", "a", 2, 0, 2, 50),
        ("B", "b", 2, 1, 1, 50),
    ]
    assert (first["state"], rest["next_cursor"]) == ("open", None)
    table = await survey.get("/quotas/export.csv")
    assert table.text.splitlines()[1].startswith('"A","Đơn vị A","a","A",2,3,0,50')
