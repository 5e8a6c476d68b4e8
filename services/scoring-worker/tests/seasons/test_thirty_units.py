"""A whole season of thirty units through the API: by its roles, to its publication, verified offline."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from cchc_shared.calendar.clock import FixedClock
from scoring_worker.catalogue.catalogue import Catalogue
from scoring_worker.counts.repository import Locks
from scoring_worker.ledger.__main__ import main as verify
from scoring_worker.scoring import recompute
from scoring_worker.values.domain import Entered
from tests.support.http import Json
from tests.support.scoring import ScoringService
from tests.support.seasons import SET, WEEK, Caller, criterion, unit

UNITS = [f"so-{number:02}" for number in range(30)]
EVIDENCE = {"documents": ["12/BC"]}


@pytest.fixture
async def board(service: ScoringService) -> Caller:
    """The scoring board of a city with thirty departments, one of which owns field 1."""
    await service.apply([unit(code) for code in (*UNITS, "so-noi-vu")])
    assert (await service.load(SET)).status_code == 201
    return Caller(service, ("scoring_board",))


def own(number: int, points: float, code: str = "1.1") -> Json:
    return {"criterion": code, "points": points, "evidence": EVIDENCE}


async def test_a_season_of_thirty_units(
    board: Caller, clock: FixedClock, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    service = board.service
    shares = [
        {"unit": code, "period": "2026-H1", "indicator": "SATISFIED", "numerator": 60 + number, "denominator": 100}
        for number, code in enumerate(UNITS)
    ]
    assert (await service.put("/v1/indicators/values", {"items": shares})).status_code == 200
    season = await board.open(units=UNITS, appraisers={"1": "so-noi-vu"}, findings_below=0.5)
    heads = [Caller(service, ("unit_head",), code) for code in UNITS]

    # Units score themselves; the last one comes a second too late, though nothing has run.
    for number, head in enumerate(heads[:-1]):
        items = [own(number, 8)] if number == 0 else [own(number, 8), own(number, 6, "1.2")]
        card = await head.enter(season, UNITS[number], "self-scores", *items)
    assert criterion(card, "1.1")["points"] == 8
    clock.advance(WEEK)
    late = await heads[-1].attempt(season, UNITS[-1], "self-scores", own(29, 10))
    assert late.status_code == 409, late.text
    assert (late.json()["state"], late.json()["possible"]) == ("appraisal_1", [])

    # The owner of field 1 appraises; two have to explain.
    owner = Caller(service, ("officer",), "so-noi-vu")
    for code in UNITS[3:]:
        await owner.enter(season, code, "appraisals", {"criterion": "1.1", "points": 7, "remark": "thiếu một quy chế"})
    for code in UNITS[1:3]:
        asked = {"criterion": "1.1", "points": 4, "remark": "chưa rõ tài liệu", "explain": True}
        await owner.enter(season, code, "appraisals", asked)
    clock.advance(WEEK)
    for head in heads[1:3]:
        told = {"criterion": "1.1", "text": "tài liệu gửi kèm", "evidence": {"links": ["https://example.org/1"]}}
        await head.enter(season, str(head.unit), "explanations", told)
    clock.advance(WEEK)
    await owner.enter(
        season, UNITS[1], "appraisals", {"criterion": "1.1", "accepted": True, "points": 8, "remark": "đủ"}
    )
    await owner.enter(season, UNITS[2], "appraisals", {"criterion": "1.1", "accepted": False, "remark": "vẫn thiếu"})
    clock.advance(WEEK)
    council = Caller(service, ("council",))
    await council.enter(
        season, UNITS[3], "council-scores", {"criterion": "1.1", "points": 9, "reason": "theo biên bản"}
    )
    clock.advance(WEEK - timedelta(days=1))
    assert (await board.act(season, "advance", {"reason": "hội đồng đã họp xong"}))["stage"] == "concluded"

    published = await board.act(season, "publish")
    assert (published["stage"], published["possible"]) == ("published", [])
    results = {each["unit"]: each for each in (await heads[0].get(f"{season}/results"))["items"]}
    assert len(results) == 30
    held = {code: criterion(await heads[5].get(f"{season}/units/{code}"), "1.1") for code in UNITS[:5]}
    assert [(each["points"], each["origin"]) for each in held.values()] == [
        (8, "self_score"),
        (8, "appraisal_2"),
        (4, "appraisal_1"),
        (9, "council"),
        (7, "appraisal_1"),
    ]
    assert (results["so-00"]["total"], results["so-00"]["max"]) == (14, 20), "1.2 does not apply to it"
    assert (results["so-01"]["total"], results["so-01"]["max"]) == (20.1, 30)
    # Nobody spoke of 1.2 for the one that was locked out: without data, it is left out of the whole.
    assert (results["so-29"]["total"], results["so-29"]["max"]) == (15.9, 20)
    assert criterion(await heads[2].get(f"{season}/units/so-02"), "1.1")["finding"]

    # What it read is frozen.
    again = await service.put("/v1/indicators/values", {"items": [shares[0], {**shares[1], "numerator": 99}]})
    assert again.status_code == 422
    assert [each["field"] for each in again.json()["errors"]] == ["body.items.0.period", "body.items.1.period"]
    surveyed = Entered("so-29", "2026-H1", "SATISFIED", value=Decimal(1))
    async with service.engine.begin() as conn:  # as a survey enters its numbers, that ends after the publication
        [taken] = await recompute.enter(conn, Catalogue(), Locks(), [surveyed], "survey:x", clock.now())
    assert taken.status == "unchanged"

    # One unit objects, and is corrected by a further link.
    await heads[4].enter(season, UNITS[4], "objections", {"criterion": "1.1", "reason": "đã nộp đủ tài liệu"})
    await board.enter(
        season, UNITS[4], "rulings", {"criterion": "1.1", "upheld": True, "points": 10, "reason": "đúng là đã nộp"}
    )
    links = (await board.get(f"{season}/publication/links"))["items"]
    assert [(each["number"], each["corrects"]) for each in links] == [(1, None), (2, 1)]
    card = await heads[4].get(f"{season}/units/so-04")
    assert (criterion(card, "1.1")["points"], card["total"]) == (10, 22.4)

    # Anybody verifies it with the files alone.
    files = []
    for link in (1, 2):
        answer = await heads[0].send("GET", f"{season}/publication", query={"link": link})
        file = tmp_path / f"{link}.json"
        file.write_bytes(answer.content)
        files.append(file)
    assert verify([str(file) for file in files]) == 0
    assert links[1]["sha256"] in capsys.readouterr().out
    whole = files[0].read_bytes()
    place = whole.rindex(b'"self_score":"8"', 0, whole.index(b'"unit":"so-07"')) + len('"self_score":"')
    files[0].write_bytes(whole[:place] + b"9" + whole[place + 1 :])
    assert verify([str(file) for file in files]) == 1
    said = capsys.readouterr().out
    assert f"{files[0]} · so-07 · 1.1" in said
