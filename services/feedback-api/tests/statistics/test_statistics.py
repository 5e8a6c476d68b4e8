"""Counts that add up, in the city's months, as of any day."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from cchc_shared.calendar.clock import FixedClock
from cchc_shared.contract.codes import Role
from feedback_api.statistics.domain import Counts
from feedback_api.statistics.timers import FOLDING
from tests.support.tokens import TestTokens

from ..conftest import CENTRE, HOME_AFFAIRS, JUSTICE, People, Service


async def statistics(service: Service, caller: dict[str, str], **query: str) -> list[dict[str, Any]]:
    answer = await service.client.get("/v1/statistics/feedback", params=query, headers=caller)
    assert answer.status_code == 200
    async with service.here.engine.begin() as conn:
        await FOLDING.run(conn, service.here.clock.now(), service.here)
    again = await service.client.get("/v1/statistics/feedback", params=query, headers=caller)
    rows: list[dict[str, Any]] = answer.json()["rows"]
    assert again.json()["rows"] == rows, "summing up changes no answer"
    return rows


@given(*(st.integers(0, 10_000) for _ in range(4)))
def test_the_rate_counts_what_is_overdue_and_open(on_time: int, late: int, overdue_open: int, missed: int) -> None:
    rate = Counts(0, 0, on_time, late, overdue_open, missed, 0, 0, 0).on_time_rate
    due = on_time + late + overdue_open + missed
    assert rate == (on_time / due if due else None)


@given(*(st.integers(0, 10_000) for _ in range(2)))
def test_only_who_rated_counts_in_the_rate_of_satisfaction(satisfied: int, unsatisfied: int) -> None:
    rate = Counts(0, 0, 0, 0, 0, 0, 0, satisfied, unsatisfied).satisfied_rate
    rated = satisfied + unsatisfied
    assert rate == (satisfied / rated if rated else None)


async def test_235_and_149_are_384(service: Service, people: People) -> None:
    channels = ["hotline", "zalo", "email", "national_portal"]
    last_of_january = datetime(2024, 1, 31, 16, 59, 59, tzinfo=UTC)  # 23:59:59 in Hanoi

    async def receive(number: int) -> None:
        received_at = last_of_january if number < 235 else last_of_january + timedelta(seconds=1)
        body = {"channel": channels[number % 4], "received_at": received_at.isoformat()}
        assert (await service.post(body, **people["system"])).status_code == 201

    await asyncio.gather(*map(receive, range(384)))
    months = await statistics(service, people["desk"], group_by="month")
    assert [(row["month"], row["received"]) for row in months] == [("2024-01", 235), ("2024-02", 149)]
    (total,) = await statistics(service, people["desk"])
    assert total["received"] == 384
    for grouping in ("month,channel", "channel,unit", "month,channel,unit,kind"):
        rows = await statistics(service, people["desk"], group_by=grouping)
        assert sum(row["received"] for row in rows) == 384
        assert all(set(grouping.split(",")) <= set(row) for row in rows)
    january = await statistics(service, people["desk"], **{"from": "2024-01-01", "to": "2024-01-31"})
    assert january[0]["received"] == 235


async def test_what_was_true_then(service: Service, people: People, clock: FixedClock) -> None:
    code = (await service.post({"unit": HOME_AFFAIRS, "kind": "conduct"})).json()["code"]  # due 25/11, 17:30
    await service.act(code, "assign", people["desk"], 1)
    clock.advance(timedelta(days=2))
    await service.act(code, "transfer", people["officer"], 2, {"unit": JUSTICE, "reason": "x"})  # its own: 30/11, 17:30
    clock.advance(timedelta(days=15))
    (overdue,) = await statistics(service, people["desk"], group_by="unit")
    assert (overdue["unit"], overdue["overdue_open"], overdue["on_time_rate"]) == (JUSTICE, 1, 0.0)
    await service.act(code, "accept", people["other_officer"], 3)
    await service.act(code, "draft_answer", people["other_officer"], 4, {"answer": "x", "outcome": "explained"})
    (still,) = await statistics(service, people["desk"])
    assert still["resolved"] == 0
    (then,) = await statistics(service, people["desk"], group_by="unit", as_of="2026-11-19")
    assert (then["unit"], then["received"], then["overdue_open"], then["on_time_rate"]) == (HOME_AFFAIRS, 1, 0, None)
    for day, promised, own in (("2026-11-24", 0, 0), ("2026-11-27", 1, 0), ("2026-12-01", 1, 1)):
        (total,) = await statistics(service, people["desk"], as_of=day)
        (row,) = await statistics(service, people["desk"], group_by="unit", as_of=day)
        assert (total["overdue_open"], row["unit"], row["overdue_open"]) == (promised, JUSTICE, own), day
    assert await statistics(service, people["desk"], group_by="unit", as_of="2026-11-17") == []


async def test_passing_late_work_on_clears_nobody_and_blames_nobody(
    service: Service, people: People, clock: FixedClock
) -> None:
    code = (await service.post({"unit": HOME_AFFAIRS, "kind": "conduct"})).json()["code"]
    await service.act(code, "assign", people["desk"], 1)
    clock.advance(timedelta(days=14))
    moved = await service.act(code, "transfer", people["officer"], 2, {"unit": JUSTICE, "reason": "x"})
    assert moved.status_code == 200
    clock.advance(timedelta(hours=1))

    async def blame(**query: str) -> dict[str, tuple[int, int, int, float | None]]:
        rows = await statistics(service, people["desk"], group_by="unit", **query)
        return {row["unit"]: (row["received"], row["overdue_open"], row["missed"], row["on_time_rate"]) for row in rows}

    assert await blame(as_of="2026-12-01") == {HOME_AFFAIRS: (1, 1, 0, 0.0)}
    assert await blame() == {HOME_AFFAIRS: (0, 0, 1, 0.0), JUSTICE: (1, 0, 0, None)}
    assert [row["missed"] for row in await statistics(service, people["officer"])] == [1]
    (total,) = await statistics(service, people["desk"])
    assert (total["received"], total["overdue_open"], total["missed"]) == (1, 1, 0)
    listed = {
        name: (await service.client.get(f"/v1/feedback?{name}=true", headers=people["desk"])).json()["items"]
        for name in ("overdue", "own_overdue")
    }
    assert {name: len(items) for name, items in listed.items()} == {"overdue": 1, "own_overdue": 0}


async def test_a_desk_answers_for_what_it_has_not_assigned(service: Service, people: People, clock: FixedClock) -> None:
    await service.post({"unit": HOME_AFFAIRS, "kind": "conduct"})
    clock.advance(timedelta(days=14))
    rows = await statistics(service, people["desk"], group_by="unit")
    counted = {row["unit"]: (row["received"], row["overdue_open"], row["on_time_rate"]) for row in rows}
    assert counted == {HOME_AFFAIRS: (1, 0, None), CENTRE: (0, 1, 0.0)}


async def test_what_was_known_then(service: Service, people: People, clock: FixedClock) -> None:
    """A report of October that its channel delivers in November changes what is true of October, not what was known."""
    await service.post({"received_at": "2026-10-20T02:00:00Z", "channel": "email"}, **people["system"])
    known = await statistics(service, people["desk"], as_of="2026-10-31", known_at="2026-11-05")
    assert [row["received"] for row in known] == [0]
    true = await statistics(service, people["desk"], as_of="2026-10-31")
    assert [row["received"] for row in true] == [1]
    clock.advance(timedelta(days=1))
    assert [row["received"] for row in await statistics(service, people["desk"], known_at="2026-11-18")] == [1]


async def test_a_refusal_is_no_way_out_and_a_pause_stops_the_clock(
    service: Service, people: People, clock: FixedClock
) -> None:
    refused, asked = [
        (await service.post({"unit": HOME_AFFAIRS, "kind": "conduct"}, **people["citizen"])).json()["code"]
        for _ in range(2)
    ]
    for code in (refused, asked):
        await service.act(code, "assign", people["desk"], 1)
        await service.act(code, "accept", people["officer"], 2)
    await service.act(asked, "ask_supplement", people["officer"], 3, {"question": "Ở đâu?"})
    clock.advance(timedelta(days=14))
    await service.act(refused, "refuse", people["head"], 3, {"reason": "complaint"})
    (promised,) = await statistics(service, people["desk"])
    assert (promised["late"], promised["overdue_open"], promised["resolved"]) == (1, 0, 0)
    (own,) = await statistics(service, people["officer"])
    assert (own["late"], own["overdue_open"], own["missed"]) == (0, 0, 1)
    clock.advance(timedelta(hours=1))
    assert (await service.act(asked, "supplement", people["citizen"], 4, {"text": "Đầu ngõ"})).status_code == 200
    clock.advance(timedelta(days=14))
    (later,) = await statistics(service, people["desk"])
    assert later["overdue_open"] == 1


async def test_answers_are_on_time_or_late(service: Service, people: People, clock: FixedClock) -> None:
    async def answered() -> None:
        code = (await service.post({"unit": HOME_AFFAIRS, "severity": "urgent"}, **people["desk"])).json()["code"]
        await service.act(code, "assign", people["desk"], 1)
        await service.act(code, "accept", people["officer"], 2)
        await service.act(code, "draft_answer", people["officer"], 3, {"answer": "x", "outcome": "resolved"})
        clock.advance(wait)
        assert (await service.act(code, "approve_answer", people["head"], 4)).status_code == 200

    wait = timedelta(hours=1)
    await answered()
    wait = timedelta(days=1)
    await answered()
    (row,) = await statistics(service, people["officer"])
    assert (row["resolved"], row["on_time"], row["late"], row["on_time_rate"]) == (2, 1, 1, 0.5)
    assert (row["satisfied_rate"], row["reopened"]) == (None, 0)


async def test_an_answer_at_the_due_time_is_late(service: Service, people: People, clock: FixedClock) -> None:
    for early in (timedelta(microseconds=1), timedelta()):
        received = (await service.post({"unit": HOME_AFFAIRS, "kind": "conduct"})).json()
        code, due_at = received["code"], datetime.fromisoformat(received["resolve_due_at"])
        await service.act(code, "assign", people["desk"], 1)
        await service.act(code, "accept", people["officer"], 2)
        await service.act(code, "draft_answer", people["officer"], 3, {"answer": "x", "outcome": "resolved"})
        clock.advance(due_at - early - clock.now())
        (open_one,) = await statistics(service, people["officer"])
        assert open_one["overdue_open"] == (0 if early else 1)
        await service.act(code, "approve_answer", people["head"], 4)
    (row,) = await statistics(service, people["officer"])
    assert (row["on_time"], row["late"], row["overdue_open"]) == (1, 1, 0)


async def test_staff_count_their_own_unit_only(service: Service, people: People, tokens: TestTokens) -> None:
    await service.post({"unit": HOME_AFFAIRS})
    await service.post({"unit": JUSTICE})
    assert [row["received"] for row in await statistics(service, people["officer"])] == [1]
    assert [row["received"] for row in await statistics(service, people["desk"])] == [2]
    private = tokens(sub="officer-1", roles=["officer", "citizen"], unit=HOME_AFFAIRS)
    assert [row["received"] for row in await statistics(service, private)] == [1]
    assert [row["received"] for row in await statistics(service, tokens(sub="x", roles=["officer"]))] == [0]
    for role in (Role.INSPECTOR, Role.SCORING_BOARD, Role.COUNCIL, Role.OPERATOR):
        overseer = tokens(sub="x", roles=[role, "officer"], unit=HOME_AFFAIRS)
        assert [row["received"] for row in await statistics(service, overseer)] == [2]
    citizen = await service.client.get("/v1/statistics/feedback", headers=people["citizen"])
    assert citizen.status_code == 403


async def test_bad_questions_are_named(service: Service, people: People) -> None:
    for query, field in (
        ("group_by=weather", "query.group_by"),
        ("group_by=month,month", "query.group_by"),
        ("as_of=yesterday", "query.as_of"),
        ("as_of=1763424000", "query.as_of"),
        ("from=2026-11-18T00:00:00", "query.from"),
        ("to=0", "query.to"),
        ("surprise=1", "query.surprise"),
    ):
        answer = await service.client.get(f"/v1/statistics/feedback?{query}", headers=people["desk"])
        assert answer.status_code == 422, query
        assert [error["field"] for error in answer.json()["errors"]] == [field]
