"""Plans whose rows recur, wait for an event or name no day: imported late, revised and withdrawn."""

from typing import Any

from cchc_shared.calendar.clock import FixedClock
from tests.support.plans import post
from tests.support.tasks import Api

from .recurring import act, at, days, done, seen, swept

HEAD = "TT,Nhiệm vụ,Chủ trì,Phối hợp,Thời hạn,Sản phẩm,Nguồn\n"
AFTER_RESULT = "5 ngày làm việc kể từ khi có kết quả thẩm định"
TABLE = (
    HEAD
    + "1,Báo cáo tháng,Sở Nội vụ,Sở Y tế,Ngày 20 hằng tháng,Báo cáo,Công văn\n"
    + f"2,Trình Đề án,Sở Nội vụ,,{AFTER_RESULT},Tờ trình,Công văn\n"
    + "3,Rà soát,Sở Nội vụ,,Theo tiến độ,Báo cáo,Công văn\n"
)


async def imported(api: Api, content: str = TABLE, **form: str) -> dict[str, Any]:
    answer = await post(api, content, form=form)
    assert answer.status_code == 201, answer.text
    return dict(answer.json()["plan"])


async def test_a_plan_imported_late_has_its_occurrences_since_its_issue(city: Api, clock: FixedClock) -> None:
    at(clock, 2024, 8, 25)
    plan = await imported(city, issued_on="2024-06-03")
    await swept(city)
    assert await days(city, f"{plan['code']}.1") == ["2024-06-20", "2024-07-20", "2024-08-20", "2024-09-20"]
    first = await seen(city, f"{plan['code']}.1.2024-06-20")
    assert (first["assigned_at"], first["overdue"]) == ("2024-06-02T17:00:00Z", True)
    progress = (await city.get(f"/v1/plans/{plan['code']}/progress", city.coordinator, as_of="2024-07-21")).json()
    assert (progress["children"]["total"], progress["children"]["overdue"]) == (3, 2), "as if it had been known then"


async def test_a_revised_rhythm_goes_on_from_there(city: Api, clock: FixedClock) -> None:
    plan = await imported(city)
    code = f"{plan['code']}.1"
    await swept(city)
    at(clock, 2024, 6, 25)
    await swept(city)
    assert await days(city, code) == ["2024-06-20", "2024-07-20"]
    revised = TABLE.replace("Báo cáo tháng", "Báo cáo tháng của Sở").replace(
        "Ngày 20 hằng tháng", "Ngày 20 và ngày 30 hằng tháng đến hết tháng 8/2024"
    )
    await imported(city, revised, revises=plan["code"])
    await swept(city)
    at(clock, 2025, 1, 1)
    await swept(city)
    expected = ["2024-06-20", "2024-07-20", "2024-06-30", "2024-07-30", "2024-08-20", "2024-08-30"]
    assert sorted(await days(city, code)) == sorted(expected)
    first = await seen(city, f"{code}.2024-06-20")
    assert (first["title"], first["due_on"], first["recurring"]) == ("Báo cáo tháng của Sở", "2024-06-20", False)
    for day in expected:
        await done(city, f"{code}.{day}")
    assert (await seen(city, code))["status"] == "completed"


async def test_a_rhythm_that_a_revision_ends_comes_no_more(city: Api, clock: FixedClock) -> None:
    plan = await imported(city)
    code = f"{plan['code']}.1"
    await swept(city)
    await imported(city, TABLE.replace("Ngày 20 hằng tháng", "30/9/2024"), revises=plan["code"])
    at(clock, 2024, 8, 1)
    await swept(city)
    task = await seen(city, code)
    assert (task["due_on"], task["recurring"], task["schedule"]) == ("2024-09-30", False, None)
    assert await days(city, code) == ["2024-06-20"]


async def test_a_day_that_was_given_stays_while_the_wording_does(city: Api) -> None:
    plan = await imported(city)
    waiting, undated = f"{plan['code']}.2", f"{plan['code']}.3"
    await act(city, waiting, "confirm_trigger", city.coordinator, happened_on="2024-06-03")
    await act(city, undated, "set_deadline", city.coordinator, due_on="2024-06-28", reason="Chỉ đạo")
    revised = TABLE.replace("Trình Đề án", "Trình Đề án mới").replace("Theo tiến độ", "Theo kế hoạch của Bộ")
    await imported(city, revised, revises=plan["code"])
    found = await seen(city, waiting)
    assert (found["title"], found["due_on"], found["schedule"]["trigger"]["days"]) == (
        "Trình Đề án mới",
        "2024-06-10",
        5,
    )
    assert (await seen(city, undated))["due_on"] is None


async def test_a_withdrawn_plan_takes_its_occurrences_with_it(city: Api, clock: FixedClock) -> None:
    plan = await imported(city)
    await swept(city)
    path, headers = f"/v1/plans/{plan['code']}/actions/withdraw", city.coordinator | {"If-Match": "*"}
    assert (await city.send("POST", path, headers, json={"reason": "nhầm"})).status_code == 200
    at(clock, 2024, 9, 1)
    await swept(city)
    assert await days(city, f"{plan['code']}.1") == ["2024-06-20"]
    assert (await seen(city, f"{plan['code']}.1.2024-06-20"))["status"] == "closed"
