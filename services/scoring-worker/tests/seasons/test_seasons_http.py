"""Seasons over HTTP: who opens them, what is refused, and what their dates do."""

import asyncio
import csv
import io
import zipfile

import pytest

from cchc_shared.calendar.clock import FixedClock
from cchc_shared.contract.codes import UnitKind
from scoring_worker.seasons.domain import DATES
from tests.support.scoring import ScoringService
from tests.support.seasons import NOW, SET, WEEK, Caller, criterion, opening, unit


@pytest.fixture
async def board(service: ScoringService) -> Caller:
    below = [unit(f"phong-{number}", UnitKind.SECTION, "xa-a") for number in (1, 2)]
    await service.apply([unit("so-a"), unit("so-b"), *below, unit("xa-a", UnitKind.COMMUNE)])
    assert (await service.load(SET)).status_code == 201
    return Caller(service, ("scoring_board",))


async def test_every_fault_of_an_opening_is_named_and_nothing_is_kept(board: Caller) -> None:
    await board.open(units=["so-b"])
    body = opening(
        units=["so-a", "so-a", "so-b", "xa-a", "so-z"],
        kinds=["commune"],
        appraisers={"1": "so-z", "9": "so-a"},
        self_scores_until=NOW.isoformat(),
        council_until=NOW.isoformat(),
    )
    answer = await board.send("POST", "/v1/seasons", body)
    assert answer.status_code == 422, answer.text
    assert sorted(each["field"] for each in answer.json()["errors"]) == [
        "body.appraisers.1",
        "body.appraisers.9",
        "body.council_until",
        "body.kinds",
        "body.kinds.0",
        "body.self_scores_until",
        "body.units.1",
        "body.units.2",
        "body.units.3",
        "body.units.4",
    ]
    for changed in ({"set": "NONE"}, {"version": "9"}, {"period": "2026-H3"}, {"findings_below": 2}):
        assert (await board.send("POST", "/v1/seasons", opening(**changed))).status_code == 422, changed
    assert len((await board.get("/v1/seasons"))["items"]) == 1


async def test_several_are_open_at_once_each_run_by_its_own(board: Caller) -> None:
    city = await board.open(kinds=["department"])
    head = Caller(board.service, ("unit_head",), "xa-a")
    own = await head.open(owner="xa-a")
    assert [each["unit"] for each in (await head.get(own))["units"]] == ["phong-1", "phong-2"]
    assert [each["unit"] for each in (await head.get(city))["units"]] == ["so-a", "so-b"]
    listed = (await head.get("/v1/seasons", limit=1))["items"]
    assert (listed[0]["owner"], listed[0]["possible"]) == ("xa-a", ["advance", "reschedule", "add_units", "cancel"])
    [of_section] = (await head.get("/v1/seasons", unit="phong-1"))["items"]
    assert of_section["code"] == listed[0]["code"]
    for caller in (board, Caller(board.service, ("unit_head",), "so-a")):
        assert (await caller.send("POST", "/v1/seasons", opening(owner="xa-a"))).status_code == 403
        refused = await caller.send("POST", f"{own}/actions/cancel", {"reason": "không phải việc của tôi"}, version=1)
        assert refused.status_code == 403
    strangers = await head.send("POST", "/v1/seasons", opening(owner="xa-a", units=["so-a"], period="2026-Q1"))
    assert [each["field"] for each in strangers.json()["errors"]] == ["body.units.0"]


