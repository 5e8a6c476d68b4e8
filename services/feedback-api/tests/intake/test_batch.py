"""Many reports in one request: each has its own result, and nothing that happens to one changes another."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from cchc_shared.storage.group_commit import Overloaded
from feedback_api.intake.repository import IntakeRow
from feedback_api.intake.writer import IntakeWriter, Outcome
from feedback_api.metadata import outbox
from feedback_api.reports.models import feedback

from ..conftest import REPORT, People, Service

Json = dict[str, Any]


async def send(service: Service, people: People, items: list[Json], **headers: str) -> httpx.Response:
    sent = people["system"] | headers
    return await service.client.post("/v1/feedback/batch", json={"items": items}, headers=sent)


async def count(service: Service) -> tuple[int, int]:
    """How many reports and events there are."""
    tables = [await service.rows(select(func.count()).select_from(table)) for table in (feedback, outbox)]
    return tables[0][0][0], tables[1][0][0]


def item(number: int, **more: object) -> Json:
    return REPORT | {"channel": "hotline", "channel_ref": f"C-{number}"} | more


async def test_each_report_has_its_result_in_order(service: Service, people: People) -> None:
    first = (await service.post(item(1), **people["system"])).json()["code"]
    items = [
        item(0, reporter={"phone": "số cũ"}),
        item(1),
        item(1, content="khác"),
        item(2, surprise=1),
        item(3, category="weather"),
        item(4, received_at="2027-01-01T00:00:00Z"),
        item(5),
    ]
    answer = await send(service, people, items, **{"Accept-Language": "en"})
    assert answer.status_code == 200, answer.text
    results = answer.json()["results"]
    assert [result["index"] for result in results] == list(range(len(items)))
    assert [result["status"] for result in results] == [
        "accepted",
        "repeated",
        "conflict",
        "rejected",
        "rejected",
        "rejected",
        "accepted",
    ]
    assert (results[1]["code"], results[2]["code"], results[3]["code"]) == (first, first, None)
    assert [result["tracking_secret"] is not None for result in results] == [
        result["status"] == "accepted" for result in results
    ]
    assert [each["code"] for each in results[0]["warnings"]] == ["kept-as-written"]
    problems = [result["problem"] for result in results]
    assert [problem and problem["status"] for problem in problems] == [None, None, 409, 422, 422, 422, None]
    fields = [problem["errors"][0]["field"] for problem in problems if problem]
    places = ("content", "surprise", "category", "received_at")
    assert fields == [f"body.items.{index}.{name}" for index, name in enumerate(places, 2)]
    assert problems[2]["errors"][0]["message"] == "differs from the first report"
    assert await count(service) == (3, 3)
    secret = {"X-Tracking-Secret": results[6]["tracking_secret"]}
    assert (await service.client.get(f"/v1/feedback/{results[6]['code']}", headers=secret)).status_code == 200


async def test_five_hundred_reports_are_written_in_a_few_groups(
    service: Service, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    groups, write = [], IntakeWriter._write_leaders

    async def counted(self: IntakeWriter, rows: Sequence[IntakeRow]) -> list[Outcome]:
        groups.append(len(rows))
        return await write(self, rows)

    monkeypatch.setattr(IntakeWriter, "_write_leaders", counted)
    answer = await send(service, people, [item(number) for number in range(500)])
    assert Counter(result["status"] for result in answer.json()["results"]) == {"accepted": 500}
    assert sum(groups) == 500
    assert len(groups) <= 20


async def test_a_batch_that_is_sent_again_is_answered_alike(service: Service, people: People) -> None:
    items = [{**REPORT, "content": f"{number}"} for number in range(20)]
    key = {"Idempotency-Key": "batch"}
    first, again = await send(service, people, items, **key), await send(service, people, items, **key)
    assert first.text == again.text
    assert await count(service) == (20, 20)
    other = (await send(service, people, [{**REPORT, "content": "khác"}], **key)).json()["results"][0]
    assert (other["status"], other["problem"]["code"]) == ("rejected", "idempotency-key-reused")


async def test_a_report_with_a_key_of_its_own_is_the_same_in_every_batch(service: Service, people: People) -> None:
    keyed = {**REPORT, "key": "mine"}
    codes = []
    for items in ([keyed], [{**REPORT, "content": "khác"}, keyed], [keyed, keyed]):
        results = (await send(service, people, items)).json()["results"]
        codes += [result["code"] for result, sent in zip(results, items, strict=True) if sent is keyed]
    assert len(codes) == 4
    assert len(set(codes)) == 1
    assert await count(service) == (2, 2)


async def test_what_a_busy_service_cannot_take_is_said_of_each(
    service: Service, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    new_code, begun = IntakeWriter.new_code, 0

    async def full(self: IntakeWriter, year: int) -> str:
        nonlocal begun
        begun += 1
        if begun > 3:
            raise Overloaded
        return await new_code(self, year)

    items = [item(number) for number in range(5)]
    with monkeypatch.context() as busy:
        busy.setattr(IntakeWriter, "new_code", full)
        results = (await send(service, people, items, **{"Idempotency-Key": "k"})).json()["results"]
    assert [result["status"] for result in results] == ["accepted"] * 3 + ["rejected"] * 2
    assert {result["problem"]["status"] for result in results[3:]} == {503}
    later = (await send(service, people, items, **{"Idempotency-Key": "k"})).json()["results"]
    assert [result["status"] for result in later] == ["accepted"] * 5
    assert later[:3] == results[:3]
    assert await count(service) == (5, 5)


async def test_a_batch_is_bounded_and_for_channel_software(service: Service, people: People) -> None:
    for items in ([], [item(0)] * 501):
        answer = await send(service, people, items)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "body.items")
    for caller, status in (({}, 401), (people["citizen"], 403), (people["desk"], 403)):
        answer = await service.client.post("/v1/feedback/batch", json={"items": [item(0)]}, headers=caller)
        assert answer.status_code == status
