"""A unit's card over HTTP: who enters what, who sees it, and what is refused."""

import asyncio

import pytest

from cchc_shared.calendar.clock import FixedClock
from tests.support.http import Json
from tests.support.scoring import ScoringService
from tests.support.seasons import SET, WEEK, Caller, criterion, unit


@pytest.fixture
async def board(service: ScoringService) -> Caller:
    await service.apply([unit(code) for code in ("so-00", "so-a", "so-b", "so-noi-vu")])
    assert (await service.load(SET)).status_code == 201
    return Caller(service, ("scoring_board",))


@pytest.fixture
async def season(board: Caller) -> str:
    return await board.open(appraisers={"1": "so-noi-vu"})


def own(points: float, code: str = "1.1") -> Json:
    return {"criterion": code, "points": points, "calculation": "theo quy chế"}


async def test_every_fault_is_named_at_once_and_nothing_is_taken(season: str, board: Caller) -> None:
    head = Caller(board.service, ("unit_head",), "so-00")
    bare = {"criterion": "1.1", "points": 1}
    wrong = await head.attempt(
        season, "so-00", "self-scores", own(10.5), bare, own(1, "1.2"), own(1, "2.1"), own(1, "9")
    )
    assert wrong.status_code == 422, wrong.text
    assert [each["field"] for each in wrong.json()["errors"]] == [
        "body.items.0.points",
        "body.items.1.criterion",
        "body.items.2.criterion",
        "body.items.3.criterion",
        "body.items.4.criterion",
    ]
    strange = await head.attempt(season, "so-00", "self-scores", {**own(-1), "rank": 1}, {**own(1), "points": "x"})
    fields = {each["field"] for each in strange.json()["errors"]}
    assert fields == {"body.items.0.points", "body.items.0.rank", "body.items.1.points"}
    card = await head.get(f"{season}/units/so-00")
    assert (card["version"], criterion(card, "1.1")["self_score"]) == (1, None)
    assert await board.service.rows("SELECT * FROM season_entry") == []


async def test_another_units_card_is_not_there(season: str, board: Caller) -> None:
    for roles in (("officer",), ("unit_head",)):
        other = Caller(board.service, roles, "so-b")
        assert (await other.send("GET", f"{season}/units/so-a")).status_code == 404
        assert (await other.attempt(season, "so-a", "self-scores", own(1))).status_code == 404
    for path in (f"{season}/units/so-z", "/v1/seasons/DC-2026-999999/units/so-a"):
        assert (await board.send("GET", path)).status_code == 404
    assert (await Caller(board.service, ("citizen",)).send("GET", f"{season}/units/so-a")).status_code == 403


async def test_who_works_on_a_card_sees_it_and_does_their_own_part(
    season: str, board: Caller, clock: FixedClock
) -> None:
    owner = Caller(board.service, ("officer",), "so-noi-vu")
    head = Caller(board.service, ("unit_head", "scoring_board", "council"), "so-a")
    assert (await head.get(f"{season}/units/so-a"))["possible"] == ["self_score"]
    by_others = await board.attempt(season, "so-a", "appraisals", {"criterion": "1.1", "points": 1, "remark": "x"})
    assert (by_others.status_code, by_others.json()["state"]) == (409, "self_scoring")
    clock.advance(WEEK)
    assert (await owner.get(f"{season}/units/so-a"))["possible"] == ["appraisal_1"]
    given = {"criterion": "1.1", "points": 5, "remark": "theo hồ sơ"}
    theirs = await board.attempt(season, "so-a", "appraisals", given)
    assert [each["field"] for each in theirs.json()["errors"]] == ["body.items.0.criterion"]
    # Whoever works for the unit is nothing else to it, whatever roles they hold.
    for what in ("appraisals",):
        refused = await head.attempt(season, "so-a", what, given)
        assert (refused.status_code, refused.json()["by"]) == (403, ["appraiser", "board"])
    # The owner's own part is appraised by the board.
    assert (await owner.attempt(season, "so-noi-vu", "appraisals", given)).status_code == 403
    assert criterion(await board.enter(season, "so-noi-vu", "appraisals", given), "1.1")["points"] == 5
    assert criterion(await owner.enter(season, "so-b", "appraisals", given), "1.1")["appraiser"] == "so-noi-vu"


async def test_nothing_is_overwritten_and_the_newest_holds(season: str, board: Caller) -> None:
    head = Caller(board.service, ("officer",), "so-a")
    for points in (5, 6, 6):
        card = await head.enter(season, "so-a", "self-scores", own(points))
    assert (card["version"], criterion(card, "1.1")["points"]) == (3, 6)
    made = (await head.get(f"{season}/units/so-a/entries", limit=1))["items"]
    assert [(each["points"], each["actor"], each["role"], each["actor_unit"]) for each in made] == [
        (5, "someone", "officer", "so-a")
    ]
    page = await head.get(f"{season}/units/so-a/entries", limit=1)
    rest = await head.get(f"{season}/units/so-a/entries", cursor=page["next_cursor"], criterion="1.1")
    assert [each["points"] for each in rest["items"]] == [6]
    stale = await head.send("PUT", f"{season}/units/so-a/self-scores", {"items": [own(7)]}, version=2)
    assert (stale.status_code, stale.headers["ETag"]) == (412, '"3"')
    assert (await head.send("PUT", f"{season}/units/so-a/self-scores", {"items": [own(7)]})).status_code == 428


