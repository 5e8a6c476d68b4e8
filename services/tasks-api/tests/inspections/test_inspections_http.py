"""Inspections over HTTP: from the plan to the last recommendation, and what is refused."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from cchc_shared.calendar.clock import FixedClock

from .office import DUE, INSPECTED, INSPECTING, OTHER, STRANGER, Office, path_of, seen, tree


async def test_from_the_plan_to_the_last_recommendation(office: Office, clock: FixedClock) -> None:
    planned = await office.plan(document_no="7/QĐ-SNV")
    assert planned["code"] == "KT-2024-0001"
    assert (planned["status"], planned["revealed_at"], planned["planned_to"]) == ("planned", None, "2024-06-04")
    clock.advance(timedelta(days=1))
    started = await office.act(planned, "start", office.inspector)
    assert started["revealed_at"] == started["started_at"] == "2024-06-04T03:00:00Z"
    other = {"number": 2, "text": "Của Sở khác", "responsible_unit": OTHER, "due_on": "2024-06-20"}
    body = tree(1, recommendations=[{"number": 1, "text": "Sửa"}, other], due_on=DUE.isoformat())
    found = await office.act(
        started, "conclude", office.inspector, conclusion_no="12/KL-SNV", conclusions=[body, tree(2)]
    )
    first, second = found["conclusions"]
    assert (first["open"], second["open"], first["responsible_unit"]) == (True, False, INSPECTED)
    below = [(each["code"], each["responsible_unit"], each["due_on"]) for each in first["recommendations"]]
    assert below == [("KT-2024-0001.1.1", INSPECTED, "2024-06-30"), ("KT-2024-0001.1.2", OTHER, "2024-06-20")]
    clock.advance(timedelta(days=1))
    reported = await office.act(
        first["recommendations"][0], "report", office.head, content="Đã sửa", evidence=["45/BC-STP"]
    )
    clock.advance(timedelta(days=40))
    done = await office.act(reported, "confirm", office.inspector)
    assert (done["done_at"], done["done_late"], done["open"]) == ("2024-06-05T03:00:00Z", False, False)
    await office.carried_out(first["recommendations"][1])
    again = (await office.api.get(path_of(planned), office.head)).json()
    assert [each["open"] for each in again["conclusions"]] == [False, False]
    assert again["conclusions"][0]["recommendations"][1]["done_late"]
    history = (await office.api.get(path_of(done) + "/history", office.head)).json()["items"]
    assert [(each["action"], each["status"], each["role"]) for each in history] == [
        ("issue", "open", "officer"), ("report", "reported", "unit_head"), ("confirm", "done", "officer"),
    ]  # fmt: skip
    assert history[1]["details"] == {"content": "Đã sửa", "evidence": ["45/BC-STP"]}
    assert [event for event in await office.api.events() if event[2].startswith(("inspection", "recom"))] == [
        ("KT-2024-0001", 1, "inspection.planned.v1"),
        ("KT-2024-0001", 2, "inspection.started.v1"),
        ("KT-2024-0001.1.1", 1, "recommendation.issued.v1"),
        ("KT-2024-0001.1.2", 1, "recommendation.issued.v1"),
        ("KT-2024-0001", 3, "inspection.concluded.v1"),
        ("KT-2024-0001.1.1", 2, "recommendation.reported.v1"),
        ("KT-2024-0001.1.1", 3, "recommendation.confirmed.v1"),
        ("KT-2024-0001.1.2", 2, "recommendation.reported.v1"),
        ("KT-2024-0001.1.2", 3, "recommendation.confirmed.v1"),
    ]


async def test_what_was_reopened_is_due_when_it_was(office: Office) -> None:
    found = await office.concluded(tree(1, 1))
    [recommendation] = found["conclusions"][0]["recommendations"]
    done = await office.carried_out(recommendation)
    opened = await office.act(done, "reopen", office.api.coordinator, reason="Chưa nộp lại ngân sách")
    assert (opened["status"], opened["done_at"], opened["due_on"]) == ("open", None, recommendation["due_on"])
    assert (await office.carried_out(opened))["version"] == 6


@pytest.mark.parametrize(
    ("conclusions", "field"),
    [
        ([], "conclusions"),
        ([tree(1), tree(1)], "conclusions.1.number"),
        ([tree(1, recommendations=[{"number": 1, "text": "a", "due_on": "2024-06-02"}])], "recommendations.0.due_on"),
        ([tree(1, 1, due_on="2024-06-02")], "conclusions.0.due_on"),
        ([tree(1, due_on="2024-06-30")], "conclusions.0.due_on"),
        ([tree(1, recommendations=[{"number": 1, "text": "a"}])], "recommendations.0.due_on"),
        (
            [tree(1, due_on="2024-06-30", recommendations=[{"number": 1, "text": "a", "due_on": "2024-07-01"}])],
            "recommendations.0.due_on",
        ),
        (
            [tree(1, due_on="2024-06-30", recommendations=[{"number": 1, "text": "a"}, {"number": 1, "text": "b"}])],
            "recommendations.1.number",
        ),
        ([tree(1, responsible_unit="so-vu-tru")], "conclusions.0.responsible_unit"),
        # A recommendation stands inside its conclusion: there is no field by which it could name another.
        ([tree(1, recommendations=[{"number": 1, "text": "a", "parent": "KT-2024-0009.1"}])], "0.parent"),
        ([tree(1, recommendations=[{"number": 1, "text": "a", "recommendations": []}])], "0.recommendations"),
    ],
)
async def test_a_faulty_tree_is_refused_at_its_field(
    office: Office, conclusions: list[dict[str, Any]], field: str
) -> None:
    started = await office.started()
    body = {"conclusion_no": "12/KL-SNV", "conclusions": conclusions}
    answer = await office.api.send("POST", path_of(started, "conclude"), office.inspector | seen(started), json=body)
    assert answer.status_code == 422
    assert [error["field"].endswith(field) for error in answer.json()["errors"]] == [True], answer.text
    assert (await office.progress())["conclusions"]["total"] == 0, "nothing of it was stored"


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"inspected_unit": INSPECTING}, "body.inspected_unit"),
        ({"inspected_unit": "so-vu-tru"}, "body.inspected_unit"),
        ({"inspecting_unit": "so-vu-tru"}, "body.inspecting_unit"),
        ({"planned_to": "2024-06-03"}, "body"),
        ({"unannounced": "yes"}, "body.unannounced"),
        ({"conclusions": []}, "body.conclusions"),
    ],
)
async def test_a_faulty_plan_is_refused(office: Office, more: dict[str, Any], field: str) -> None:
    body = {
        "inspecting_unit": INSPECTING,
        "inspected_unit": INSPECTED,
        "subject": "Kỷ cương",
        "unannounced": True,
        "planned_from": "2024-06-04",
    }
    answer = await office.api.send("POST", "/v1/inspections", office.api.coordinator, json=body | more)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_nobody_plans_an_inspection_of_their_own_unit(office: Office) -> None:
    own = office.api.token("coordinator", unit=INSPECTED)
    body = {
        "inspecting_unit": INSPECTING,
        "inspected_unit": INSPECTED,
        "subject": "Kỷ cương",
        "unannounced": True,
        "planned_from": "2024-06-04",
    }
    answer = await office.api.send("POST", "/v1/inspections", own, json=body)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "body.inspected_unit")


async def test_of_two_at_the_same_moment_one_acts(office: Office) -> None:
    planned = await office.plan()
    answers = await asyncio.gather(
        *(
            office.api.send("POST", path_of(planned, "start"), who | seen(planned))
            for who in (office.inspector, office.api.head(INSPECTING))
        )
    )
    assert sorted(answer.status_code for answer in answers) == [200, 412]


async def test_a_repeated_request_takes_effect_once(office: Office) -> None:
    key = {"Idempotency-Key": "k-1"}
    body = {
        "inspecting_unit": INSPECTING,
        "inspected_unit": INSPECTED,
        "subject": "Kỷ cương",
        "unannounced": True,
        "planned_from": "2024-06-04",
    }
    first, second = [
        await office.api.send("POST", "/v1/inspections", office.api.coordinator | key, json=body) for _ in range(2)
    ]
    assert (first.status_code, first.content) == (201, second.content)
    path, who = path_of(first.json(), "start"), office.inspector | seen(first.json()) | key
    started = [await office.api.send("POST", path, who) for _ in range(2)]
    assert [answer.status_code for answer in started] == [200, 200]
    assert started[0].content == started[1].content
    assert len([event for event in await office.api.events() if event[0].startswith("KT-")]) == 2


async def test_lists_are_narrowed_and_go_on(office: Office, clock: FixedClock) -> None:
    for number in range(5):
        await office.plan(unannounced=number % 2 == 0, planned_from=f"2024-06-1{number}")
    found = await office.concluded(tree(1, 3), planned_from="2024-07-01")
    await office.carried_out(found["conclusions"][0]["recommendations"][0])

    async def codes(path: str, **query: str | int | bool) -> list[str]:
        pages: list[str] = []
        while True:
            answer = await office.api.get(path, office.api.coordinator, limit=2, **query)
            assert answer.status_code == 200, answer.text
            pages += [each["code"].removeprefix("KT-2024-") for each in answer.json()["items"]]
            if (cursor := answer.json()["next_cursor"]) is None:
                return pages
            query["cursor"] = cursor

    inspections, recommendations = "/v1/inspections", "/v1/recommendations"
    assert await codes(inspections) == ["0006", "0005", "0004", "0003", "0002", "0001"]
    assert await codes(inspections, unannounced=False) == ["0004", "0002"]
    assert await codes(inspections, status="planned", planned_from="2024-06-12") == ["0005", "0004", "0003"]
    assert await codes(inspections, planned_to="2024-06-11", inspected_unit=INSPECTED) == ["0002", "0001"]
    assert await codes(inspections, inspecting_unit=STRANGER) == []
    assert await codes(recommendations) == ["0006.1.3", "0006.1.2", "0006.1.1"]
    assert await codes(recommendations, status="done") == ["0006.1.1"]
    assert await codes(recommendations, overdue=True) == []
    clock.advance(timedelta(days=40))
    assert await codes(recommendations, overdue=True, unit=INSPECTED) == ["0006.1.3", "0006.1.2"]
    assert await codes(recommendations, overdue=False) == ["0006.1.1"]
    assert await codes(recommendations, due_to="2024-06-29") == []
    assert await codes(recommendations, inspection=found["code"], due_from="2024-06-30", unit=OTHER) == []
