"""What seasons published is compared over HTTP, across versions of a set too."""

import csv
import io

import pytest

from cchc_shared.calendar.clock import FixedClock
from scoring_worker.seasons.domain import DATES
from tests.support.http import Json
from tests.support.scoring import ScoringService
from tests.support.seasons import SET, WEEK, Caller, unit

NEXT = SET.replace('version: "1"', 'version: "2"').replace("2026-01-01", "2026-07-01").replace('"1.2"', '"1.3"')
"""The next version has 1.3 in place of 1.2."""


def own(code: str, points: float) -> Json:
    return {"criterion": code, "points": points, "calculation": "theo quy chế"}


def by_code(found: Json) -> dict[str, Json]:
    return {each["code"]: each for each in found["items"]}


@pytest.fixture
async def board(service: ScoringService) -> Caller:
    await service.apply([unit("so-a"), unit("so-b")])
    for document in (SET, NEXT):
        assert (await service.load(document)).status_code == 201
    return Caller(service, ("scoring_board",))


@pytest.fixture
async def first(board: Caller, clock: FixedClock) -> str:
    """A season in which 1.1 of so-a became a finding, after a self-score, an appraisal and the council."""
    season = await board.open(kinds=["department"], findings_below=0.5)
    for code, points in (("so-a", 8), ("so-b", 6)):
        head = Caller(board.service, ("unit_head",), code)
        await head.enter(season, code, "self-scores", own("1.1", points), own("1.2", 5))
    clock.advance(WEEK)
    await board.enter(season, "so-a", "appraisals", {"criterion": "1.1", "points": 5, "remark": "thiếu quy chế"})
    clock.advance(WEEK * 3)
    council = Caller(board.service, ("council",))
    await council.enter(season, "so-a", "council-scores", {"criterion": "1.1", "points": 2, "reason": "theo biên bản"})
    clock.advance(WEEK)
    await board.act(season, "publish")
    return season


async def test_two_units_of_a_published_season(board: Caller, first: str) -> None:
    found = await board.get(f"{first}/compare", unit="so-a", **{"with": "so-b"})
    top, code = found["items"][0], first.rsplit("/", 1)[1]
    assert (top["code"], top["difference"], top["share_difference"]) == ("1.1", -4, -0.4)
    steps = ("self_score", "appraisal_1", "appraisal_2", "council", "ruling", "points", "origin")
    assert [top["first"][name] for name in steps] == [8, 5, None, 2, None, 2, "council"]
    assert [top["second"][name] for name in steps] == [6, None, None, None, None, 6, "self_score"]
    assert (top["first"]["finding"], top["second"]["finding"]) == (
        {"cause": None, "accountable_unit": None, "accountable_position": None, "task": None},
        None,
    )
    results = {each["unit"]: each for each in (await board.get(f"{first}/results"))["items"]}
    for side, unit_ in (("first", "so-a"), ("second", "so-b")):
        same = ("unit", "name", "kind", "total", "max", "percent", "coverage", "rank", "band")
        assert {name: found[side][name] for name in same} == {name: results[unit_][name] for name in same}
        assert (found[side]["season"], found[side]["link"]) == (code, 1)
    assert found["total_difference"] == results["so-a"]["total"] - results["so-b"]["total"] == -4


