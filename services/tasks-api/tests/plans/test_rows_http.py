"""Rows that wait, answers, revised documents and withdrawal over HTTP."""

import asyncio
import json
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from cchc_shared.calendar.clock import FixedClock
from tests.support.http import Headers, Json, Query
from tests.support.plans import post
from tests.support.tasks import Api

HEAD = "TT,Nhiệm vụ,Chủ trì,Phối hợp,Thời hạn,Sản phẩm,Nguồn\n"
TABLE = (
    HEAD
    + "1,Báo cáo năm,Sở Nội vụ,Sở Y tế,30/6/2024,Báo cáo,Công văn\n"
    + "2,Tập huấn,Ban Sao Hỏa,,31/12/2024,Lớp học,Công văn\n"
    + "3,Khảo sát,\"Sở Tư pháp; Sở Tài chính\",,31/12/2024,Phiếu,Công văn\n"
    + "4,Tuyên truyền,\"Các Sở, ban, ngành\",,31/12/2024,Bài viết,Công văn\n"
)  # fmt: skip


async def decide(
    api: Api, plan: Json, line: int, action: str, who: Headers | None = None, **body: object
) -> httpx.Response:
    path = f"/v1/plans/{plan['code']}/rows/{line}/actions/{action}"
    return await api.send("POST", path, who or api.coordinator, json=body)


async def imported(api: Api, content: str = TABLE, **form: str) -> Json:
    answer = await post(api, content, form=form)
    assert answer.status_code == 201, answer.text
    plan: Json = answer.json()["plan"]
    return plan


async def rows(api: Api, plan: Json, **query: Query) -> list[Json]:
    answer = await api.get(f"/v1/plans/{plan['code']}/rows", api.coordinator, **query)
    found: list[Json] = answer.json()["items"]
    return found


async def test_every_row_is_kept_with_its_wording(city: Api) -> None:
    plan = await imported(city)
    found = await rows(city, plan)
    assert [(row["row"], row["state"], len(row["tasks"])) for row in found] == [
        (1, "assigned", 1), (2, "parked", 0), (3, "assigned", 2), (4, "assigned", 1),
    ]  # fmt: skip
    assert found[2]["written"]["lead_unit"] == "Sở Tư pháp; Sở Tài chính"
    assert [code.rpartition(".")[2] for code in found[2]["tasks"]] == ["3", "3-2"]
    shown = (await city.get(f"/v1/plans/{plan['code']}", city.coordinator)).json()
    assert (shown["tasks"], shown["parked"]) == (3, 1)


async def test_a_row_that_waits_is_assigned_from_the_day_of_the_answer(city: Api, clock: FixedClock) -> None:
    plan = await imported(city)
    clock.advance(timedelta(days=20))
    assert (await decide(city, plan, 2, "assign", lead_units=["sao-hoa"])).status_code == 422
    late = await decide(city, plan, 2, "assign", lead_units=["so-noi-vu"], due_on="2024-06-01")
    assert [error["field"] for error in late.json()["errors"]] == ["body.due_on"], "not into the past"
    done = await decide(city, plan, 2, "assign", lead_units=["so-noi-vu"], due_on="2024-12-31")
    assert (done.status_code, done.json()["state"]) == (200, "assigned")
    [code] = done.json()["tasks"]
    assert code == f"{plan['code']}.2"
    task = (await city.get(f"/v1/tasks/{code}", city.coordinator)).json()
    assert (task["lead_unit"], task["title"], task["number"], task["written_number"]) == (
        "so-noi-vu",
        "Tập huấn",
        2,
        "2",
    )
    assert datetime.fromisoformat(task["assigned_at"]) == clock.now(), "nobody knew of it before"
    again = await decide(city, plan, 2, "drop", reason="không phải nhiệm vụ")
    assert (again.status_code, again.json()["code"]) == (409, "wrong-state")


