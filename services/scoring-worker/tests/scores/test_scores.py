"""Scores over HTTP."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import pytest

from cchc_shared.calendar.clock import FixedClock
from cchc_shared.contract.codes import FeedbackStatus, TaskStatus, UnitKind
from cchc_shared.contract.events import Event, EventData
from cchc_shared.contract.events.feedback import (
    FeedbackAccepted,
    FeedbackHandoverJudged,
    FeedbackReceived,
    FeedbackTransferred,
)
from cchc_shared.contract.events.task import TaskAssigned, TaskCompleted, TaskHandoverJudged, TaskTransferred
from cchc_shared.contract.events.unit import UnitDefined
from scoring_worker.facts.domain import FactState
from tests.support import events
from tests.support.events import report_state
from tests.support.http import Json
from tests.support.scoring import ScoringService

MORNING = datetime(2026, 6, 1, 1, tzinfo=UTC)
EVENING = MORNING + timedelta(hours=10)
NEXT_WEEK = MORNING + timedelta(days=7)
JUNE = {"set": "CCHC-CITY", "period": "2026-06"}


def event(data: EventData, subject: str, version: int, at: datetime = MORNING) -> Event:
    return events.event_of(data, subject, version, at)


def unit(
    code: str,
    kind: UnitKind = UnitKind.DEPARTMENT,
    *,
    valid_from: date | None = None,
    valid_to: date | None = None,
) -> Event:
    data = UnitDefined(code=code, name=f"Đơn vị {code}", kind=kind, valid_from=valid_from, valid_to=valid_to)
    return event(data, f"{code}@{valid_from}", 1)


def assigned(subject: str, lead: str, due_at: datetime) -> Event:
    return event(TaskAssigned(**_task(subject, lead, due_at)), subject, 1)


def completed(subject: str, lead: str, due_at: datetime, at: datetime) -> Event:
    state = _task(subject, lead, due_at) | {"status": TaskStatus.COMPLETED, "completed_at": at}
    return event(TaskCompleted(**state), subject, 2, at)


def _task(subject: str, lead: str, due_at: datetime) -> dict[str, Any]:
    return {
        "code": f"NV-{subject}",
        "lead_unit": lead,
        "status": TaskStatus.NOT_STARTED,
        "assigned_at": MORNING,
        "due_at": due_at,
    }


def report(**given: object) -> dict[str, Any]:
    return report_state("PA-1", MORNING, **{"unit": "A", "accept_due_at": EVENING, "resolve_due_at": NEXT_WEEK} | given)


async def test_a_live_score_explains_itself(service: ScoringService, clock: FixedClock) -> None:
    clock.advance(timedelta(days=1))
    at = MORNING + timedelta(hours=1)
    accepted = report(accepted_at=at, status=FeedbackStatus.ACCEPTED)
    await service.apply(
        [
            unit("A"),
            assigned("1", "A", EVENING),
            completed("1", "A", EVENING, at),
            assigned("2", "A", EVENING),
            assigned("3", "A", NEXT_WEEK),
            event(FeedbackReceived(**report()), "1", 1),
            event(FeedbackAccepted(**accepted), "1", 2, at),
            event(FeedbackTransferred(**accepted | {"unit": "B"}, from_unit="A", to_unit="B"), "1", 3, at),
            event(
                FeedbackHandoverJudged(
                    **accepted | {"unit": "B"}, handover=3, from_unit="A", handed_over_at=at, unjustified=True
                ),
                "1",
                4,
                at,
            ),
        ]
    )
    answer = await service.get("/v1/scores/A", **JUNE)
    assert answer.status_code == 200
    score = answer.json()
    assert (score["name"], score["kind"], score["rank"], score["band"]) == ("Đơn vị A", "department", 1, "fair")
    # 30 · 1/2 + 10 · 1/2 + 15 + 9.5 of 30 + 10 + 15 + 10
    assert (score["total"], score["max"], score["percent"]) == (44.5, 65, 68.46)
    assert sum(node["score"] or 0 for node in score["tree"]) == score["total"]
    assert score["head"] == "/v1/units/A/head?as_of=2026-06-30"
    assert [(field["code"], field["score"], field["max"]) for field in score["fields"]] == [
        ("1", 20, 40),
        ("2", 15, 15),
        ("3", 9.5, 10),
    ]
    on_time = score["tree"][0]["children"][0]["children"][0]
    assert (on_time["code"], on_time["rule"], on_time["state"], on_time["score"]) == ("1.1.1", "linear", "scored", 15)
    (given,) = on_time["inputs"]
    assert (given["numerator"], given["denominator"], given["value"]) == (1, 2, 0.5)
    assert (given["pending"], given["on_time"], given["overdue"]) == (1, 1, 1)
    assert score["tree"][1]["children"][1]["state"] == "missing"
    assert score["template"] is True
    assert "invented" in score["notice_en"]
    assert len(score["sha256"]) == 64
    assert score["provisional"] is True

    listed = (await service.get("/v1/scores", **JUNE)).json()
    (item,) = [item for item in listed["items"] if item["unit"] == "A"]
    assert item == {key: score[key] for key in item}


async def test_overdue_moves_the_score_at_that_moment_with_no_event(service: ScoringService, clock: FixedClock) -> None:
    await service.apply([unit("A"), assigned("1", "A", EVENING)])
    before = (await service.get("/v1/scores/A", **JUNE)).json()
    assert before["percent"] is None
    assert (await service.mark_overdue()) == 0
    clock.advance(timedelta(hours=12))

    unmarked = (await service.get("/v1/scores/A", **JUNE)).json()
    listed = (await service.get("/v1/scores", **JUNE)).json()["items"]
    assert await service.mark_overdue() == 1
    assert await service.mark_overdue() == 0
    marked = (await service.get("/v1/scores/A", **JUNE)).json()

    assert unmarked["percent"] == 20  # 10 points for handing nothing over, of 50
    assert marked == unmarked
    assert listed == (await service.get("/v1/scores", **JUNE)).json()["items"]
    assert marked["tree"][0]["children"][0]["children"][0]["inputs"][0]["overdue"] == 1
    back = (await service.get("/v1/scores/A", **JUNE, as_of=MORNING.isoformat())).json()
    assert back["percent"] is None
    assert back["tree"][0]["children"][0]["children"][0]["inputs"][0]["pending"] == 1


async def test_as_of_answers_from_what_had_happened_by_then(service: ScoringService, clock: FixedClock) -> None:
    clock.advance(timedelta(days=30))
    late = MORNING + timedelta(days=2)
    await service.apply([assigned("1", "A", EVENING), completed("1", "A", EVENING, late)])

    async def share(as_of: str | None) -> tuple[int, int, int]:
        query = JUNE if as_of is None else {**JUNE, "as_of": as_of}
        items = (await service.get("/v1/scores/A", **query)).json()
        given = items["tree"][0]["children"][0]["children"][1]["inputs"][0]
        return given["pending"], given["overdue"], given["late"]

    assert await share("2026-06-01T09:00:00+07:00") == (1, 0, 0)
    assert await share("2026-06-01") == (0, 1, 0)
    assert await share("2026-06-02") == (0, 1, 0)
    assert await share("2026-06-03") == (0, 0, 1)
    assert await share("2027-01-01") == (0, 0, 1)
    assert await share(None) == (0, 0, 1)


async def test_what_becomes_late_or_begins_at_the_end_of_a_day_does_so_on_the_next(
    service: ScoringService, clock: FixedClock
) -> None:
    midnight = datetime(2026, 6, 30, 17, tzinfo=UTC)
    clock.advance(midnight - clock.now() + timedelta(days=1))
    begun = event(TaskAssigned(**_task("2", "A", midnight) | {"assigned_at": midnight}), "2", 1, midnight)
    await service.apply([assigned("1", "A", midnight), begun])

    async def states(as_of: str) -> list[str]:
        path = "/v1/scores/A/criteria/1.1.1/evidence"
        listed = (await service.get(path, **JUNE, as_of=as_of)).json()["items"]
        tree = (await service.get("/v1/scores/A", **JUNE, as_of=as_of)).json()["tree"]
        (given,) = tree[0]["children"][0]["children"][0]["inputs"]
        found = [item["state"] for item in listed]
        assert found == ["pending"] * given["pending"] + ["overdue"] * given["overdue"]
        return found

    assert await states("2026-06-30") == ["pending"]
    assert await states("2026-07-01") == ["overdue", "overdue"]
    assert await states(midnight.isoformat()) == ["overdue", "overdue"]


async def test_late_and_future_events_land_in_their_own_periods(service: ScoringService) -> None:
    long_ago, far = datetime(2024, 5, 10, tzinfo=UTC), datetime(2027, 1, 31, 17, tzinfo=UTC)
    old = event(TaskAssigned(**_task("1", "A", long_ago)), "1", 1, long_ago - timedelta(days=3))
    await service.apply([assigned("2", "A", far)])
    await service.apply([old])
    counted = await service.rows("SELECT period, counts -> 'task.completion' FROM unit_count ORDER BY period")
    overdue, pending = {"overdue": 1}, {"pending": 1}
    assert counted == [
        ("2024", overdue),
        ("2024-05", overdue),
        ("2024-H1", overdue),
        ("2024-Q2", overdue),
        ("2027", pending),
        ("2027-01", pending),
        ("2027-H1", pending),
        ("2027-Q1", pending),
    ]


async def test_ranks_are_among_the_units_of_a_kind(service: ScoringService, clock: FixedClock) -> None:
    clock.advance(timedelta(days=1))
    at = MORNING + timedelta(hours=1)
    tasks = [("1", "A", at), ("2", "B", at), ("3", "C", None), ("4", "X", at)]
    history = [unit("A"), unit("B"), unit("C"), unit("X", UnitKind.COMMUNE)]
    for subject, lead, done in tasks:
        history.append(assigned(subject, lead, EVENING))
        if done:
            history.append(completed(subject, lead, EVENING, done))
    await service.apply(history)
    items = (await service.get("/v1/scores", **JUNE)).json()["items"]
    assert [(item["unit"], item["rank"]) for item in items] == [("A", 1), ("B", 1), ("X", 1), ("C", 3)]
    communes = (await service.get("/v1/scores", **JUNE, kind="commune")).json()["items"]
    assert [(item["unit"], item["rank"]) for item in communes] == [("X", 1)]


async def test_a_code_that_passed_on_is_scored_for_its_holder(service: ScoringService, clock: FixedClock) -> None:
    await service.apply([assigned("1", "A", datetime(2026, 2, 10, tzinfo=UTC)), assigned("2", "A", EVENING)])
    clock.advance(timedelta(days=1))
    year = {"set": "CCHC-CITY", "period": "2026"}

    async def overdue(**query: str) -> tuple[str | None, int]:
        score = (await service.get("/v1/scores/A", **query)).json()
        return score["name"], score["tree"][0]["children"][0]["children"][0]["inputs"][0]["overdue"]

    assert await overdue(**year) == (None, 2)
    await service.apply(
        [unit("A", valid_to=date(2026, 2, 28)), unit("A", valid_from=date(2026, 3, 1), kind=UnitKind.COMMUNE)]
    )
    assert await overdue(**year) == ("Đơn vị A", 1)
    assert await overdue(**year, as_of="2026-06-05") == ("Đơn vị A", 1)
    assert await overdue(set="CCHC-CITY", period="2026-02") == ("Đơn vị A", 1)
    await service.mark_overdue()
    assert await overdue(**year) == ("Đơn vị A", 1)


async def test_months_count_again_when_the_directory_is_mended(service: ScoringService, clock: FixedClock) -> None:
    clock.advance(timedelta(days=1))
    wrong, right = (
        UnitDefined(code="A", name="A", kind=UnitKind.DEPARTMENT, valid_to=last) for last in (date(2026, 2, 28), None)
    )
    await service.apply([event(wrong, "A", 1), assigned("1", "A", EVENING)])
    year = {"set": "CCHC-CITY", "period": "2026"}
    (item,) = (await service.get("/v1/scores", **year)).json()["items"]
    assert (item["percent"], item["max"], item["computed_at"]) == (None, 0, None)
    await service.apply([event(right, "A", 2)])
    (item,) = (await service.get("/v1/scores", **year)).json()["items"]
    assert (item["total"], item["max"]) == (10, 50)


async def test_what_was_true_and_what_was_known_are_two_things(service: ScoringService, clock: FixedClock) -> None:
    """Done on Monday, written down on Thursday: on Tuesday it was done, and nobody knew."""
    clock.advance(timedelta(days=10))
    done = completed("1", "A", EVENING, MORNING + timedelta(hours=1))
    written = MORNING + timedelta(days=3)
    await service.apply([unit("A"), assigned("1", "A", EVENING), msgspec.structs.replace(done, recorded_at=written)])

    async def state(**query: str) -> tuple[str, int]:
        answer = (await service.get("/v1/scores/A", **JUNE, **query)).json()
        (given,) = answer["tree"][0]["children"][0]["children"][0]["inputs"]
        page = (await service.get("/v1/scores/A/criteria/1.1.1/evidence", **JUNE, **query)).json()
        assert (page["as_of"], page["known_at"]) == (answer["as_of"], answer["known_at"])
        (item,) = page["items"]
        return item["state"], given["numerator"]

    assert await state(as_of="2026-06-02") == ("on_time", 1)
    assert await state(as_of="2026-06-02", known_at="2026-06-02") == ("overdue", 0)
    assert await state(known_at="2026-06-02") == ("overdue", 0)
    assert await state(as_of="2026-06-02", known_at="2026-06-04") == ("on_time", 1)
    assert await state() == ("on_time", 1)


async def test_evidence_leads_to_the_very_events(service: ScoringService, clock: FixedClock) -> None:
    clock.advance(timedelta(days=1))
    at = MORNING + timedelta(hours=1)
    first = [assigned("1", "A", EVENING), completed("1", "A", EVENING, at)]
    await service.apply([*first, *(assigned(str(number), "A", EVENING) for number in range(2, 5))])
    path = "/v1/scores/A/criteria/1.1.1/evidence"

    items, cursor = [], None
    while True:
        query: dict[str, Any] = {**JUNE, "limit": 2} | ({"cursor": cursor} if cursor else {})
        page = (await service.get(path, **query)).json()
        items += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert [item["code"] for item in items] == ["NV-1", "NV-2", "NV-3", "NV-4"]
    assert [item["state"] for item in items] == ["on_time", "overdue", "overdue", "overdue"]
    assert [found["id"] for found in items[0]["events"]] == [str(one.id) for one in first]

    overdue = (await service.get(path, **JUNE, state="overdue")).json()["items"]
    assert [item["code"] for item in overdue] == ["NV-2", "NV-3", "NV-4"]
    early = (await service.get(path, **JUNE, as_of=MORNING.isoformat())).json()["items"]
    assert [(item["state"], item["done_at"], len(item["events"])) for item in early] == [("pending", None, 1)] * 4
    whole_field = (await service.get("/v1/scores/A/criteria/1.1/evidence", **JUNE)).json()["items"]
    assert len(whole_field) == 4


async def test_a_producer_whose_clock_is_fast_does_not_part_a_score_from_its_evidence(
    service: ScoringService, clock: FixedClock
) -> None:
    soon = clock.now() + timedelta(minutes=2)
    await service.apply(
        [
            unit("A"),
            assigned("1", "A", EVENING),
            completed("1", "A", EVENING, soon),
            event(TaskAssigned(**_task("2", "A", EVENING)), "2", 1, soon),
            event(FeedbackReceived(**report(received_at=soon, accept_due_at=NEXT_WEEK)), "PA-1", 1, soon),
            event(FeedbackTransferred(**report(received_at=soon), from_unit="A", to_unit="B"), "PA-1", 2, soon),
        ]
    )
    for since in (timedelta(), timedelta(minutes=3), timedelta(days=9)):
        clock.advance(since)
        for leaf in _leaves((await service.get("/v1/scores/A", **JUNE)).json()["tree"]):
            [given] = leaf["inputs"]
            path = f"/v1/scores/A/criteria/{leaf['code']}/evidence"
            rows = (await service.get(path, **JUNE)).json()["items"]
            shown = Counter(row["state"] for row in rows)
            assert {state.value: shown[state] for state in FactState} == {each.value: given[each] for each in FactState}
            assert all(row["events"] for row in rows)


def _leaves(nodes: list[Json]) -> list[Json]:
    return [leaf for node in nodes for leaf in (_leaves(node["children"]) if node["children"] else [node])]


async def test_evidence_of_hand_overs_stands_among_the_duties_by_time(service: ScoringService) -> None:
    handed_over = _task("2", "B", NEXT_WEEK)
    judged = {**handed_over, "from_unit": "A", "unjustified": True}
    first, second = MORNING + timedelta(hours=2), NEXT_WEEK + timedelta(hours=2)
    moves = [
        event(TaskTransferred(**handed_over, from_unit="A", to_unit="B"), "2", 2, first),
        event(TaskHandoverJudged(**judged, handover=2, handed_over_at=first), "2", 3, first),
        event(TaskTransferred(**handed_over, from_unit="A", to_unit="B"), "2", 4, second),
        event(TaskHandoverJudged(**judged, handover=4, handed_over_at=second), "2", 5, second),
    ]
    await service.apply([unit("A"), assigned("1", "A", EVENING), assigned("2", "A", NEXT_WEEK), *moves])
    path = "/v1/scores/A/criteria/3.1/evidence"
    whole = (await service.get(path, **JUNE, as_of="2026-06-30")).json()["items"]
    assert [(item["measure"], item["state"], item["due_at"]) for item in whole] == [
        ("task.unjustified_handover", "happened", None),
        ("task.completion", "overdue", "2026-06-01T11:00:00Z"),
        ("task.unjustified_handover", "happened", None),
    ]
    assert [found["id"] for found in whole[0]["events"]] == [str(moves[1].id)]
    paged: list[Json] = []
    query: dict[str, Any] = {**JUNE, "as_of": "2026-06-30", "limit": 1}
    while True:
        page = (await service.get(path, **query)).json()
        paged += page["items"]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert paged == whole
    happened = (await service.get(path, **JUNE, state="happened", as_of="2026-06-01")).json()["items"]
    assert happened == whole[:1]


async def test_staff_see_all_totals_but_only_their_own_evidence(service: ScoringService) -> None:
    await service.apply([unit("A"), unit("B"), assigned("1", "A", EVENING)])
    officer: dict[str, Any] = {"roles": ["officer"], "unit": "B"}
    assert (await service.get("/v1/scores", **JUNE, **officer)).status_code == 200
    assert (await service.get("/v1/scores/A", **JUNE, **officer)).status_code == 200
    path = "/v1/scores/{}/criteria/1.1.1/evidence"
    assert (await service.get(path.format("A"), **JUNE, **officer)).status_code == 404
    assert (await service.get(path.format("B"), **JUNE, **officer)).status_code == 200
    assert (await service.get("/v1/scores", **JUNE, roles=["citizen"])).status_code == 403


@pytest.mark.parametrize(
    ("path", "query", "status", "field"),
    [
        ("/v1/scores", {"set": "CCHC-CITY", "period": "2026-13"}, 422, "query.period"),
        ("/v1/scores", {"set": "CCHC-CITY"}, 422, "query.period"),
        ("/v1/scores", {"period": "2026"}, 422, "query.set"),
        ("/v1/scores", {**JUNE, "kind": "village"}, 422, "query.kind"),
        ("/v1/scores", {"set": "NONE", "period": "2026"}, 404, None),
        ("/v1/scores/nobody", JUNE, 404, None),
        ("/v1/scores/A/criteria/9.9/evidence", JUNE, 404, None),
        ("/v1/scores/A/criteria/1.1/evidence", {**JUNE, "cursor": "x"}, 422, "query.cursor"),
        ("/v1/scores/A/criteria/1.1/evidence", {**JUNE, "limit": "0"}, 422, "query.limit"),
        ("/v1/scores/A/criteria/1.1/evidence", {**JUNE, "state": "gone"}, 422, "query.state"),
    ],
)
async def test_what_cannot_be_answered_is_said(
    service: ScoringService, path: str, query: dict[str, str], status: int, field: str | None
) -> None:
    answer = await service.get(path, **query)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    if field:
        assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_a_time_without_a_zone_is_refused(service: ScoringService) -> None:
    answer = await service.get("/v1/scores", **JUNE, as_of="2026-06-01T09:00:00")
    assert answer.status_code == 422


async def test_a_unit_without_data_has_a_score_of_which_nothing_is_scored(service: ScoringService) -> None:
    await service.apply([unit("A")])
    score = (await service.get("/v1/scores/A", **JUNE)).json()
    nothing = {"total": 0, "max": 0, "percent": None, "coverage": 0, "rank": None, "band": None, "computed_at": None}
    assert {name: score[name] for name in nothing} == nothing
    (listed,) = (await service.get("/v1/scores", **JUNE)).json()["items"]
    assert listed == {name: score[name] for name in listed}, "who has nothing is listed as such"
