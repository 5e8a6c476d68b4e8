"""Published tables of whole provinces: entered whole, checked, kept by version, followed over the years."""

import csv
from decimal import Decimal
from pathlib import Path

import pytest

from tests.support.http import Json
from tests.support.scoring import ScoringService

PUBLISHED = list(csv.DictReader((Path(__file__).parent / "par_index_2012.csv").read_text("utf-8").splitlines()))
"""PAR INDEX 2012, some provinces. Status S: a third party's data set."""
PATH = "/v1/series/PAR-INDEX/2012"


def row(each: dict[str, str]) -> Json:
    parts = {"appraised": float(each["appraised"]), "survey": float(each["survey"])}
    return {
        "territory": each["territory"],
        "name": each["name"],
        "total": float(each["total"]),
        "parts": parts,
        "rank": int(each["rank"]),
    }


def table(*rows: Json, **changed: object) -> Json:
    heading = {"title": "PAR INDEX 2012", "title_en": "PAR INDEX 2012", "source": "bộ dữ liệu của bên thứ ba"}
    return {
        **heading,
        "status": "S",
        "highest": 100,
        "rows": list(rows) or [row(each) for each in PUBLISHED],
        **changed,
    }


async def test_a_published_table_comes_out_as_it_was_printed(service: ScoringService) -> None:
    answer = await service.put(PATH, table())
    assert answer.status_code == 200, answer.text
    shown = (await service.get(PATH)).json()
    assert (shown["version"], shown["status"], len(shown["rows"])) == (1, "S", len(PUBLISHED))
    for printed, found in zip(PUBLISHED, shown["rows"], strict=True):
        assert Decimal(str(found["total"])) == Decimal(printed["total"])
        assert sum(Decimal(str(part)) for part in found["parts"].values()) == Decimal(printed["total"])
        assert (found["territory"], found["rank"]) == (printed["territory"], int(printed["rank"]))


async def test_versions_are_kept_and_the_same_again_is_none(service: ScoringService) -> None:
    assert [(await service.put(PATH, table())).json()["version"] for _ in range(2)] == [1, 1]
    corrected = table(source="Quyết định công bố")
    assert (await service.put(PATH, corrected)).json()["version"] == 2
    assert (await service.get(PATH)).json()["source"] == "Quyết định công bố"
    assert (await service.get(PATH, version=1)).json()["source"] == "bộ dữ liệu của bên thứ ba"
    assert (await service.get(PATH, version=3)).status_code == 404
    (listed,) = (await service.get("/v1/series")).json()["items"]
    assert (listed["code"], listed["year"], listed["version"]) == ("PAR-INDEX", 2012, 2)


async def test_a_province_is_followed_over_the_years(service: ScoringService) -> None:
    hanoi = {"territory": "01", "name": "Hà Nội"}
    await service.put(PATH, table())
    await service.put("/v1/series/PAR-INDEX/2013", table({**hanoi, "total": 80, "rank": 5}))
    found = (await service.get("/v1/series/PAR-INDEX", territory="01")).json()
    assert [(each["year"], each["total"], each["rank"], each["of"]) for each in found["items"]] == [
        (2013, 80, 5, 1),
        (2012, 82.77, 7, 10),
    ]
    assert (await service.get("/v1/series/PAR-INDEX", territory="99")).json()["items"] == []
    assert (await service.get("/v1/series/PAPI", territory="01")).status_code == 404


ONE, OTHER = (row(each) for each in PUBLISHED[:2])


@pytest.mark.parametrize(
    ("rows", "fields"),
    [
        ([{**ONE, "total": 87.13}], ["rows.0.total"]),
        ([{**ONE, "parts": {"appraised": 53.25}}], ["rows.0.total"]),
        ([{**ONE, "total": 101, "parts": {}}], ["rows.0.total"]),
        ([ONE, {**OTHER, "territory": ONE["territory"]}], ["rows.1.territory"]),
        ([ONE, {**OTHER, "rank": 1}], ["rows.1.rank"]),
        ([{**ONE, "rank": 2}, {**OTHER, "rank": 1}], ["rows.1.rank"]),
        ([{**ONE, "rank": 0}], ["rows.0.rank"]),
        ([{**ONE, "total": "x"}, {**OTHER, "territory": ""}], ["rows.0.total", "rows.1.territory"]),
        ([], ["rows"]),
    ],
)
async def test_a_table_that_contradicts_itself_is_refused_whole(
    service: ScoringService, rows: list[Json], fields: list[str]
) -> None:
    answer = await service.put(PATH, {**table(), "rows": rows})
    assert answer.status_code == 422, answer.text
    assert [error["field"] for error in answer.json()["errors"]] == [f"body.{field}" for field in fields]
    assert (await service.get(PATH)).status_code == 404


async def test_equal_totals_may_share_a_rank_or_not(service: ScoringService) -> None:
    alike = [
        {"territory": code, "name": code, "total": 80, "rank": rank} for code, rank in (("a", 1), ("b", 1), ("c", 2))
    ]
    assert (await service.put(PATH, table(*alike))).status_code == 200


@pytest.mark.parametrize(
    ("role", "status"), [("scoring_board", 200), ("system", 200), ("council", 403), ("officer", 403)]
)
async def test_who_enters(service: ScoringService, role: str, status: int) -> None:
    assert (await service.put(PATH, table(), roles=[role])).status_code == status
