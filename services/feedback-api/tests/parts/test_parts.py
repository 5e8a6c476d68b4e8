"""A report that several units do their parts of, with one answer to its sender."""

from datetime import timedelta
from typing import Any

import httpx
from sqlalchemy import select

from cchc_shared.calendar.clock import FixedClock
from feedback_api.metadata import outbox

from ..conftest import CENTRE, HOME_AFFAIRS, JUSTICE, OFFICE, People, Service

PARTS: dict[str, Any] = {
    "parts": [{"unit": JUSTICE, "task": "Trả lời về thủ tục hộ tịch"}, {"unit": OFFICE, "task": "Về trụ sở"}]
}
ANSWER = {"answer": "Đã kiểm tra, ngày 20/11 sẽ trả kết quả", "outcome": "explained"}


async def split(service: Service, people: People, body: dict[str, Any] = PARTS) -> tuple[str, httpx.Response]:
    code = (await service.post({"unit": HOME_AFFAIRS, "kind": "conduct"}, **people["citizen"])).json()["code"]
    assert (await service.act(code, "assign", people["desk"], 1)).status_code == 200
    assert (await service.act(code, "accept", people["officer"], 2)).status_code == 200
    return code, await service.act(code, "split", people["desk"], 3, body)


async def parts(service: Service, people: People, code: str, who: str = "officer") -> list[dict[str, Any]]:
    answer = await service.client.get(f"/v1/feedback/{code}/parts", headers=people[who])
    return list(answer.json().get("items", []))


async def test_each_unit_has_its_part_and_the_whole_is_answered_last(
    service: Service, people: People, clock: FixedClock
) -> None:
    code, whole = await split(service, people)
    assert (whole.status_code, whole.json()["status"], whole.json()["former_units"]) == (
        200,
        "accepted",
        [JUSTICE, OFFICE],
    )
    first, second = await parts(service, people, code)
    assert (first["code"], first["unit"], first["status"], first["answer"]) == (f"{code}-1", JUSTICE, "assigned", None)
    assert first["resolve_due_at"] == "2026-11-26T10:30:00Z"
    events = await service.rows(select(outbox.c.aggregateid, outbox.c.type).order_by(outbox.c.seq))
    assert [(each.aggregateid, each.type.split(".")[-2]) for each in events[3:]] == [
        (f"{code}-1", "part_opened"),
        (f"{code}-2", "part_opened"),
        (code, "split"),
    ]
    # The head of the whole cannot approve before its parts have ended.
    assert (await service.act(code, "draft_answer", people["officer"], 4, ANSWER)).status_code == 200
    early = await service.act(code, "approve_answer", people["head"], 5)
    assert (early.status_code, early.json()["errors"][0]["field"]) == (422, "body.answer")
    assert f"{code}-1 ({JUSTICE})" in early.json()["errors"][0]["message"]
    steps: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("accept", "other_officer", {}),
        ("draft_answer", "other_officer", ANSWER),
        ("approve_answer", "other_head", {}),
    )
    for version, (action, who, body) in enumerate(steps, 1):
        assert (await service.act(first["code"], action, people[who], version, body)).status_code == 200
    assert (
        await service.act(second["code"], "refuse", people["desk"], 1, {"reason": "out_of_scope"})
    ).status_code == 200
    assert [part["answer"] for part in await parts(service, people, code)] == [ANSWER["answer"], None]
    assert (await service.act(code, "approve_answer", people["head"], 5)).status_code == 200


async def test_a_part_is_nobodys_report(service: Service, people: People, clock: FixedClock) -> None:
    code, _ = await split(service, people)
    # Its sender knows nothing of it; its unit does not see who sent the whole.
    assert (await service.client.get(f"/v1/feedback/{code}-1", headers=people["citizen"])).status_code == 404
    assert (await service.client.get(f"/v1/feedback/{code}/parts", headers=people["citizen"])).status_code == 403
    assert (
        await service.client.get(f"/v1/feedback/{code}/reporter", headers=people["other_officer"])
    ).status_code == 403
    assert (await service.client.get(f"/v1/feedback/{code}", headers=people["other_officer"])).status_code == 200
    part = (await service.client.get(f"/v1/feedback/{code}-1", headers=people["other_head"])).json()
    assert (part["part_of"], part["possible"]) == (code, ["accept", "return", "transfer", "add_note"])
    # It counts for its unit alone.
    clock.advance(timedelta(days=30))
    statistics = "/v1/statistics/feedback"
    (total,) = (await service.client.get(statistics, headers=people["desk"])).json()["rows"]
    assert (total["received"], total["overdue_open"]) == (1, 1)
    by_unit = (await service.client.get(f"{statistics}?group_by=unit", headers=people["desk"])).json()["rows"]
    counted = {row["unit"]: (row["received"], row["overdue_open"]) for row in by_unit}
    assert counted == {HOME_AFFAIRS: (1, 1), JUSTICE: (0, 1), OFFICE: (0, 1)}
    by_month = f"{statistics}?group_by=month&as_of=2026-12-17"
    (then,) = (await service.client.get(by_month, headers=people["desk"])).json()["rows"]
    assert then["received"] == 1


async def test_what_no_part_can_be(service: Service, people: People) -> None:
    bad: dict[str, dict[str, Any]] = {
        "parts.0.unit": {"parts": [{"unit": HOME_AFFAIRS, "task": "x"}]},
        "parts.1.unit": {"parts": [{"unit": JUSTICE, "task": "x"}, {"unit": JUSTICE, "task": "y"}]},
        "parts": {"parts": []},
    }
    for field, body in bad.items():
        _, answer = await split(service, people, body)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, f"body.{field}")
    _, answer = await split(service, people, {"parts": [{"unit": "khong-co", "task": "x"}]})
    assert answer.json()["errors"][0]["message"] == "hiện không có đơn vị này"
    code, _ = await split(service, people)
    again = await service.act(f"{code}-1", "split", people["desk"], 1, {"parts": [{"unit": CENTRE, "task": "x"}]})
    assert again.status_code == 409
    more = await service.act(code, "split", people["desk"], 4, {"parts": [{"unit": CENTRE, "task": "x"}]})
    assert more.status_code == 200
    assert [part["code"] for part in await parts(service, people, code)] == [f"{code}-{n}" for n in (1, 2, 3)]