async def test_two_who_appraise_different_fields_do_not_disturb_each_other(board: Caller, clock: FixedClock) -> None:
    season = await board.open(kinds=["department"], appraisers={"1": "so-noi-vu", "3": "so-b"})
    clock.advance(WEEK)
    owner, other = Caller(board.service, ("officer",), "so-noi-vu"), Caller(board.service, ("officer",), "so-b")
    for unit_ in ("so-00", "so-a"):
        seen = (await owner.get(f"{season}/units/{unit_}"))["version"]
        path = f"{season}/units/{unit_}/appraisals"

        def given(code: str) -> Json:
            return {"items": [{"criterion": code, "points": 3, "remark": "theo hồ sơ"}]}

        first, second = await asyncio.gather(
            owner.send("PUT", path, given("1.1"), version=seen), other.send("PUT", path, given("3.1"), version=seen)
        )
        assert (first.status_code, second.status_code) == (200, 200), (first.text, second.text)
        card = await owner.get(f"{season}/units/{unit_}")
        assert [criterion(card, code)["appraisal_1"] for code in ("1.1", "3.1")] == [3, 3]
        assert card["version"] == seen + 2


async def test_of_two_who_enter_the_same_criterion_one_looks_again_and_nothing_is_lost(
    board: Caller, clock: FixedClock
) -> None:
    season = await board.open(appraisers={"1": "so-noi-vu"}, units=["so-a"])
    clock.advance(WEEK)
    owner = Caller(board.service, ("officer",), "so-noi-vu")
    path = f"{season}/units/so-a/appraisals"

    def given(points: int, *more: Json) -> Json:
        return {"items": [{"criterion": "1.1", "points": points, "remark": f"được {points} điểm"}, *more]}

    answers = await asyncio.gather(*(owner.send("PUT", path, given(points), version=1) for points in (4, 5, 6)))
    assert sorted(each.status_code for each in answers) == [200, 412, 412]
    refused = next(each for each in answers if each.status_code == 412)
    assert (refused.json()["criteria"], refused.headers["ETag"]) == (["1.1"], '"2"')
    # With a criterion that nobody touched, all of it is refused; whoever has looked again is taken.
    both = given(7, {"criterion": "1.2", "points": 1, "remark": "theo hồ sơ"})
    assert (await owner.send("PUT", path, both, version=1)).status_code == 412
    assert (await owner.send("PUT", path, both, version=2)).status_code == 200
    assert (await owner.send("PUT", path, both, version=9)).status_code == 412, "there was never such a version"
    made = (await owner.get(f"{season}/units/so-a/entries"))["items"]
    assert [(each["criterion"], each["version"]) for each in made] == [("1.1", 2), ("1.1", 3), ("1.2", 3)]


async def test_where_nobody_speaks_the_rule_of_the_set_counts(season: str, board: Caller) -> None:
    number = {"unit": "so-a", "period": "2026-H1", "indicator": "RULE_BOOKS", "value": 4}
    assert (await board.service.put("/v1/indicators/values", {"items": [number]})).status_code == 200
    live = (await board.get("/v1/scores/so-a", set="SMALL", period="2026-H1"))["total"]
    head = Caller(board.service, ("officer",), "so-a")
    found = criterion(await head.get(f"{season}/units/so-a"), "1.1")
    assert (found["calculated"], found["points"], found["origin"]) == (8, 8, "calculated")
    found = criterion(await head.enter(season, "so-a", "self-scores", own(9)), "1.1")
    assert (found["calculated"], found["points"], found["origin"]) == (8, 9, "self_score")
    assert (await board.get("/v1/scores/so-a", set="SMALL", period="2026-H1"))["total"] == live == 8


async def test_a_ruling_answers_an_objection_that_waits(season: str, board: Caller, clock: FixedClock) -> None:
    head = Caller(board.service, ("officer",), "so-a")
    await head.enter(season, "so-a", "self-scores", own(9))
    clock.advance(WEEK * 5)
    await board.act(season, "publish")
    ruling = {"criterion": "1.1", "upheld": False, "reason": "không có căn cứ"}
    assert (await board.attempt(season, "so-a", "rulings", ruling)).status_code == 422
    card = await head.enter(season, "so-a", "objections", {"criterion": "1.1", "reason": "chưa thoả đáng"})
    assert criterion(card, "1.1")["objection_pending"]
    clock.advance(WEEK)
    await board.enter(season, "so-a", "rulings", ruling)
    card = await head.get(f"{season}/units/so-a")
    assert (card["stage"], criterion(card, "1.1")["objection_pending"]) == ("final", False)
    assert len((await head.get(f"{season}/publication/links"))["items"]) == 1, "nothing was corrected"
