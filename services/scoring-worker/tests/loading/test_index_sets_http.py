"""Index sets over HTTP: listed, read, compared; loaded whole or refused with every fault."""

import io
from pathlib import Path

import openpyxl
import pytest
import yaml
from openpyxl.workbook import Workbook

from scoring_worker.index_sets.document import load
from scoring_worker.loading.schemas import WORKBOOK
from tests.support.scoring import ScoringService

FOLDER = Path(__file__).parents[4] / "data" / "index_sets"
CITY = (FOLDER / "cchc-city.yaml").read_text("utf-8")
NEXT = CITY.replace('version: "2026.4"', 'version: "2028.1"').replace('threshold: "0.95"', 'threshold: "0.9"')


async def test_shipped_sets_are_listed_and_read(service: ScoringService) -> None:
    listed = (await service.get("/v1/index-sets")).json()["items"]
    assert {each["code"] for each in listed} == {"CCHC-CITY", "HP212", "QD766", "SIPAS", "TT01-2018"}
    for each in listed:
        read = await service.get(f"/v1/index-sets/{each['code']}/versions/{each['version']}")
        assert read.status_code == 200, read.text
        assert {name: read.json()[name] for name in each} == each
        again = load(yaml.safe_dump(read.json()["document"]))
        assert again.index_set.code == each["code"]
        if each["template"]:
            assert read.json()["notice"]
    assert (await service.get("/v1/index-sets/QD766/versions/1")).status_code == 404


async def test_a_new_version_is_loaded_once_scored_by_and_compared(service: ScoringService) -> None:
    tried = await service.load(NEXT, dry_run=True)
    assert (tried.status_code, tried.json()["status"]) == (200, "sound")
    first, second = await service.load(NEXT), await service.load(f"# once more\n{NEXT}")
    assert (first.status_code, first.json()["status"]) == (201, "loaded")
    assert (second.status_code, second.json()["status"]) == (200, "known")
    assert first.json()["sha256"] == load(NEXT).sha256
    path = "/v1/index-sets/CCHC-CITY/versions/2026.4/differences"
    found = (await service.get(path, to="2028.1")).json()["items"]
    assert found == [
        {"path": "version", "before": "2026.4", "after": "2028.1"},
        {"path": "fields.2.criteria.2.1.rule.threshold", "before": "0.95", "after": "0.9"},
    ]
    assert (await service.get(path, to="2026.4")).json()["items"] == []
    assert (await service.get("/v1/scores", set="CCHC-CITY", period="2026-01")).json()["version"] == "2028.1"


async def test_a_loaded_version_never_changes(service: ScoringService) -> None:
    for dry_run in (True, False):
        answer = await service.load(CITY.replace('each: "0.5"', 'each: "0.6"'), dry_run=dry_run)
        assert (answer.status_code, answer.json()["code"]) == (409, "version-taken")


async def test_every_fault_is_named_in_both_languages_and_nothing_is_loaded(service: ScoringService) -> None:
    faulty = NEXT.replace("max: 30", "max: -1").replace("indicator: handovers", "indicator: none")
    faulty = faulty.replace("at_least: 80", "at_least: eighty").replace("ranking: 1-2-2-4", "ranking: best")
    answer = await service.load(faulty)
    assert answer.status_code == 422
    errors = {error["field"]: error["message"] for error in answer.json()["errors"]}
    assert set(errors) == {"body.fields.0.criteria.0.criteria.0", "body.bands.1.at_least", "body.ranking"}
    assert errors["body.bands.1.at_least"] == "phải là số"
    english = await service.client.post(
        "/v1/index-sets",
        content=NEXT.replace("max: 30", "max: 29.55").encode(),
        headers={
            **service.headers(roles=["scoring_board"]),
            "Content-Type": "application/yaml",
            "Accept-Language": "en",
        },
    )
    (first, *_) = english.json()["errors"]
    assert first == {"field": "body.points", "message": "the criteria of a department have 99.55 points, not 100"}
    assert len((await service.get("/v1/index-sets")).json()["items"]) == 6


