"""A survey that was opened by mistake is withdrawn: its ballots count nowhere, and its code is free."""

import asyncio
from datetime import timedelta

from cchc_shared.calendar.clock import FixedClock
from tests.support.surveys import SurveyService, response

GOOD = {"A1": 3, "A2": 3, "R1": 1}


async def test_a_withdrawn_survey_takes_nothing_more_and_says_so(survey: SurveyService, clock: FixedClock) -> None:
    await survey.begun()
    used, other = await survey.tokens(2)
    assert (await survey.cast(used, GOOD)).status_code == 201
    assert (await survey.send(*(response(str(n)) for n in range(4)))).status_code == 200
    for role in ("officer", "unit_head", "coordinator", "council", "system", "operator"):
        assert (await survey.withdraw(role=role)).status_code == 403
    assert [error["field"] for error in (await survey.withdraw("vì")).json()["errors"]] == ["body.reason"]
    done = await survey.withdraw()
    assert done.status_code == 200, done.text
    shown = (await survey.get()).json()
    assert done.json() == shown
    withdrawn = {"at": "2026-06-01T02:00:00Z", "by": "someone", "reason": "mở nhầm kỳ"}
    assert (shown["state"], shown["withdrawn"]) == ("withdrawn", withdrawn)
    assert (shown["ballots"], shown["links"], shown["links_used"]) == (5, 2, 1)
    listed = (await survey.service.get("/v1/surveys")).json()["items"]
    assert [each["state"] for each in listed] == ["withdrawn"]

    links = {"unit": "A", "stratum": "a", "number": 1}
    path = f"/v1/surveys/{survey.code}"
    client = survey.service.client
    answers = [
        await survey.cast(other, GOOD),
        await survey.cast(used, GOOD),
        await client.get(f"{path}/ballot", params={"token": other}),
        await survey.send(response("late")),
        await survey.service.post(f"{path}/links", links, roles=["scoring_board"]),
        await survey.get("/results"),
        await survey.withdraw(),
    ]
    assert {(each.status_code, each.json()["code"]) for each in answers} == {(409, "survey-withdrawn")}
    for table in ("survey_ballot", "survey_token", "survey_receipt"):
        assert await survey.service.rows(f"SELECT * FROM {table}") == []

    # Its end finds nothing to count.
    clock.advance(timedelta(days=30))
    assert await survey.seal() is None
    assert await survey.service.rows("SELECT * FROM indicator_value") == []
    assert (await survey.get("/results")).status_code == 409


async def test_what_is_over_stays(survey: SurveyService, clock: FixedClock) -> None:
    await survey.begun()
    clock.advance(timedelta(days=20))
    for _ in ("over", "sealed"):
        late = await survey.withdraw()
        assert (late.status_code, late.json()["code"]) == (409, "survey-closed")
        await survey.seal()
    clock.advance(timedelta(days=-20))  # as of a process that read the time before it had to wait
    assert (await survey.withdraw()).json()["code"] == "survey-closed"
    survey.code = "NONE"
    assert (await survey.withdraw()).status_code == 404


async def test_the_right_one_has_its_code_and_feeds_the_score(survey: SurveyService, clock: FixedClock) -> None:
    await survey.begun(opens_at="2026-06-02T00:00:00+07:00")
    for number in (1, 2):
        assert (await survey.withdraw()).status_code == 200, "before it opens as well"
        opened = await asyncio.gather(survey.open(), survey.open())
        assert sorted(each.status_code for each in opened) == [201, 409]
        [right] = [each.json() for each in opened if each.status_code == 201]
        assert (right["code"], right["state"], right["withdrawn"]) == (survey.code, "open", None)
        aside = (await survey.service.get(f"/v1/surveys/{survey.code}.{number}")).json()
        assert (aside["state"], aside["withdrawn"]["reason"]) == ("withdrawn", "mở nhầm kỳ")
    (token,) = await survey.tokens()
    assert (await survey.cast(token, GOOD)).status_code == 201
    await survey.send(*(response(str(n)) for n in range(3)))
    clock.advance(timedelta(days=30))
    await survey.seal()
    assert await survey.service.rows("SELECT indicator, given_by FROM indicator_value") == [
        ("SIPAS_ACCESS", f"survey:{survey.code}")
    ]
    assert [each["code"] for each in (await survey.service.get("/v1/surveys")).json()["items"]] == [
        survey.code,
        f"{survey.code}.1",
        f"{survey.code}.2",
    ]
    taken = await survey.open(code=f"{survey.code}.3")
    assert [error["field"] for error in taken.json()["errors"]] == ["body.code"]


async def test_what_comes_at_the_moment_of_the_withdrawal_counts_before_it_or_not_at_all(
    survey: SurveyService,
) -> None:
    await survey.begun()
    tokens = await survey.tokens(8)
    links = {"unit": "A", "stratum": "a", "number": 3}
    made = survey.service.post(f"/v1/surveys/{survey.code}/links", links, roles=["scoring_board"])
    casts = [survey.cast(token, GOOD) for token in tokens]
    *answers, withdrawn, linked = await asyncio.gather(*casts[:4], *casts[4:], survey.withdraw(), made)
    assert withdrawn.status_code == 200
    taken = [each.status_code for each in answers].count(201)
    shown = (await survey.get()).json()
    assert (shown["ballots"], shown["links_used"]) == (taken, taken)
    assert shown["links"] == 8 + 3 * (linked.status_code == 201)
    assert await survey.service.rows("SELECT * FROM survey_token") == []