async def test_two_answers_to_one_row_are_one(city: Api) -> None:
    plan = await imported(city)
    answers = await asyncio.gather(
        *(decide(city, plan, 2, "assign", lead_units=[unit]) for unit in ("so-noi-vu", "so-y-te", "so-tu-phap"))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
    tasks = (await city.get("/v1/tasks", city.coordinator, plan=plan["code"], limit=200)).json()["items"]
    assert len([task for task in tasks if task["number"] == 2]) == 1


async def test_a_row_may_be_no_task(city: Api) -> None:
    plan = await imported(city)
    dropped = await decide(city, plan, 2, "drop", reason="dòng ghi chú")
    assert (dropped.status_code, dropped.json()["state"]) == (200, "dropped")
    assert await rows(city, plan, state="parked") == []


async def test_only_who_may_import_answers(city: Api) -> None:
    plan = await imported(city)
    for who in (city.officer("so-noi-vu"), city.head("so-noi-vu"), city.token("coordinator", unit="so-noi-vu")):
        assert (await decide(city, plan, 2, "assign", who, lead_units=["so-noi-vu"])).status_code == 403


async def test_answers_come_with_the_request(city: Api) -> None:
    answers = json.dumps({"units": {"Ban Sao Hỏa": ["so-noi-vu"]}})
    done = (await post(city, TABLE, answers=answers, dry_run=True)).json()
    assert (len(done["tasks"]), done["parked"]) == (5, [])
    for wrong, field in (
        ("{", "body.answers"),
        ('{"units": {"x": ["mars"]}}', "body.answers"),
        ('{"y": 1}', "body.answers"),
    ):
        refused = await post(city, TABLE, answers=wrong)
        assert (refused.status_code, [each["field"] for each in refused.json()["errors"]]) == (422, [field])


async def test_an_answer_that_is_kept_helps_the_next_document(city: Api) -> None:
    kept = json.dumps({"units": {"Ban Sao Hỏa": ["so-noi-vu"]}, "remember": True})
    await post(city, TABLE, answers=kept, dry_run=True)
    assert len((await post(city, TABLE, dry_run=True)).json()["parked"]) == 1, "a dry run teaches nothing"
    await post(city, TABLE, answers=kept)
    assert (await post(city, TABLE.replace("Tập huấn", "Hội thảo"), document_no="7/KH", dry_run=True)).json()[
        "parked"
    ] == []


async def test_what_a_department_keeps_is_for_itself(city: Api) -> None:
    own = city.token("coordinator", unit="so-noi-vu", sub="planner")
    kept = json.dumps({"units": {"Ban Sao Hỏa": ["so-noi-vu"]}, "remember": True})
    await post(city, TABLE, who=own, issuer="Sở Nội vụ", answers=kept)
    for who, issuer, waiting in ((own, "Sở Nội vụ", False), (city.coordinator, "UBND Thành phố Hà Nội", True)):
        shown = (await post(city, TABLE, who=who, issuer=issuer, document_no="8/KH", dry_run=True)).json()
        assert (2 in [row["row"] for row in shown["parked"]]) is waiting, issuer


async def test_an_answer_about_a_unit_of_another_day_is_asked_again(city: Api) -> None:
    kept = json.dumps({"units": {"Ban Sao Hỏa": ["001"]}, "remember": True})
    assert (await post(city, TABLE, answers=kept)).json()["parked"] == []
    later = {"document_no": "8/KH", "issued_on": "2024-06-02"}
    assert (await post(city, TABLE, form=later, dry_run=True)).json()["parked"] == []
    await city.send(
        "PUT", "/v1/units/001", city.operator,
        json={"name": "Quận Ba Đình", "kind": "district", "valid_from": None, "valid_to": "2024-06-01"},
    )  # fmt: skip
    assert [row["row"] for row in (await post(city, TABLE, form=later, dry_run=True)).json()["parked"]] == [2]


async def test_other_units_see_the_rows_of_their_own_tasks(city: Api) -> None:
    """What a department plans for itself is no other department's to read; a row that waits is nobody's yet."""
    plan = await imported(city)
    path = f"/v1/plans/{plan['code']}"
    for who, lines in (
        (city.coordinator, [1, 2, 3, 4]), (city.officer("so-noi-vu"), [1, 4]), (city.officer("so-tai-chinh"), [3, 4]),
        (city.officer("hoi-nong-dan"), []),
    ):  # fmt: skip
        assert [row["row"] for row in (await city.get(f"{path}/rows", who)).json()["items"]] == lines
    await post(city, REVISED, revises=plan["code"])
    changes = (await city.get(f"{path}/versions", city.officer("so-du-lich"))).json()["items"][1]["changes"]
    assert [change["number"] for change in changes] == ["3", "4"], "of which it got a task, or had one"


async def test_a_column_that_looks_like_deadlines_is_asked_about(city: Api) -> None:
    content = (
        TABLE.replace("Thời hạn", "Ngày ký,Thời hạn")
        .replace(",30/6/2024", ",30/6/2024,30/6/2024")
        .replace(",31/12/2024", ",31/12/2024,31/12/2024")
    )
    asked = (await post(city, content, dry_run=True)).json()
    assert [(question["heading"], question["looks_like"]) for question in asked["questions"]] == [
        ("Ngày ký", "due_text")
    ]
    answers = json.dumps({"columns": {"Ngày ký": ""}})
    done = (await post(city, content, dry_run=True, answers=answers)).json()
    assert (done["questions"], done["tasks"][0]["due_on"]) == ([], "2024-06-30")


REVISED = (
    HEAD
    + "1,Báo cáo năm,Sở Nội vụ,Sở Tư pháp,30/9/2024,Báo cáo,Công văn\n"
    + "2,Tập huấn,Sở Y tế,,31/12/2024,Lớp học,Công văn\n"
    + "3,Khảo sát,\"Sở Tư pháp; Sở Du lịch\",,31/12/2024,Phiếu,Công văn\n"
    + "5,Việc mới,Sở Nội vụ,,31/12/2024,Sách,Công văn\n"
)  # fmt: skip


async def test_a_revised_document_changes_only_what_differs(city: Api) -> None:
    plan = await imported(city)
    refused = await post(city, REVISED)
    assert (refused.status_code, refused.json()["plan"]) == (409, plan["code"])
    foreseen = (await post(city, REVISED, revises=plan["code"], dry_run=True)).json()
    before = await city.events()
    done = await post(city, REVISED, revises=plan["code"])
    assert (done.status_code, done.json()["plan"]["document"]) == (201, 2)
    assert [(each["difference"], each["number"], each["fields"]) for each in foreseen["changes"]] == [
        (each["difference"], each["number"], each["fields"]) for each in done.json()["changes"]
    ]
    assert [(each["difference"], each["number"], each["kept"]) for each in done.json()["changes"]] == [
        ("changed", "1", []), ("changed", "2", []), ("changed", "3", []), ("added", "5", []), ("removed", "4", []),
    ]  # fmt: skip
    told = [(subject.removeprefix(plan["code"]), kind) for subject, _, kind in (await city.events())[len(before) :]]
    fanned = [each for each in told if each[0].startswith(".4")]
    assert [each for each in told if each not in fanned] == [
        (".1", "task.revised.v1"), (".2", "task.assigned.v1"), (".3-2", "task.transferred.v1"),
        (".5", "task.assigned.v1"), ("", "plan.revised.v1"),
    ]  # fmt: skip
    assert {kind for _, kind in fanned} == {"task.closed.v1"}
    first = (await city.get(f"/v1/tasks/{plan['code']}.1", city.coordinator)).json()
    assert (first["due_on"], first["coordinating_units"]) == ("2024-09-30", ["so-tu-phap"])
    assert (await city.get(f"/v1/tasks/{plan['code']}.1", city.officer("so-tu-phap"))).status_code == 200
    assert (await city.get(f"/v1/tasks/{plan['code']}.1", city.officer("so-y-te"))).status_code == 404
    documents = (await city.get(f"/v1/plans/{plan['code']}/versions", city.coordinator)).json()["items"]
    assert [(each["document"], len(each["changes"])) for each in documents] == [(1, 0), (2, 5)]
    assert [row["written_number"] for row in await rows(city, plan, document=1)] == ["1", "2", "3", "4"]


async def test_the_same_revision_again_changes_nothing(city: Api) -> None:
    plan = await imported(city)
    assert (await post(city, REVISED, revises=plan["code"])).status_code == 201
    before = await city.events()
    for form in ({"revises": plan["code"]}, {}):
        again = await post(city, REVISED, form=form)
        assert (again.status_code, again.json()["plan"]["code"]) == (200, plan["code"])
    first = await post(city, TABLE)
    assert (first.status_code, first.json()["plan"]["document"]) == (200, 1), "nor does the one before"
    assert await city.events() == before


async def test_no_code_of_a_task_is_used_again(city: Api) -> None:
    """A row and a lead go, and others come: what was closed keeps its code for ever."""
    plan = await imported(city)
    fewer = "".join(TABLE.splitlines(keepends=True)[:4]).replace("Sở Tư pháp; Sở Tài chính", "Sở Tư pháp")
    assert (await post(city, fewer, revises=plan["code"])).status_code == 201
    more = fewer.replace('"Sở Tư pháp"', '"Sở Tư pháp; Sở Du lịch"') + "4,Việc khác,Sở Y tế,,31/12/2024,Sách,Công văn\n"
    again = await post(city, more, revises=plan["code"])
    assert again.status_code == 201, again.text
    codes = [task["code"].removeprefix(plan["code"]) for task in again.json()["tasks"] if task["code"]]
    assert {".3-3", ".5"} <= set(codes), codes


async def test_work_that_has_begun_is_never_overwritten(city: Api) -> None:
    plan = await imported(city)
    for code in (f"{plan['code']}.1", f"{plan['code']}.4.so-y-te"):
        task = (await city.get(f"/v1/tasks/{code}", city.coordinator)).json()
        assert (await city.act(task, "start", city.officer(task["lead_unit"]))).status_code == 200
    done = (await post(city, REVISED, revises=plan["code"])).json()
    kept = {each["number"]: each["kept"] for each in done["changes"] if each["kept"]}
    assert kept == {"1": [f"{plan['code']}.1"], "4": [f"{plan['code']}.4"]}
    task = (await city.get(f"/v1/tasks/{plan['code']}.1", city.coordinator)).json()
    assert (task["due_on"], task["status"]) == ("2024-06-30", "in_progress")


async def test_more_time_by_a_revision_does_not_make_up_for_a_missed_deadline(city: Api, clock: FixedClock) -> None:
    plan = await imported(city)
    clock.advance(datetime(2024, 7, 2, 3, tzinfo=UTC) - clock.now())
    await post(city, REVISED, revises=plan["code"])
    task = (await city.get(f"/v1/tasks/{plan['code']}.1", city.coordinator)).json()
    assert (task["due_on"], task["late_from"] is not None, task["overdue"]) == ("2024-09-30", True, True)


async def test_a_plan_is_withdrawn_while_nothing_was_begun(city: Api) -> None:
    plan = await imported(city)
    path = f"/v1/plans/{plan['code']}/actions/withdraw"

    async def withdraw(who: Headers, version: str = '"1"') -> httpx.Response:
        return await city.send("POST", path, who | {"If-Match": version}, json={"reason": "nhầm tệp"})

    assert (await withdraw(city.token("coordinator", unit="so-y-te"))).status_code == 403
    assert (await withdraw(city.coordinator, '"7"')).status_code == 412
    done = await withdraw(city.coordinator)
    assert (done.status_code, done.json()["parked"]) == (200, 0)
    assert done.json()["withdrawn_at"] is not None
    tasks = (await city.get("/v1/tasks", city.coordinator, plan=plan["code"], limit=200)).json()["items"]
    assert {task["status"] for task in tasks} == {"closed"}
    assert (await withdraw(city.coordinator, '"2"')).json()["code"] == "plan-withdrawn"
    assert (await post(city, REVISED, revises=plan["code"])).json()["code"] == "plan-withdrawn"


async def test_a_plan_under_way_is_not_withdrawn(city: Api) -> None:
    plan = await imported(city)
    code = f"{plan['code']}.4.so-y-te"
    task = (await city.get(f"/v1/tasks/{code}", city.coordinator)).json()
    await city.act(task, "start", city.officer("so-y-te"))
    before = await city.events()
    path, headers = f"/v1/plans/{plan['code']}/actions/withdraw", city.coordinator | {"If-Match": "*"}
    refused = await city.send("POST", path, headers, json={"reason": "nhầm"})
    assert (refused.status_code, refused.json()["code"]) == (409, "plan-under-way")
    assert code in refused.json()["tasks"]
    assert await city.events() == before


@pytest.mark.parametrize("number", ["/KH-UBND", "KH-UBND"])
async def test_a_number_without_digits_tells_nothing_apart(city: Api, number: str) -> None:
    first, second = await imported(city, document_no=number), await imported(city, REVISED, document_no=number)
    assert first["code"] != second["code"]
    assert (await post(city, TABLE, document_no=number)).json()["plan"]["code"] == first["code"]


async def test_every_unit_numbers_for_itself(city: Api) -> None:
    first, second = await imported(city, issuer="Sở Nội vụ"), await imported(city, REVISED, issuer="Sở Y tế")
    assert first["code"] != second["code"]
    assert (await post(city, REVISED, issuer="Sở Nội vụ")).status_code == 409
