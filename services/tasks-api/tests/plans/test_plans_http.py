"""Import of plans and their progress over HTTP."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from cchc_shared.calendar.clock import FixedClock
from tests.support.http import Headers
from tests.support.plans import FORM, TABLE, post
from tests.support.tasks import Api

PLAN = "KH-2024-0001"


async def test_a_dry_run_shows_the_same_and_writes_nothing(city: Api) -> None:
    before = await city.events()
    preview = await post(city, dry_run=True)
    assert preview.status_code == 200
    assert await city.events() == before
    done = await post(city)
    assert done.status_code == 201
    assert done.headers["location"] == f"/v1/plans/{done.json()['plan']['code']}"
    for shown in (body := done.json(), foreseen := preview.json()):
        for item in (shown["plan"], *shown["tasks"]):
            item.pop("code")
    assert body == foreseen


async def test_the_same_document_is_one_plan(city: Api) -> None:
    answers = await asyncio.gather(*(post(city) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 201]
    assert len({answer.json()["plan"]["code"] for answer in answers}) == 1
    other = await post(city, TABLE.replace("Báo cáo", "Đề án"))
    assert (other.status_code, other.json()["code"]) == (409, "document-number-taken")
    assert (await post(city, TABLE.replace("Báo cáo", "Đề án"), document_no="100/KH-UBND")).status_code == 201


async def test_one_key_one_import(city: Api) -> None:
    headers = {"Idempotency-Key": "k"}
    first, second = await post(city, headers=headers), await post(city, headers=headers)
    assert (first.status_code, first.content) == (second.status_code, second.content)
    assert (await post(city, TABLE + "\n", headers=headers)).json()["code"] == "idempotency-key-reused"


async def test_a_faulty_row_waits_and_the_others_are_imported(city: Api) -> None:
    answer = await post(city, TABLE + "x,Việc,Sở Vũ trụ,,sớm,,\n1,,Sở Y tế,,,,\n", headers={"Accept-Language": "en"})
    done = answer.json()
    assert (answer.status_code, [task["title"] for task in done["tasks"]]) == (201, ["Báo cáo"])
    said = {(warning["row"], warning["field"]) for warning in done["warnings"]}
    assert said >= {(2, "lead_unit"), (2, "due_text"), (3, "title")}
    assert [(row["row"], row["written_number"], row["state"]) for row in done["parked"]] == [
        (2, "x", "parked"),
    ]  # fmt: skip
    unknown = next(warning for warning in done["warnings"] if warning["field"] == "lead_unit")
    assert (unknown["number"], unknown["title"]) == ("x", "Việc"), "by its number and first words"


async def test_warnings_speak_the_callers_language(city: Api) -> None:
    content = TABLE.replace("30/6/2024", "năm 2204")
    shown = await post(city, content, dry_run=True, headers={"Accept-Language": "en"}, issuer="Ai đó")
    assert [(warning["row"], warning["field"]) for warning in shown.json()["warnings"]] == [
        (0, "issuer"), (1, "due_text"),
    ]  # fmt: skip
    assert "improbable" in shown.json()["warnings"][1]["message"]
    assert "khó có thể đúng" in (await post(city, content, dry_run=True)).json()["warnings"][0]["message"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"content": b"\xff\xfe\xff"}, "body.file"),
        ({"content": "a\0b"}, "body.file"),
        ({"content": "no table"}, "body.file"),
        ({"content": "no table", "name": "annex.txt"}, "body.file"),
        ({"issued_on": "1/6/2024"}, "body.issued_on"),
        ({"issued_on": "2024-06-04"}, "body.issued_on"),
        ({"document_no": ""}, "body.document_no"),
    ],
)
async def test_bad_documents_are_refused_by_field(api: Api, change: dict[str, Any], field: str) -> None:
    answer = await post(api, **change)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


@pytest.mark.parametrize("name", ["title", "file"])
async def test_a_part_that_is_sent_twice_is_refused(api: Api, name: str) -> None:
    """The last would be taken otherwise, whatever the first said."""
    parts = [*((part, (None, value)) for part, value in FORM.items()), ("file", ("annex.csv", TABLE))]
    again = next(part for part in parts if part[0] == name)
    request = httpx.Request("POST", "http://tasks/v1/plans/import", files=[*parts, again])
    headers = {"Content-Type": request.headers["content-type"]}
    answer = await api.send("POST", "/v1/plans/import", api.coordinator, content=request.read(), headers=headers)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [f"body.{name}"]


async def test_a_file_with_pictures_may_be_large_and_has_a_bound(city: Api) -> None:
    padded = TABLE + "\n" * 3_000_000
    assert (await post(city, padded, dry_run=True)).status_code in {200, 422}, "taken, whatever is in it"
    answer = await post(city, "x" * 22_000_000)
    assert (answer.status_code, answer.json()["most_bytes"]) == (413, 20_000_000)
    assert answer.headers["content-type"] == "application/problem+json"


async def test_the_body_of_a_stranger_is_not_even_read(city: Api) -> None:
    assert (await post(city, "x" * 22_000_000, who=city.officer("so-noi-vu"))).status_code == 403


async def test_only_the_assigning_office_imports(api: Api) -> None:
    assert (await post(api, who=api.officer("so-noi-vu"))).status_code == 403
    assert (await api.get("/v1/plans", api.token("citizen"))).status_code == 403


async def test_a_department_imports_its_own_plans_for_itself_alone(city: Api) -> None:
    own = city.token("coordinator", unit="so-noi-vu", sub="planner")
    for issuer, content, field in (
        (FORM["issuer"], TABLE, "body.issuer"),
        ("Sở Y tế", TABLE, "body.issuer"),
    ):
        refused = await post(city, content, who=own, issuer=issuer)
        assert (refused.status_code, [each["field"] for each in refused.json()["errors"]]) == (422, [field]), issuer
    for other in ("Sở Y tế", '"Các Sở, ban, ngành"'):
        foreign = await post(city, TABLE.replace("Sở Nội vụ", other), who=own, issuer="Sở Nội vụ", dry_run=True)
        assert (foreign.json()["tasks"], len(foreign.json()["parked"])) == ([], 1), other
    assert (await post(city, who=own, issuer="Sở Nội vụ")).json()["plan"]["issuer"] == "Sở Nội vụ"
    office = city.token("coordinator", unit="van-phong-ubnd-thanh-pho", sub="secretary")
    assert (await post(city, who=office, document_no="100/KH-UBND")).status_code == 201


async def test_progress_is_right_on_any_day(city: Api, clock: FixedClock) -> None:
    """Row 5 is reported on 10 June and approved on 1 July; row 6 is reported late, on 5 July, and approved at once."""

    async def move(number: int, *steps: tuple[str, Headers]) -> None:
        task = (await city.get(f"/v1/tasks/{PLAN}.{number}", city.coordinator)).json()
        for action, who in steps:
            answer = await city.act(task, action, who)
            assert answer.status_code == 200, answer.text
            task = answer.json()

    async def counts(day: str, *names: str) -> tuple[int, ...]:
        found = (await city.get(f"/v1/plans/{PLAN}/progress", city.coordinator, as_of=day)).json()
        assert found["as_of"] == day
        return tuple(found[name] for name in names)

    officer, head = city.officer("so-noi-vu"), city.head("so-noi-vu")
    await move(5, ("start", officer))
    clock.advance(timedelta(days=7))
    await move(5, ("report", officer), ("approve", head))
    clock.advance(datetime(2024, 7, 1, 3, tzinfo=UTC) - clock.now())
    await move(5, ("approve", city.coordinator))
    clock.advance(timedelta(days=4))
    await move(6, ("start", officer), ("report", officer), ("approve", head), ("approve", city.coordinator))

    names = ("total", "not_started", "in_progress", "reported", "completed", "completed_late", "overdue")
    assert await counts("2024-04-30", *names) == (0, 0, 0, 0, 0, 0, 0)
    assert await counts("2024-05-01", *names) == (11, 11, 0, 0, 0, 0, 0)
    assert await counts("2024-06-03", *names) == (11, 10, 1, 0, 0, 0, 0)
    assert await counts("2024-06-30", *names) == (11, 10, 0, 1, 0, 0, 0)
    assert await counts("2024-07-01", *names) == (11, 10, 0, 0, 1, 0, 4), "rows 1, 6, 7 and 9 were due on 30 June"
    assert await counts("2024-07-05", *names) == (11, 9, 0, 0, 2, 1, 3)
    assert await counts("2025-01-01", *names) == (11, 9, 0, 0, 2, 1, 9)
    children = (await city.get(f"/v1/plans/{PLAN}/progress", city.coordinator)).json()["children"]
    assert (children["total"], children["overdue"]) == (53, 53)
