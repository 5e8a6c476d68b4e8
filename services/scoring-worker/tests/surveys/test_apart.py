"""No answer can be joined to whoever gave it: looked for in every table, as the database has them."""

from datetime import timedelta
from typing import Any

from sqlalchemy import text

from cchc_shared.calendar.clock import FixedClock
from scoring_worker.metadata import METADATA
from scoring_worker.surveys import repository
from scoring_worker.surveys.service import digest
from tests.support.surveys import SurveyService, collected, response

ONE, OTHER = {"A1": 3, "A2": 3, "R1": 3, "K": 1}, {"A1": 1, "A2": 1, "R1": 1, "K": 2}
TOKENS = ["first-token-of-somebody", "second-token-of-another"]
OF_SURVEYS = ("survey_ballot", "survey_receipt", "survey_token", "survey")


async def everything(survey: SurveyService) -> dict[str, list[Any]]:
    """All rows of all tables of the service."""
    found = {}
    for name in METADATA.tables:
        found[name] = [row[0] for row in await survey.service.rows(f"SELECT CAST(t AS text) FROM {name} t ORDER BY 1")]
    return found


async def voted(survey: SurveyService, *answers: dict[str, int]) -> dict[str, list[Any]]:
    """All that is stored after these ballots were cast by the same tokens, in the same order."""
    assert (await survey.open()).status_code == 201
    async with survey.service.engine.begin() as conn:
        await repository.add_tokens(conn, survey.code, ("A", "a"), [digest(token) for token in TOKENS])
    for token, given in zip(TOKENS, answers, strict=True):
        assert (await survey.cast(token, given)).status_code == 201
    sent = [collected(id_, "B", "a", given) for id_, given in zip(("one", "other"), answers, strict=True)]
    assert (await survey.send(*sent)).status_code == 200
    stored = await everything(survey)
    async with survey.service.engine.begin() as conn:
        for name in OF_SURVEYS:
            await conn.execute(text(f"DELETE FROM {name}"))
    return stored


async def test_what_is_stored_is_the_same_whoever_gave_which_answers(survey: SurveyService) -> None:
    await survey.units()
    await survey.load()
    one_way = await voted(survey, ONE, OTHER)
    assert one_way == await voted(survey, OTHER, ONE)
    assert len(one_way["survey_ballot"]) == 4
    assert len(one_way["survey_token"]) == len(one_way["survey_receipt"]) == 2
    assert one_way != await voted(survey, ONE, ONE)  # the comparison sees answers


async def test_tokens_and_answers_never_stand_in_one_table(survey: SurveyService) -> None:
    await survey.begun()
    (token,) = await survey.tokens()
    await survey.cast(token, ONE)
    await survey.send(collected("an-id-of-a-device", "A", "a", ONE))
    stored = await everything(survey)
    for secret in (token, "an-id-of-a-device"):
        assert not [name for name, rows in stored.items() if any(secret in row for row in rows)]
        key = digest(secret if secret == token else f"someone\n{secret}").hex()
        leads = [name for name, rows in stored.items() if any(key in row for row in rows)]
        assert leads == ["survey_token" if secret == token else "survey_receipt"]
    assert [name for name, rows in stored.items() if any("3331" in row for row in rows)] == ["survey_ballot"]
    columns = {name: set(METADATA.tables[name].columns.keys()) for name in OF_SURVEYS[:3]}
    assert columns == {
        "survey_ballot": {"survey", "unit", "stratum", "answers", "number"},
        "survey_receipt": {"survey", "digest"},
        "survey_token": {"digest", "survey", "unit", "stratum", "used"},
    }, "a column more may lead from a person to answers: see docs/adr/0053"


async def test_once_sealed_no_token_is_left_and_all_ballots_were_written_together(
    survey: SurveyService, clock: FixedClock
) -> None:
    await survey.begun()
    for token, answers in zip(await survey.tokens(3), (OTHER, ONE, OTHER), strict=True):
        await survey.cast(token, answers)
    await survey.send(response("x", stratum="b"))
    box = "SELECT unit, stratum, answers, number FROM survey_ballot"
    before = sorted(await survey.service.rows(box))
    clock.advance(timedelta(days=30))
    sealed = await survey.seal()
    assert sealed is not None
    assert await survey.service.rows(box) == before  # in the order of what stands in them
    assert await survey.service.rows("SELECT count(DISTINCT CAST(xmin AS text)) FROM survey_ballot") == [(1,)]
    assert await survey.service.rows("SELECT count(*) FROM survey_token") == [(0,)]
    assert await survey.service.rows("SELECT count(*) FROM survey_receipt") == [(0,)]
    shown = (await survey.get()).json()
    assert (shown["links"], shown["links_used"], shown["ballots"]) == (3, 3, 4)