async def test_a_unit_in_two_seasons_by_two_versions_of_the_set(board: Caller, first: str, clock: FixedClock) -> None:
    head = Caller(board.service, ("unit_head",), "so-a")
    said = {"cause": "chưa ban hành", "accountable_unit": "so-a", "accountable_position": "Giám đốc Sở", "task": "NV-1"}
    await head.enter(first, "so-a", "findings", {"criterion": "1.1", **said})
    dates = {name: (clock.now() + WEEK * place).isoformat() for place, name in enumerate(DATES, start=1)}
    second = await board.open(kinds=["department"], period="2026-H2", findings_below=0.5, **dates)
    await head.enter(second, "so-a", "self-scores", own("1.1", 9), own("1.3", 5))
    codes = [each.rsplit("/", 1)[1] for each in (first, second)]

    early = await head.send("GET", f"{second}/compare", query={"unit": "so-a", "with_season": codes[0]})
    assert (early.status_code, early.json()["code"]) == (409, "season-not-published")
    assert (early.json()["season"], early.json()["state"]) == (codes[1], "self_scoring")
    clock.advance(WEEK * 5)
    await board.act(second, "publish")

    found = await head.get(f"{second}/compare", unit="so-a", with_season=codes[0])
    assert [(found[side]["season"], found[side]["version"]) for side in ("first", "second")] == [
        (codes[1], "2"),
        (codes[0], "1"),
    ]
    rows = by_code(found)
    assert (found["items"][0]["code"], rows["1.1"]["difference"]) == ("1.1", 7)
    assert (rows["1.1"]["first"]["finding"], rows["1.1"]["second"]["finding"]) == (None, said)
    assert {code: rows[code]["only_in"] for code in ("1.1", "1.2", "1.3")} == {
        "1.1": None,
        "1.2": "second",
        "1.3": "first",
    }
    # Live scores know nothing of what was given: it is read from the documents alone.
    live = (await head.get("/v1/scores/so-a", set="SMALL", period="2026-H1"))["total"]
    assert (live, found["second"]["total"]) == (0, 7)
    await head.enter(second, "so-a", "objections", {"criterion": "1.1", "reason": "đã nộp đủ"})
    ruling = {"criterion": "1.1", "upheld": True, "points": 10, "reason": "đúng là đã nộp"}
    await board.enter(second, "so-a", "rulings", ruling)
    corrected = await head.get(f"{second}/compare", unit="so-a", with_season=codes[0])
    assert (by_code(corrected)["1.1"]["difference"], corrected["first"]["link"]) == (8, 3)


async def test_who_compares_what(board: Caller, first: str, clock: FixedClock) -> None:
    path, code = f"{first}/compare", first.rsplit("/", 1)[1]
    for query in ({}, {"with": "so-b", "with_season": code}):
        answer = await board.send("GET", path, query={"unit": "so-a", **query})
        assert [error["field"] for error in answer.json()["errors"]] == ["query.with"]
    for query in ({"unit": "so-z", "with": "so-b"}, {"unit": "so-a", "with_season": "DC-2026-999999"}):
        assert (await board.send("GET", path, query=query)).status_code == 404
    query = {"unit": "so-a", "with": "so-b"}
    for roles, status in ((("officer",), 200), (("council",), 200), (("citizen",), 403), (("system",), 403)):
        assert (await Caller(board.service, roles).send("GET", path, query=query)).status_code == status
    other = SET.replace("code: SMALL", "code: OTHER")
    assert (await board.service.load(other)).status_code == 201
    dates = {name: (clock.now() + WEEK * place).isoformat() for place, name in enumerate(DATES, start=1)}
    strange = await board.open(set="OTHER", **dates)
    clock.advance(WEEK * 5)
    await board.act(strange, "publish")
    query = {"unit": "so-a", "with_season": strange.rsplit("/", 1)[1]}
    answer = await board.send("GET", path, query=query)
    assert [error["field"] for error in answer.json()["errors"]] == ["query.with_season"]


async def test_a_comparison_of_seasons_as_a_sheet(board: Caller, first: str) -> None:
    answer = await board.send("GET", f"{first}/compare/export.csv", query={"unit": "so-a", "with": "so-b"})
    whole, top, *rest = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline=""))
    assert (whole["Tiêu chí"], float(whole["Chênh lệch điểm"])) == ("Toàn bộ", -4)
    assert [top[name] for name in ("Điểm tự chấm (thứ nhất)", "Hội đồng (thứ nhất)", "Nguồn của điểm (thứ hai)")] == [
        "8.0",
        "2.0",
        "Tự chấm",
    ]
    assert {row["Thứ nhất"] for row in (whole, top, *rest)} == {f"Đơn vị so-a, 2026-H1 ({first.rsplit('/', 1)[1]})"}