async def test_dates_change_ahead_and_a_cancelled_season_frees_its_units(board: Caller, clock: FixedClock) -> None:
    season = await board.open()
    later = {"self_scores_until": (NOW + WEEK + WEEK / 2).isoformat(), "reason": "gia hạn theo đề nghị"}
    moved = await board.act(season, "reschedule", later)
    assert moved["version"] == 2
    clock.advance(WEEK * 2)
    body = {"self_scores_until": (NOW + WEEK * 3).isoformat(), "council_until": NOW.isoformat(), "reason": "mở lại"}
    refused = await board.send("POST", f"{season}/actions/reschedule", body, version=2)
    fields = {each["field"] for each in refused.json()["errors"]}
    assert (refused.status_code, fields) == (422, {"body.self_scores_until", "body.council_until"})
    nothing = await board.send("POST", f"{season}/actions/reschedule", {"reason": "không đổi gì"}, version=2)
    assert nothing.status_code == 422
    early = await board.send("POST", f"{season}/actions/publish", version=2)
    assert (early.status_code, early.json()["possible"]) == (409, ["advance", "reschedule", "cancel"])
    assert (await board.send("POST", f"{season}/actions/publish", version=1)).status_code == 412
    assert (await board.act(season, "cancel", {"reason": "mở nhầm kỳ"}))["stage"] == "cancelled"
    assert [(each["action"], each["note"]) for each in (await board.get(f"{season}/history"))["items"]] == [
        ("open", None),
        ("reschedule", "gia hạn theo đề nghị"),
        ("cancel", "mở nhầm kỳ"),
    ]
    dates = {name: (NOW + WEEK * (place + 3)).isoformat() for place, name in enumerate(DATES)}
    await board.open(**dates)


async def test_units_join_until_self_scoring_ends(board: Caller, clock: FixedClock) -> None:
    service = board.service
    season = await board.open(units=["so-a"])
    await board.open(units=["so-b"], period="2026-Q1")
    why = "bổ sung theo đề nghị"
    body = {"units": ["xa-a", "so-a", "so-z", "so-b", "so-b"], "reason": why}
    wrong = await board.send("POST", f"{season}/actions/add_units", body, version=1)
    fields = [each["field"] for each in wrong.json()["errors"]]
    assert (wrong.status_code, sorted(fields)) == (422, [f"body.units.{place}" for place in (0, 1, 2, 4)])
    for refused in ({"units": ["so-b"]}, {"units": [], "reason": why}):
        assert (await board.send("POST", f"{season}/actions/add_units", refused, version=1)).status_code == 422
    body = {"units": ["so-b"], "reason": why}
    for caller in (Caller(service, ("unit_head",), "so-b"), Caller(service, ("council",))):
        assert (await caller.send("POST", f"{season}/actions/add_units", body, version=1)).status_code == 403

    joined = await board.act(season, "add_units", body)
    assert ([each["unit"] for each in joined["units"]], joined["version"]) == (["so-a", "so-b"], 2)
    [_, told] = (await board.get(f"{season}/history"))["items"]
    assert (told["action"], told["actor"], told["note"], told["details"]) == (
        "add_units",
        "someone",
        why,
        {"units": ["so-b"]},
    )
    head = Caller(service, ("unit_head",), "so-b")
    card = await head.enter(season, "so-b", "self-scores", {"criterion": "1.1", "points": 4, "calculation": "2 × 2"})
    assert criterion(card, "1.1")["points"] == 4
    assert (await board.send("POST", "/v1/seasons", opening(units=["so-b"]))).status_code == 422, "it takes part"

    clock.advance(WEEK)
    late = await board.send("POST", f"{season}/actions/add_units", {**body, "units": ["so-z"]}, version=2)
    assert (late.status_code, late.json()["possible"]) == (409, ["advance", "reschedule", "cancel"])
    clock.advance(WEEK * 4)
    await board.act(season, "publish")
    assert [each["unit"] for each in (await board.get(f"{season}/results"))["items"]] == ["so-b", "so-a"]


async def test_a_unit_that_two_seasons_want_at_once_joins_one(board: Caller) -> None:
    seasons = [await board.open(units=["so-a"])]
    below = Caller(board.service, ("unit_head",), "xa-a")
    seasons.append(await below.open(owner="xa-a", units=["phong-1"]))
    body = {"units": ["phong-2"], "reason": "bổ sung đơn vị"}
    answers = await asyncio.gather(
        board.send("POST", f"{seasons[0]}/actions/add_units", body, version=1),
        below.send("POST", f"{seasons[1]}/actions/add_units", body, version=1),
    )
    assert sorted(each.status_code for each in answers) == [200, 422]
    assert len(await board.service.rows("SELECT * FROM season_unit WHERE unit = 'phong-2'")) == 1


