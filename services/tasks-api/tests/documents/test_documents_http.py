"""Documents that tasks come from: registered once, found again, and the tasks that come of them."""

from datetime import timedelta

import httpx
import pytest

from cchc_shared.calendar.clock import FixedClock
from tests.support.http import Headers, Json
from tests.support.tasks import Api

MINUTES = {
    "kind": "meeting",
    "number": "123/TB-VP",
    "dated_on": "2024-05-31",
    "sender": "Văn phòng UBND Thành phố",
    "subject": "Kết luận giao ban về thủ tục đất đai",
}
TASKS = [
    {"title": "Báo cáo hồ sơ tồn đọng", "lead_unit": "so-noi-vu", "due_text": "Quý III/2024"},
    {"title": "Rà soát quy trình", "lead_unit": "so-y-te", "due_on": "2024-07-15", "source": "Mục 2 của kết luận"},
]


async def register(api: Api, who: Headers | None = None, **changes: object) -> httpx.Response:
    return await api.send("POST", "/v1/documents", who or api.coordinator, json=MINUTES | changes)


async def assign(api: Api, document: Json, tasks: list[Json], who: Headers | None = None) -> httpx.Response:
    path = f"/v1/documents/{document['code']}/tasks"
    return await api.send("POST", path, who or api.coordinator, json={"tasks": tasks})


async def test_the_conclusions_of_a_meeting_become_tasks(city: Api) -> None:
    document = (await register(city)).json()
    assert document["source"] == "Kết luận cuộc họp số 123/TB-VP ngày 31/5/2024 của Văn phòng UBND Thành phố"
    answer = await assign(city, document, TASKS)
    assert answer.status_code == 201, answer.text
    first, second = answer.json()["items"]
    assert (first["source"], first["due_on"], first["document"]) == (document["source"], "2024-09-30", document["code"])
    assert second["source"] == "Mục 2 của kết luận"
    listed = (await city.get("/v1/tasks", city.coordinator, document=document["code"])).json()["items"]
    assert {task["code"] for task in listed} == {first["code"], second["code"]}


async def test_one_bad_task_and_none_is_assigned(city: Api) -> None:
    document, before = (await register(city)).json(), await city.events()
    refused = await assign(city, document, [*TASKS, {"title": "x", "lead_unit": "sao-hoa"}])
    assert (refused.status_code, [each["field"] for each in refused.json()["errors"]]) == (
        422,
        ["body.tasks.2.lead_unit"],
    )
    assert await city.events() == before


async def test_the_symbol_of_a_document_tells_whose_rules_of_extension_hold(city: Api, clock: FixedClock) -> None:
    ordered = (await register(city, kind="incoming", number="61/NQ-CP", sender="Cơ quan cấp trên")).json()
    given = {"title": "Việc", "lead_unit": "so-noi-vu", "due_on": "2024-06-10"}
    [task] = (await assign(city, ordered, [given])).json()["items"]
    officer = city.officer("so-noi-vu")
    task = (await city.act(task, "start", officer)).json()
    clock.advance(timedelta(days=1))
    refused = await city.act(task, "request_extension", officer, due_on="2024-06-18", reason="chờ ý kiến")
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "body.due_on"), "seven days at most"
    assert (
        await city.act(task, "request_extension", officer, due_on="2024-06-17", reason="chờ ý kiến")
    ).status_code == 200


async def test_a_document_is_for_who_registered_it_and_who_works_on_it(city: Api) -> None:
    own = city.token("coordinator", unit="so-noi-vu", sub="planner")
    document = (await register(city, own)).json()
    assert document["unit"] == "so-noi-vu"
    path = f"/v1/documents/{document['code']}"
    assert (await city.get(path, city.officer("so-noi-vu"))).status_code == 200
    assert (await city.get(path, city.officer("so-y-te"))).status_code == 404
    assert (await city.get("/v1/documents", city.officer("so-y-te"))).json()["items"] == []
    refused = await assign(city, document, [TASKS[1]], own)
    assert refused.status_code == 422, "a department assigns within itself"
    helped = {"title": "Việc", "lead_unit": "so-noi-vu", "coordinating_units": ["so-y-te"], "due_on": "2024-07-15"}
    assert (await assign(city, document, [helped], own)).status_code == 201
    assert (await city.get(path, city.officer("so-y-te"))).status_code == 200
    other = city.token("coordinator", unit="so-y-te", sub="other")
    assert (await assign(city, document, [TASKS[1]], other)).json()["code"] == "not-permitted"


async def test_documents_are_found_by_what_stands_on_them(city: Api) -> None:
    minutes = (await register(city)).json()
    petition = (
        await register(city, kind="petition", number="", sender="Đoàn đại biểu Quốc hội", subject="Ngập úng")
    ).json()
    for query, found in (
        ({"q": "thu tuc dat dai"}, [minutes]),
        ({"q": "ngập"}, [petition]),
        ({"kind": "petition"}, [petition]),
        ({"number": "123/TB-VP"}, [minutes]),
        ({"dated_from": "2024-06-01"}, []),
        ({"dated_to": "2024-05-31"}, [petition, minutes]),
    ):
        listed = (await city.get("/v1/documents", city.coordinator, **query)).json()["items"]
        assert [each["code"] for each in listed] == [each["code"] for each in found], query


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"dated_on": "2024-06-04"}, "dated_on"),
        ({"received_on": "2024-06-04"}, "received_on"),
        ({"received_on": "2024-05-30"}, "received_on"),
        ({"kind": "rumour"}, "kind"),
        ({"subject": ""}, "subject"),
    ],
)
async def test_what_cannot_be_is_refused_by_field(api: Api, changes: Json, field: str) -> None:
    refused = await register(api, **changes)
    assert (refused.status_code, [each["field"] for each in refused.json()["errors"]]) == (422, [f"body.{field}"])


async def test_only_who_assigns_registers(api: Api) -> None:
    for who in (api.officer("so-noi-vu"), api.head("so-noi-vu"), api.token("citizen")):
        assert (await register(api, who)).status_code == 403
