"""Tasks over HTTP: who sees them, who moves them, and what their events say."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from cchc_shared.calendar.clock import FixedClock
from cchc_shared.http.paging import encode_cursor
from tasks_api.tasks import repository
from tasks_api.tasks.models import tasks
from tasks_api.tasks.timers import make_words
from tests.support.http import Headers, Query
from tests.support.tasks import Api

PLAN = "KH-2024-0001"
LEAD, HELPER, STRANGER = "so-noi-vu", "so-tu-phap", "so-y-te"
TASK = {"title": "Báo cáo quý", "lead_unit": LEAD, "coordinating_units": [HELPER], "due_on": "2024-06-30"}


async def assign(api: Api, **more: object) -> dict[str, Any]:
    answer = await api.send("POST", "/v1/tasks", api.coordinator, json=TASK | more)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def walk(api: Api, task: dict[str, Any], *steps: tuple[str, Headers, dict[str, Any]]) -> dict[str, Any]:
    for action, who, body in steps:
        answer = await api.act(task, action, who, **body)
        assert answer.status_code == 200, answer.text
        task = answer.json()
    return task


async def complete(api: Api, task: dict[str, Any]) -> dict[str, Any]:
    officer, head = api.officer(task["lead_unit"]), api.head(task["lead_unit"])
    return await walk(
        api, task, ("start", officer, {}), ("report", officer, {"content": "Đã xong"}), ("approve", head, {}),
        ("approve", api.coordinator, {}),
    )  # fmt: skip


async def test_from_assignment_to_completion(city: Api) -> None:
    task = await assign(city, due_text="30/6/2024", urgency="urgent")
    assert (task["status"], task["due_at"], task["possible"]) == (
        "not_started", "2024-06-30T17:00:00Z", ["transfer", "close", "urge"],
    )  # fmt: skip
    done = await complete(city, task)
    assert (done["status"], done["version"], done["completed_at"]) == ("completed", 5, "2024-06-03T03:00:00Z")
    types = [(version, type_) for subject, version, type_ in await city.events() if subject == task["code"]]
    assert types == [
        (1, "task.assigned.v1"),
        (2, "task.started.v1"),
        (3, "task.reported.v1"),
        (4, "task.report_endorsed.v1"),
        (5, "task.completed.v1"),
    ]
    history = (await city.get(f"/v1/tasks/{task['code']}/history", city.officer(LEAD))).json()["items"]
    assert [(item["action"], item["role"], item["actor"]) for item in history] == [
        ("assign", "coordinator", "office"),
        ("start", "officer", f"officer of {LEAD}"),
        ("report", "officer", f"officer of {LEAD}"),
        ("approve", "unit_head", f"head of {LEAD}"),
        ("approve", "coordinator", "office"),
    ]
    assert [(item["from_status"], item["status"]) for item in history[3:]] == [
        ("reported", "reported"), ("reported", "completed"),
    ]  # fmt: skip
    assert (history[0]["from_status"], history[0]["from_unit"], history[0]["unit"]) == (None, None, LEAD)
    assert (history[2]["details"], history[2]["note"]) == ({"content": "Đã xong"}, None)


async def test_who_may_see_a_task(city: Api) -> None:
    task = await assign(city)
    path = f"/v1/tasks/{task['code']}"
    for unit, status in ((LEAD, 200), (HELPER, 200), (STRANGER, 404), (None, 404)):
        assert (await city.get(path, city.token("officer", unit=unit))).status_code == status, unit
        listed = (await city.get("/v1/tasks", city.token("officer", unit=unit), q="báo cáo quý")).json()["items"]
        assert (task["code"] in [item["code"] for item in listed]) == (status == 200), unit
    for role in ("coordinator", "scoring_board", "council", "inspector", "operator"):
        assert (await city.get(path, city.token(role))).status_code == 200, role
    for role in ("citizen", "system"):
        assert (await city.get(path, city.token(role))).status_code == 403, role
    assert (await city.get(path)).status_code == 401
    moved = await city.act(task, "transfer", city.coordinator, unit=STRANGER, reason="Thẩm quyền")
    assert (moved.json()["lead_unit"], moved.json()["handovers"]) == (STRANGER, 0), "the office moved it"
    assert (await city.get(path, city.officer(LEAD))).status_code == 200, "the former lead keeps reading"
    assert (await city.act(moved.json(), "start", city.officer(LEAD))).status_code == 403
    assert (await city.act(moved.json(), "start", city.officer(STRANGER))).status_code == 200
    roles = {"role": "former_lead", "unit": LEAD}
    assert len((await city.get("/v1/tasks", city.coordinator, **roles)).json()["items"]) == 1


async def test_tasks_are_found_as_people_type(city: Api) -> None:
    """With marks, without, in either style; a word with other marks is another word."""
    task = await assign(city, title="Rà soát thủ tục về hoà giải", product="Quyết định", source="Kế hoạch 313/KH-UBND")
    finds = {"thu tuc": 1, "thủ tục": 1, "hòa giải": 1, "hoa GIAI": 1, "hoả": 0, "313/kh-ubnd": 1, '"soat thu"': 1}

    async def found(query: str) -> int:
        items = (await city.get("/v1/tasks", city.coordinator, q=query, limit=200)).json()["items"]
        return [item["code"] for item in items].count(task["code"])

    assert {query: await found(query) for query in finds} == finds
    async with city.here.engine.begin() as conn:
        await conn.execute(update(tasks).values(search=None))
    assert await found("thu tuc") == 0
    async with city.here.engine.begin() as conn:
        while (await make_words(conn, city.here.clock.now(), city.here)).moved:
            pass
    assert {query: await found(query) for query in finds} == finds


async def test_members_of_a_group_see_what_it_helps_with_and_its_leads(city: Api) -> None:
    seen = (await city.get("/v1/tasks", city.officer(STRANGER), plan=PLAN)).json()["items"]
    assert sorted({item["number"] for item in seen}) == list(range(1, 12))
    assert {item["code"] for item in seen if item["number"] == 9} == {f"{PLAN}.9", f"{PLAN}.9.{STRANGER}"}
    leads = (await city.get("/v1/tasks", city.officer(STRANGER), role="lead")).json()["items"]
    assert [item["code"] for item in leads] == [f"{PLAN}.9.{STRANGER}"]


async def test_the_version_seen_is_asked_for(city: Api) -> None:
    task = await assign(city)
    path = f"/v1/tasks/{task['code']}/actions/start"
    assert (await city.get(f"/v1/tasks/{task['code']}", city.coordinator)).headers["etag"] == '"1"'
    assert (await city.send("POST", path, city.officer(LEAD))).status_code == 428
    started = await city.act(task, "start", city.officer(LEAD))
    assert started.headers["etag"] == '"2"'
    stale = await city.act(task, "report", city.officer(LEAD))
    assert (stale.status_code, stale.headers["etag"]) == (412, '"2"')
    wrong = await city.act(started.json(), "approve", city.head(LEAD))
    assert wrong.status_code == 409
    assert wrong.json()["state"] == "in_progress"
    assert wrong.json()["possible"] == [
        "report", "request_extension", "return", "transfer", "propose_close", "assign_officer", "urge",
    ]  # fmt: skip
    office = await city.act(started.json(), "approve", city.coordinator)
    assert office.json()["possible"] == ["transfer", "close", "urge"], "what this caller can do, not what anyone can"


async def test_each_approval_has_its_own_office(city: Api) -> None:
    officer = city.officer(LEAD)
    task = await walk(city, await assign(city), ("start", officer, {}), ("report", officer, {}))
    assert (await city.act(task, "approve", officer)).status_code == 403
    assert (await city.act(task, "approve", city.coordinator)).status_code == 403
    assert (await city.act(task, "approve", city.head(HELPER))).status_code == 403
    assert (await city.act(task, "approve", city.head(STRANGER))).status_code == 404
    task = await walk(city, task, ("approve", city.head(LEAD), {}))
    assert (task["status"], task["approvals"]) == ("reported", 1)
    assert (await city.act(task, "approve", city.head(LEAD))).status_code == 403
    task = await walk(city, task, ("reject", city.coordinator, {"reason": "Thiếu phụ lục"}))
    assert (task["status"], task["approvals"]) == ("in_progress", 0)


async def test_one_key_moves_a_task_once(city: Api) -> None:
    task = await assign(city)
    headers = city.officer(LEAD) | {"If-Match": '"1"', "Idempotency-Key": "k"}
    path = f"/v1/tasks/{task['code']}/actions/start"
    answers = await asyncio.gather(*(city.send("POST", path, headers) for _ in range(5)))
    assert {(answer.status_code, answer.content) for answer in answers} == {(200, answers[0].content)}
    assert [version for subject, version, _ in await city.events() if subject == task["code"]] == [1, 2]


async def test_without_a_key_one_of_many_wins(city: Api) -> None:
    task = await assign(city)
    answers = await asyncio.gather(*(city.act(task, "start", city.officer(LEAD)) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412, 412]


async def test_extension_return_and_close(city: Api) -> None:
    officer, office = city.officer(LEAD), city.coordinator
    task = await walk(
        city, await assign(city), ("start", officer, {}),
        ("request_extension", officer, {"reason": "Chờ ý kiến", "due_on": "2024-07-15"}),
        ("grant_extension", office, {}),
    )  # fmt: skip
    assert (task["due_on"], task["due_at"], task["extensions"]) == ("2024-07-15", "2024-07-15T17:00:00Z", 1)
    refused = await city.act(task, "request_extension", officer, reason="Chậm", due_on="2024-09-01")
    assert [error["field"] for error in refused.json()["errors"]] == ["body.due_on"]
    task = await walk(city, task, ("return", officer, {"reason": "out_of_competence"}))
    assert (task["lead_unit"], task["status"], task["handovers"]) == ("01", "not_started", 1)
    task = await walk(
        city, task, ("propose_close", city.officer("01"), {"reason": "Không còn cần"}), ("close", office, {})
    )
    assert (task["status"], task["possible"]) == ("closed", ["mark_unjustified"])
    assert (await city.act(task, "report", city.officer("01"))).status_code == 409


async def test_a_parent_is_done_when_all_children_are(city: Api, clock: FixedClock) -> None:
    group = await assign(city, lead_unit="all-districts", title="Việc của các quận, huyện")
    assert (group["fanned_out"], len(group["children"])) == (True, 30)
    assert (await city.act(group, "start", city.coordinator)).json()["possible"] == ["grant_extension", "close", "urge"]
    children = [(await city.get(f"/v1/tasks/{code}", city.coordinator)).json() for code in group["children"]]
    for child in children[:-2]:
        await complete(city, child)
    clock.advance(timedelta(hours=1))
    await asyncio.gather(*(complete(city, child) for child in children[-2:]))
    after = (await city.get(f"/v1/tasks/{group['code']}", city.coordinator)).json()
    assert (after["status"], after["version"], after["completed_at"]) == ("completed", 3, "2024-06-03T04:00:00Z")
    types = [type_ for subject, _, type_ in await city.events() if subject == group["code"]]
    assert types == ["task.assigned.v1", "task.started.v1", "task.completed.v1"]


async def test_what_children_finish_is_told_to_the_parent_of_their_parent(city: Api) -> None:
    whole = await assign(city, lead_unit="all-districts", title="Việc chung")
    part = await assign(city, lead_unit="all-districts", parent=whole["code"], title="Một phần việc chung")
    for code in (*whole["children"], *part["children"]):
        await complete(city, (await city.get(f"/v1/tasks/{code}", city.coordinator)).json())
    assert (await city.get(f"/v1/tasks/{part['code']}", city.coordinator)).json()["status"] == "completed"
    assert (await city.get(f"/v1/tasks/{whole['code']}", city.coordinator)).json()["status"] == "completed"


async def test_a_child_lies_within_its_parents_time(city: Api) -> None:
    parent = await assign(city)
    late = await city.send(
        "POST", "/v1/tasks", city.coordinator, json=TASK | {"parent": parent["code"], "due_on": None}
    )
    assert [error["field"] for error in late.json()["errors"]] == ["body.due_on"]
    child = await assign(city, parent=parent["code"], lead_unit=STRANGER, due_on="2024-06-20")
    assert (await city.get(f"/v1/tasks/{parent['code']}", city.officer(STRANGER))).json()["children"] == [child["code"]]
    started = await walk(city, child, ("start", city.officer(STRANGER), {}))
    asked = await city.act(started, "request_extension", city.officer(STRANGER), reason="Chậm", due_on="2024-07-10")
    assert [error["field"] for error in asked.json()["errors"]] == ["body.due_on"]


async def test_filters_and_pages(city: Api, clock: FixedClock) -> None:
    codes = [(await assign(city, due_on=f"2024-06-{day}"))["code"] for day in (10, 20, 30)]
    office = city.coordinator

    async def listed(**query: Query) -> list[str]:
        items = (await city.get("/v1/tasks", office, unit=HELPER, role="coordinating", q="quý", **query)).json()[
            "items"
        ]
        return [item["code"] for item in items]

    assert await listed() == codes[::-1]
    assert await listed(due_from="2024-06-20", due_to="2024-06-29") == [codes[1]]
    assert await listed(status="completed") == []
    clock.advance(timedelta(days=10))
    assert await listed(overdue=True) == [codes[0]]
    assert await listed(overdue=False) == [codes[2], codes[1]]
    assert await listed(plan=PLAN) == []
    page = (await city.get("/v1/tasks", office, limit=2)).json()
    rest = (await city.get("/v1/tasks", office, limit=2, cursor=page["next_cursor"])).json()
    assert [item["code"] for item in (*page["items"], *rest["items"])][:3] == codes[::-1]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"lead_unit": "so-vu-tru"}, "body.lead_unit"),
        ({"lead_unit": "so-nong-nghiep-va-moi-truong"}, "body.lead_unit"),
        ({"coordinating_units": [HELPER, "x"]}, "body.coordinating_units.1"),
        ({"due_on": "30/6/2024"}, "body.due_on"),
        ({"due_on": "2024-06-02"}, "body.due_on"),
        ({"due_on": None, "due_text": "sớm"}, "body.due_text"),
        ({"title": ""}, "body.title"),
        ({"title": "a\0b"}, "body.title"),
        ({"urgency": "very"}, "body.urgency"),
        ({"parent": "NV-2024-999999"}, "body.parent"),
        ({"surprise": 1}, "body.surprise"),
    ],
)
async def test_bad_tasks_are_refused_by_field(api: Api, change: dict[str, Any], field: str) -> None:
    for code in (LEAD, HELPER):
        unit = {"name": code, "kind": "department", "valid_from": None}
        assert (await api.send("PUT", f"/v1/units/{code}", api.operator, json=unit)).status_code == 201
    answer = await api.send("POST", "/v1/tasks", api.coordinator, json=TASK | change)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"cursor": encode_cursor(2**63)}, "cursor"),
        ({"cursor": encode_cursor("x")}, "cursor"),
        ({"due_from": "0001-01-01"}, "due_from"),
        ({"due_to": "30/6/2024"}, "due_to"),
        ({"status": "done"}, "status"),
        ({"role": "lead"}, "unit"),
    ],
)
async def test_bad_filters_are_refused_by_field(api: Api, query: dict[str, Any], field: str) -> None:
    answer = await api.get("/v1/tasks", api.coordinator, **query)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [f"query.{field}"]


async def test_words_that_are_too_many_are_counted_in_characters(api: Api) -> None:
    answer = await api.get("/v1/tasks", api.coordinator | {"Accept-Language": "en"}, q="x" * 201)
    assert answer.json()["errors"] == [{"field": "query.q", "message": "is longer than 200 characters"}]


async def test_only_the_assigning_office_assigns(api: Api) -> None:
    for who in (api.officer(LEAD), api.head(LEAD), api.operator):
        assert (await api.send("POST", "/v1/tasks", who, json=TASK)).status_code == 403


async def test_rows_that_point_to_a_task_do_not_wait_for_its_action(city: Api) -> None:
    code = (await assign(city))["code"]
    pointing = select(tasks.c.code).where(tasks.c.code == code).with_for_update(read=True, key_share=True, nowait=True)
    async with city.here.engine.begin() as acting, city.here.engine.begin() as other:
        assert await repository.get(acting, code, lock=True)
        assert await other.scalar(pointing) == code
