"""Advice over HTTP, against a real database: who is advised, and what it knows beside the words."""

from datetime import timedelta
from typing import Any

from sqlalchemy import func, select, text, update

from cchc_shared.calendar.clock import FixedClock
from feedback_api.reports.models import feedback, history

from ..conftest import HOME_AFFAIRS, People, Service

ANSWER = (
    "Ngày 18/11/2026 tổ chiếu sáng đã thay hai bóng đèn tại ngõ 5 Đội Cấn; đến 20 giờ cùng ngày cả ngõ đã sáng trở lại."
)
REPORT: dict[str, Any] = {"unit": HOME_AFFAIRS, "content": "Đèn đường ngõ 5 Đội Cấn hỏng ba hôm nay"}


async def drafted(service: Service, people: People, answer: str = ANSWER, **body: object) -> tuple[str, int]:
    """Code and version of a report with a draft."""
    code = (await service.post(REPORT | body, **people["citizen"])).json()["code"]
    words = {"answer": answer, "outcome": "resolved"}
    for version, (action, who, given) in enumerate(
        [("assign", "desk", {}), ("accept", "officer", {}), ("draft_answer", "officer", words)], 1
    ):
        assert (await service.act(code, action, people[who], version, given)).status_code == 200
    return code, 4


async def advice(service: Service, code: str, caller: dict[str, str]) -> dict[str, Any]:
    answer = await service.client.get(f"/v1/feedback/{code}/advice", headers=caller)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def marks(found: dict[str, Any]) -> list[str]:
    return [each["mark"] for each in found["marks"]]


async def test_words_point_to_what_may_be_decided(service: Service, people: People) -> None:
    words = "Tôi tố cáo cán bộ làm ngơ. Nhà trong ngõ 5 đang cháy, rác chất đống"
    code = (await service.post({"unit": HOME_AFFAIRS, "content": words}, **people["citizen"])).json()["code"]
    found = await advice(service, code, people["officer"])
    assert found["version"] == 1
    assert [(each["reason"], each["words"]) for each in found["refusal"]] == [("denunciation", ["tôi tố cáo"])]
    assert (found["severity"]["severity"], found["severity"]["words"]) == ("urgent", ["cháy"])
    assert found["category"] == [{"code": "sanitation", "words": ["rác"]}]
    assert (found["similar"], found["marks"]) == (0, [])


async def test_advice_changes_nothing_and_refuses_nothing(service: Service, people: People) -> None:
    code, version = await drafted(service, people, "Xin ghi nhận.")
    before = await service.rows(select(func.count()).select_from(history))
    assert marks(await advice(service, code, people["head"]))
    assert await service.rows(select(func.count()).select_from(history)) == before
    assert (await service.act(code, "approve_answer", people["head"], version)).status_code == 200


async def test_similar_reports_are_counted(service: Service, people: People) -> None:
    body: dict[str, Any] = {"kind": "on_site", "location": {"lat": 21.03, "lon": 105.82}}
    first = (await service.post(REPORT | body, **people["citizen"])).json()["code"]
    await service.post(REPORT | body, **people["other_citizen"])
    assert (await advice(service, first, people["desk"]))["similar"] == 1


async def test_work_on_the_spot_wants_evidence(service: Service, people: People) -> None:
    code, _ = await drafted(service, people, kind="on_site")
    assert marks(await advice(service, code, people["head"])) == ["no_evidence"]
    answer = await service.client.post(
        f"/v1/feedback/{code}/attachments",
        headers=people["officer"],
        files={"file": ("x.pdf", b"%PDF-1.4\n%%EOF\n", "application/pdf")},
        data={"purpose": "after"},
    )
    assert answer.status_code == 201, answer.text
    assert marks(await advice(service, code, people["head"])) == []


async def test_the_same_words_sent_to_others_are_marked(service: Service, people: People, clock: FixedClock) -> None:
    for number in range(2):
        code, version = await drafted(service, people)
        assert marks(await advice(service, code, people["head"])) == [], number
        assert (await service.act(code, "approve_answer", people["head"], version)).status_code == 200
    third, _ = await drafted(service, people)
    assert marks(await advice(service, third, people["head"])) == ["same_text"]
    clock.advance(timedelta(days=31))
    assert marks(await advice(service, third, people["head"])) == []


async def test_a_standard_reply_alone_is_marked_as_that(service: Service, people: People) -> None:
    body = {"title": "Đèn đường", "text": f"Phản ánh {{code}} nhận ngày {{received_on}}: {ANSWER}"}
    reply = (await service.client.post("/v1/standard-replies", json=body, headers=people["head"])).json()
    code, version = await drafted(service, people)
    path = f"/v1/feedback/{code}/standard-replies/{reply['id']}/preview"
    filled = (await service.client.post(path, headers=people["officer"])).json()["text"]
    for answer, expected in ((filled, ["standard_reply_alone"]), (f"{filled} Cột số 8 được sơn lại.", [])):
        words = {"answer": answer, "outcome": "resolved"}
        assert (await service.act(code, "draft_answer", people["officer"], version, words)).status_code == 200
        version += 1
        assert marks(await advice(service, code, people["head"])) == expected


async def test_only_officials_of_the_report_are_advised(service: Service, people: People) -> None:
    code = (await service.post(REPORT, **people["citizen"])).json()["code"]
    path = f"/v1/feedback/{code}/advice"
    assert (await service.client.get(path, headers=people["citizen"])).status_code == 403
    assert (await service.client.get(path, headers=people["other_officer"])).status_code == 404
    assert (await service.client.get(path)).status_code == 401


async def test_nothing_is_said_of_words_that_are_erased(service: Service, people: People) -> None:
    code = (await service.post(REPORT | {"content": "Tôi tố cáo"}, **people["citizen"])).json()["code"]
    async with service.here.engine.begin() as conn:
        await conn.execute(update(feedback).where(feedback.c.code == code).values(erased="text", content=""))
    found = await advice(service, code, people["desk"])
    assert (found["refusal"], found["category"], found["similar"], found["marks"]) == ([], [], 0, [])


async def test_the_index_on_answers_is_used(service: Service) -> None:
    async with service.here.engine.connect() as conn:
        await conn.execute(text("SET LOCAL enable_seqscan = off"))
        plan = await conn.execute(text("EXPLAIN SELECT code FROM feedback WHERE answer = 'x' AND answered_at >= now()"))
        assert "ix_feedback_answer" in "\n".join(plan.scalars())
