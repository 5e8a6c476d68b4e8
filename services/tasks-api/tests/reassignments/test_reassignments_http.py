"""Open work of units that ended moves to their heirs, by the directory and by a mapping."""

from typing import Any

import pytest

from cchc_shared.calendar.clock import FixedClock
from tests.support.tasks import Api

from .merging import AFTER_MERGERS, LAW, PATH, preview, reassign, row, run, until, waiting, work

DISTRICT_TASK = "KH-2024-0001.9.001"
DEPARTMENT_TASK = "KH-2024-0001.9.so-tai-nguyen-va-moi-truong"
HEIR = "so-nong-nghiep-va-moi-truong"


async def task(api: Api, code: str) -> dict[str, Any]:
    answer = await api.get(f"/v1/tasks/{code}", api.coordinator)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_row_nine_can_be_done_after_the_districts_ended(city: Api, clock: FixedClock) -> None:
    until(clock)
    before = await task(city, DISTRICT_TASK)
    assert before["overdue"]
    refused = await city.act(before, "start", city.officer("001"))
    assert (refused.status_code, refused.json()["code"]) == (403, "unit-ended")
    assert "00004" in [each["code"] for each in refused.json()["successors"]]
    assert (await city.get(f"/v1/tasks/{DISTRICT_TASK}", city.officer("001"))).status_code == 200, "its past is its own"

    done = await run(city, row("001", "00004"))
    assert done["moved"] > 0
    after = await task(city, DISTRICT_TASK)
    assert (after["lead_unit"], after["overdue"], after["handovers"]) == ("00004", False, 0)
    assert after["due_on"] == "2025-07-09", "five working days of its own"
    last = (await city.get(f"/v1/tasks/{DISTRICT_TASK}/history", city.coordinator)).json()["items"][-1]
    assert (last["action"], last["from_unit"], last["unit"], last["note"]) == (
        "reassign",
        "001",
        "00004",
        LAW["reason"],
    )
    assert last["details"]["document_no"] == LAW["document_no"]
    assert last["details"]["lead"] == {"from": "001", "until": "2025-06-30", "to": "00004"}

    officer, head = city.officer("00004"), city.head("00004")
    told = (await city.get("/v1/notifications", officer)).json()["items"]
    assert ("task_handed_over", DISTRICT_TASK) in [(each["kind"], each["subject"]) for each in told]
    for who, action in ((officer, "start"), (officer, "report"), (head, "approve"), (city.coordinator, "approve")):
        answer = await city.act(after, action, who)
        assert answer.status_code == 200, answer.text
        after = answer.json()
    assert (after["status"], after["completed_late"]) == ("completed", False)
    progress = (await city.get("/v1/plans/KH-2024-0001/progress", city.coordinator)).json()
    assert progress["children"]["missed"] >= 1, "what the district missed stays missed"


async def test_the_only_successor_is_the_default_and_several_wait(city: Api, clock: FixedClock) -> None:
    until(clock)
    shown = await preview(city)
    outcomes = {each["code"]: each for each in shown["items"]}
    assert outcomes[DEPARTMENT_TASK]["to_unit"] == HEIR
    assert (outcomes[DISTRICT_TASK]["to_unit"], outcomes[DISTRICT_TASK]["why"]) == (None, "several_successors")
    assert (await task(city, DEPARTMENT_TASK))["lead_unit"] != HEIR, "a preview changes nothing"
    assert (await city.events()).count((DEPARTMENT_TASK, 2, "task.reassigned.v1")) == 0

    done = await run(city)
    assert {**shown, "id": 0} == {**done, "id": 0, "state": "preview", "started_at": None, "finished_at": None}
    assert (await city.events()).count((DEPARTMENT_TASK, 2, "task.reassigned.v1")) == 1
    left = {each["code"]: each for each in await waiting(city, limit=7)}
    assert left.keys() == {each["code"] for each in done["items"] if each["to_unit"] is None}
    assert set(left[DISTRICT_TASK]["successors"]) >= {"00004", "00008"}

    again = await run(city)
    assert (again["moved"], again["waiting"]) == (0, done["waiting"]), "a second run does nothing"
    assert (await task(city, DEPARTMENT_TASK))["version"] == 2