async def test_objections_have_time_when_it_is_published_late(board: Caller, clock: FixedClock) -> None:
    season = await board.open()
    clock.advance(WEEK * len(DATES))
    late = await board.send("POST", f"{season}/actions/publish", version=1)
    assert [each["field"] for each in late.json()["errors"]] == ["body.objections_until"]
    until = (clock.now() + WEEK).isoformat()
    await board.act(season, "reschedule", {"objections_until": until, "reason": "công bố muộn"})
    assert (await board.act(season, "publish"))["stage"] == "published"
    clock.advance(WEEK)
    head = Caller(board.service, ("unit_head",), "so-a")
    late = await head.attempt(season, "so-a", "objections", {"criterion": "1.1", "reason": "chưa thoả đáng"})
    assert (late.status_code, late.json()["state"]) == (409, "final")


async def test_an_opening_that_is_sent_twice_is_one_season(board: Caller) -> None:
    headers = {**board.service.headers(roles=board.roles), "Idempotency-Key": "once"}
    answers = [await board.service.client.post("/v1/seasons", json=opening(), headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].content == answers[1].content


async def test_results_and_points_are_files_for_people(board: Caller, clock: FixedClock) -> None:
    season = await board.open(kinds=["department"])
    head = Caller(board.service, ("unit_head",), "so-b")
    await head.enter(season, "so-b", "self-scores", {"criterion": "1.1", "points": 9.5, "calculation": "=1+1"})
    own = (await head.get(f"{season}/results"))["items"]
    assert [(each["unit"], each["rank"], each["total"]) for each in own] == [("so-b", None, 9.5)]
    both = (await board.get(f"{season}/results"))["items"]
    assert [(each["unit"], each["rank"]) for each in both] == [("so-b", 1), ("so-a", None)]
    assert (await board.send("GET", f"{season}/publication")).status_code == 404
    clock.advance(WEEK * 5)
    await board.act(season, "publish")
    table = await head.send("GET", f"{season}/publication/export.csv")
    rows = list(csv.DictReader(io.StringIO(table.content.decode("utf-8-sig"))))
    assert [(row["Mã đơn vị"], row["Mã tiêu chí"], row["Điểm đạt được"], row["Nguồn của điểm"]) for row in rows][
        4:6
    ] == [
        ("so-b", "1.1", "9.5", "Tự chấm"),
        ("so-b", "1.2", "", ""),
    ]
    book = await head.send("GET", f"{season}/results/export.xlsx")
    assert "xl/workbook.xml" in zipfile.ZipFile(io.BytesIO(book.content)).namelist()


async def test_a_finding_stands_on_the_card_of_the_next_season(board: Caller, clock: FixedClock) -> None:
    first = await board.open(kinds=["department"], findings_below=0.5)
    head = Caller(board.service, ("unit_head",), "so-a")
    none = {"criterion": "3.1", "points": 0, "calculation": "không bị phê bình"}
    await head.enter(first, "so-a", "self-scores", {"criterion": "1.1", "points": 4, "calculation": "2 × 2"}, none)
    clock.advance(WEEK * 5)
    await board.act(first, "publish")
    card = await head.get(f"{first}/units/so-a")
    assert not criterion(card, "3.1")["finding"], "few points of a penalty are good"
    assert criterion(card, "1.1")["proposed_task"] == "Khắc phục tiêu chí 1.1: Đạt chuẩn"
    said = {
        "criterion": "1.1",
        "cause": "chưa ban hành đủ quy chế",
        "accountable_unit": "so-a",
        "accountable_position": "Giám đốc Sở",
        "task": "NV-2026-000123",
    }
    fine = await head.attempt(first, "so-a", "findings", said, {**said, "criterion": "1.2"})
    assert [each["field"] for each in fine.json()["errors"]] == ["body.items.1.criterion"]
    nowhere = await head.attempt(first, "so-a", "findings", {**said, "accountable_unit": "so-z"})
    assert [each["field"] for each in nowhere.json()["errors"]] == ["body.items.0.accountable_unit"]
    await head.enter(first, "so-a", "findings", said)
    # Another season of the same owner and set, of other units, does not hide it.
    await board.service.apply([unit("so-c")])
    dates = {name: (clock.now() + WEEK * (place + 1)).isoformat() for place, name in enumerate(DATES)}
    others = await board.open(units=["so-c"], period="2026-Q1", **dates)
    clock.advance(WEEK * 5)
    await board.act(others, "publish")
    dates = {name: (clock.now() + WEEK * (place + 1)).isoformat() for place, name in enumerate(DATES)}
    following = await board.open(kinds=["department"], period="2026-H2", **dates)
    [former] = (await head.get(f"{following}/units/so-a"))["former_findings"]
    assert {name: former[name] for name in said} == said
    assert (former["period"], former["points"], former["max"], former["complete"]) == ("2026-H1", 4, 10, True)
    assert (await head.get(f"{first}/units/so-a"))["former_findings"] == []
    table = await head.send("GET", f"{following}/units/so-a/export.csv")
    rows = {row["Mã tiêu chí"]: row for row in csv.DictReader(io.StringIO(table.content.decode("utf-8-sig")))}
    assert list(rows) == ["1.1", "1.2", "2.1", "3.1"]
    beside = ("Kỳ trước", "Nguyên nhân đã nêu", "Chức danh chịu trách nhiệm", "Nhiệm vụ khắc phục", "Đã nêu đủ")
    named = ["2026-H1", said["cause"], said["accountable_position"], said["task"], "Có"]
    assert [rows["1.1"][name] for name in beside] == named
    assert [rows["1.2"][name] for name in beside] == [""] * 5
    neighbour = Caller(board.service, ("unit_head",), "so-b")
    assert (await neighbour.send("GET", f"{following}/units/so-a/export.csv")).status_code == 404


async def test_findings_are_listed_with_what_is_missing(board: Caller, clock: FixedClock) -> None:
    await board.service.apply([unit("so-c")])
    season = await board.open(kinds=["department"], findings_below=0.9)
    heads = {code: Caller(board.service, ("unit_head",), code) for code in ("so-a", "so-b", "so-c")}
    given = [("so-a", 4, 9), ("so-b", 1, 2), ("so-c", 10, 9)]
    for code, *points in given:
        items = [
            {"criterion": f"1.{number}", "points": each, "calculation": "theo quy chế"}
            for number, each in enumerate(points, start=1)
        ]
        await heads[code].enter(season, code, "self-scores", *items)
    assert (await board.send("GET", f"{season}/findings")).status_code == 404
    clock.advance(WEEK * 5)
    await board.act(season, "publish")
    said = {"cause": "giao việc muộn", "accountable_unit": "so-b", "accountable_position": "Giám đốc Sở"}
    mended = {"criterion": "1.2", **said, "task": "NV-2026-000123"}
    await heads["so-b"].enter(season, "so-b", "findings", {"criterion": "1.1", **said}, mended)

    path = f"{season}/findings"
    found = (await heads["so-a"].get(path))["items"]
    assert [(each["unit"], each["criterion"], each["cause"], each["task"], each["complete"]) for each in found] == [
        ("so-a", "1.1", None, None, False),
        ("so-b", "1.1", "giao việc muộn", None, False),
        ("so-b", "1.2", "giao việc muộn", "NV-2026-000123", True),
    ]
    assert found[0]["proposed_task"] == "Khắc phục tiêu chí 1.1: Đạt chuẩn"
    assert (await board.get(path, unit="so-b"))["items"] == found[1:]
    assert (await board.get(path, complete="false"))["items"] == found[:2]
    assert (await board.get(path, complete="true", unit="so-a"))["items"] == []
    page, paged = await board.get(path, limit=1), []
    while True:
        paged += page["items"]
        if page["next_cursor"] is None:
            break
        page = await board.get(path, limit=1, cursor=page["next_cursor"])
    assert paged == found
    table = await board.send("GET", f"{path}/export.csv")
    rows = list(csv.DictReader(io.StringIO(table.content.decode("utf-8-sig"))))
    assert [(row["Mã đơn vị"], row["Nguyên nhân"], row["Đã nêu đủ"]) for row in rows] == [
        ("so-a", "", "Không"),
        ("so-b", "giao việc muộn", "Không"),
        ("so-b", "giao việc muộn", "Có"),
    ]
    assert (await Caller(board.service, ("citizen",)).send("GET", path)).status_code == 403


async def test_nothing_that_was_entered_or_published_can_be_changed(board: Caller) -> None:
    for table in ("season_entry", "season_history", "ledger_link", "ledger_unit", "frozen_number"):
        for statement in (f"DELETE FROM {table}", f"TRUNCATE {table}"):
            with pytest.raises(Exception, match="append-only"):
                await board.service.rows(statement)