@pytest.mark.parametrize(
    ("document", "media", "status"),
    [
        ("code: [", "application/yaml", 422),
        ("- 1", "application/yaml", 422),
        ("", "application/yaml", 422),
        (NEXT, "text/plain", 415),
    ],
)
async def test_what_is_no_index_set_is_refused(service: ScoringService, document: str, media: str, status: int) -> None:
    answer = await service.load(document, media=media)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_set_goes_out_as_a_workbook_and_comes_back_as_the_next_version(service: ScoringService) -> None:
    got = await service.get("/v1/index-sets/QD766/versions/2026.3/export.xlsx")
    assert (got.status_code, got.headers["content-type"]) == (200, WORKBOOK)
    assert got.headers["content-disposition"] == 'attachment; filename="QD766-2026.3.xlsx"'
    assert (await service.get("/v1/index-sets/QD766/versions/1/export.xlsx")).status_code == 404
    listed = (await service.get("/v1/index-sets")).json()["items"]
    (known,) = [each["sha256"] for each in listed if each["code"] == "QD766"]
    same = await service.load(got.content, media=WORKBOOK)
    assert (same.status_code, same.json()["status"], same.json()["sha256"]) == (200, "known", known)

    book = openpyxl.load_workbook(io.BytesIO(got.content))
    book["Bộ chỉ số"]["B3"] = "2099.1"
    changed = await service.load(saved(book), media=WORKBOOK)
    assert (changed.status_code, changed.json()["status"], changed.json()["version"]) == (201, "loaded", "2099.1")
    found = (await service.get("/v1/index-sets/QD766/versions/2026.3/differences", to="2099.1")).json()["items"]
    assert found == [{"path": "version", "before": "2026.3", "after": "2099.1"}], "YAML and .xlsx say the same"
    read = (await service.get("/v1/index-sets/QD766/versions/2099.1")).json()
    assert load(yaml.safe_dump(read["document"])).sha256 == changed.json()["sha256"]

    book["Tiêu chí"]["E3"] = "nhiều"
    book["Tiêu chí"].merge_cells("C4:C5")
    refused = await service.load(saved(book), media=WORKBOOK)
    assert refused.status_code == 422
    errors = {error["message"].partition(":")[0]: error["field"] for error in refused.json()["errors"]}
    assert errors == {"ô `Tiêu chí!C4": "body", "ô `Tiêu chí!E3`": "body.fields.0.criteria.0.max"}
    assert len((await service.get("/v1/index-sets")).json()["items"]) == len(listed) + 1
    bomb = await service.load(b"PK\x03\x04" + bytes(100), media=WORKBOOK)
    assert (bomb.status_code, [error["field"] for error in bomb.json()["errors"]]) == (422, ["body"])


async def test_what_is_entered_is_the_same_kind_of_number_for_every_set(service: ScoringService) -> None:
    """Its numbers are shared: a share of one set cannot be an amount of another."""
    old = "Violations in land management}, source: council, of: amount}"
    hp212 = (FOLDER / "hp212.yaml").read_text("utf-8").replace("code: HP212", "code: OTHER")
    assert old in hp212
    assert (await service.load(hp212)).status_code == 201
    clash = hp212.replace(old, old.replace("of: amount", "of: share")).replace("code: OTHER", "code: THIRD")
    for dry_run in (True, False):
        answer = await service.load(clash, dry_run=dry_run)
        assert answer.status_code == 422
        (error,) = answer.json()["errors"]
        assert error["field"] == "body.indicators.LAND_VIOLATIONS.of"
        assert "`HP212`" in error["message"]


def saved(book: Workbook) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


@pytest.mark.parametrize("role", ["officer", "unit_head", "coordinator", "council", "inspector", "operator", "system"])
async def test_only_the_scoring_board_loads(service: ScoringService, role: str) -> None:
    assert (await service.load(NEXT, roles=[role])).status_code == 403
    assert (await service.get("/v1/index-sets", roles=[role])).status_code == 200