async def test_rows_choose_by_what_the_work_is_about(city: Api, clock: FixedClock) -> None:
    made: dict[str, str] = {}
    for title in ("Rà soát đất đai", "Chỉnh trang vỉa hè", "Phòng cháy"):
        body = {"title": title, "lead_unit": "001", "due_on": "2025-12-31", "source": "Kế hoạch số 12/KH-UBND"}
        made[title] = (await city.send("POST", "/v1/tasks", city.coordinator, json=body)).json()["code"]
    until(clock)
    await run(
        city,
        row("001", "00008", words="dat dai"),
        row("001", "00025", source="ke hoach so 12", words="vỉa hè"),
        row("001", None),
    )
    assert [(await task(city, code))["lead_unit"] for code in made.values()] == ["00008", "00025", "001"]
    left = await waiting(city, from_unit="001")
    assert {each["code"]: each["why"] for each in left}[made["Phòng cháy"]] == "nobody_named"
    assert {each["from_unit"] for each in left} == {"001"}
    # The queue is the assigning office's: it gives the task to whom it likes.
    stuck = await task(city, made["Phòng cháy"])
    moved = await city.act(stuck, "transfer", city.coordinator, unit="00070", reason="Phường nhận việc")
    assert (moved.status_code, moved.json()["handovers"]) == (200, 0)
    assert made["Phòng cháy"] not in {each["code"] for each in await waiting(city)}


async def test_a_code_that_is_used_again_names_another_unit(city: Api, clock: FixedClock) -> None:
    body = {"title": "Việc của phường Trúc Bạch", "lead_unit": "00004", "due_on": "2024-07-01"}
    code = (await city.send("POST", "/v1/tasks", city.coordinator, json=body)).json()["code"]
    until(clock)
    done = await run(city)
    [outcome] = [each for each in done["items"] if each["code"] == code]
    assert (outcome["from_unit"], outcome["to_unit"], outcome["from_until"]) == ("00004", "00004", "2025-06-30")
    after = await task(city, code)
    assert (after["lead_unit"], after["overdue"], after["due_on"]) == ("00004", False, "2025-07-09")
    assert not [each for each in await waiting(city) if each["code"] == code], "the new unit has it"
    assert (await run(city))["moved"] == 0


async def test_who_may_reassign(city: Api, clock: FixedClock) -> None:
    until(clock)
    district = city.token("coordinator", unit="so-y-te")
    assert (await reassign(city, who=district)).status_code == 403
    assert (await reassign(city, who=city.officer("so-y-te"))).status_code == 403
    assert (await reassign(city, who=city.coordinator, dry_run="true")).status_code == 200
    assert (await city.get(f"{PATH}/1", district)).status_code == 403
    assert (await city.get(f"{PATH}/1", city.operator)).status_code == 404
    assert await waiting(city, district) == [], "it assigned none of this"
    assert len(await waiting(city, city.operator)) == len(await waiting(city)) > 30


@pytest.mark.parametrize(
    ("rows", "field"),
    [
        ([row("so-noi-vu", "00004")], "rows.0.from_unit"),
        ([row("001", "00004"), row("001", "002")], "rows.1.to_unit"),
        ([{"from_unit": "001"}], "body.rows.0.to_unit"),
        ([row("001", "00004", work="holiday")], "body.rows.0.work"),
    ],
)
async def test_faulty_rows_are_refused_by_field(
    city: Api, clock: FixedClock, rows: list[dict[str, Any]], field: str
) -> None:
    until(clock)
    for dry_run in ("false", "true"):
        answer = await reassign(city, *rows, dry_run=dry_run)
        assert answer.status_code == 422
        assert [each["field"].removeprefix("body.") for each in answer.json()["errors"]] == [
            field.removeprefix("body.")
        ]


async def test_one_run_at_a_time_and_a_repeated_request_begins_none(city: Api, clock: FixedClock) -> None:
    until(clock)
    headers = {"Idempotency-Key": "merger"}
    first, again = [await city.send("POST", PATH, city.operator, json=LAW, headers=headers) for _ in range(2)]
    assert (first.status_code, again.json()) == (202, first.json())
    other = await reassign(city)
    assert (other.status_code, other.json()["code"], other.json()["id"]) == (
        409,
        "reassignment-unfinished",
        first.json()["id"],
    )
    await work(city)
    assert (await reassign(city)).status_code == 202


async def test_before_its_last_day_is_over_a_unit_acts(city: Api, clock: FixedClock) -> None:
    until(clock, AFTER_MERGERS.replace(month=6, day=30))
    assert (await city.act(await task(city, DISTRICT_TASK), "start", city.officer("001"))).status_code == 200
    assert DISTRICT_TASK not in {each["code"] for each in await waiting(city)}
