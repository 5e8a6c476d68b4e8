"""Questionnaires over HTTP: listed, read, loaded once; shipped ones from the city's folder."""

from pathlib import Path

import pytest

from cchc_shared.calendar.clock import FixedClock
from cchc_shared.service.assembly import opened
from scoring_worker.bootstrap import FEATURES
from scoring_worker.questionnaires.feature import load_questionnaires
from scoring_worker.settings import ScoringSettings
from tests.support.scoring import ScoringService
from tests.support.surveys import SMALL, SurveyService


@pytest.fixture
def survey(service: ScoringService) -> SurveyService:
    return SurveyService(service)


async def test_a_version_is_loaded_once_and_never_changes(survey: SurveyService) -> None:
    for role in ("officer", "council", "system", "operator"):
        assert (await survey.load(role=role)).status_code == 403
    tried, first, again = await survey.load(dry_run="true"), await survey.load(), await survey.load(f"# x\n{SMALL}")
    assert [(answer.status_code, answer.json()["status"]) for answer in (tried, first, again)] == [
        (200, "sound"),
        (201, "loaded"),
        (200, "known"),
    ]
    other = await survey.load(SMALL.replace("quota: 2", "quota: 3"))
    assert (other.status_code, other.json()["code"]) == (409, "questionnaire-version-taken")
    faulty = await survey.load(SMALL.replace("quota: 2", "quota: two").replace("ballots: 3", "ballots: 0"))
    errors = {error["field"]: error["message"] for error in faulty.json()["errors"]}
    assert errors == {
        "body.sample.quota": "phải là số nguyên",
        "body.smallest_group.ballots": "phải lớn hơn hoặc bằng 2",
    }
    (listed,) = (await survey.service.get("/v1/questionnaires")).json()["items"]
    read = (await survey.service.get("/v1/questionnaires/SMALL/versions/1", roles=["officer"], unit="A")).json()
    assert {name: read[name] for name in listed} == listed
    assert read["document"]["sample"]["quota"] == read["quota"] == 2
    assert (await survey.service.get("/v1/questionnaires/SMALL/versions/2")).status_code == 404
    plain = {**survey.service.headers(roles=["scoring_board"]), "Content-Type": "text/plain"}
    sent = await survey.service.client.post("/v1/questionnaires", content=SMALL.encode(), headers=plain)
    assert sent.status_code == 415


async def test_those_of_the_city_are_loaded_when_a_worker_starts(
    settings: ScoringSettings, clock: FixedClock, tmp_path: Path
) -> None:
    async with opened("tests", settings, FEATURES, clock) as here:
        assert await load_questionnaires(here) == {"surveys/sipas.yaml": "loaded"}
        assert await load_questionnaires(here) == {"surveys/sipas.yaml": "known"}
        (tmp_path / "surveys").mkdir()
        changed = (here.profile / "surveys" / "sipas.yaml").read_text("utf-8").replace("quota: 250", "quota: 10")
        (tmp_path / "surveys" / "changed.yaml").write_text(changed, "utf-8")
        (tmp_path / "surveys" / "faulty.yaml").write_text("code: X", "utf-8")
        here.settings.profile = tmp_path
        results = await load_questionnaires(here)
    assert results["surveys/changed.yaml"] == "refused: questionnaire-version-taken"
    assert results["surveys/faulty.yaml"].startswith("refused: ")
