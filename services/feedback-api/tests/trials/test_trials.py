"""Dry runs: what other rules would have done with past reports, with nothing changed and no words shown."""

from typing import Any, get_args

import msgspec
import pytest
from sqlalchemy import func, select

from feedback_api.reports.models import feedback, history
from feedback_api.routing.domain import Condition, Router

from ..conftest import CENTRE, HOME_AFFAIRS, JUSTICE, OFFICE, People, Service

WORDS = {"content": "Cây đổ ở ngõ 5, ông Nguyễn Văn A"}


def rule(name: str, **conditions: object) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "id": name,
        "effective_from": "2000-01-01",
        "source": "test",
        "status": "R",
        "why": {"vi": "v", "en": "e"},
    }
    return entry | {"unit": JUSTICE} | conditions


TREES = rule("trees", words={"any": ["cây đổ"]})


async def tried(service: Service, people: People, *rules: dict[str, Any], **others: object) -> dict[str, Any]:
    body = {"rules": {"routing": list(rules)}, **others}
    answer = await service.client.post("/v1/routing/trials", json=body, headers=people["desk"])
    assert answer.status_code == 200, answer.text
    assert "Nguyễn" not in answer.text
    found: dict[str, Any] = answer.json()
    return found


@pytest.fixture
async def past(service: Service) -> list[str]:
    """Codes of five reports, of which the sender of one named a unit."""
    bodies: list[dict[str, Any]] = [
        {},
        WORDS,
        {"kind": "voter_petition"},
        {"unit": HOME_AFFAIRS} | WORDS,
        {"severity": "urgent", "category": "lighting", "location": {"lat": 21.0, "lon": 105.8}},
    ]
    return [(await service.post(body)).json()["code"] for body in bodies]


async def test_the_rules_in_force_change_nothing(service: Service, people: People, past: list[str]) -> None:
    in_force = msgspec.to_builtins(service.here.use(Router).rules.routing, str_keys=True)
    for explain in (False, True):
        found = await tried(service, people, *in_force, explain=explain, limit=100)
        assert (found["examined"], found["moved"], found["complete"]) == (len(past) - 1, [], True)
        assert all(unit["now"] == unit["then"] for unit in found["units"])


async def test_what_would_move_is_shown_with_both_traces(service: Service, people: People, past: list[str]) -> None:
    before = await service.rows(select(feedback))
    found = await tried(service, people, rule("never", severities=["complex"]), TREES)
    assert found["units"] == [
        {"unit": JUSTICE, "now": 0, "then": 1},
        {"unit": CENTRE, "now": 3, "then": 2},
        {"unit": OFFICE, "now": 1, "then": 1},
    ]
    [moved] = found["moved"]
    assert moved["code"] == past[1]
    assert (moved["now"]["unit"], moved["now"]["routing"]["by"]) == (CENTRE, "queue")
    assert (moved["then"]["unit"], moved["then"]["routing"]["rule"]) == (JUSTICE, "trees")
    assert moved["then"]["routing"]["matched"] == {"words": ["cây đổ"]}
    assert moved["then"]["routing"]["version"] == "trial"
    assert "passed_over" not in moved["then"]
    assert await service.rows(select(feedback)) == before
    assert (await service.rows(select(func.count()).select_from(history)))[0][0] == len(past)


async def test_rules_that_were_passed_over_are_named_when_asked(
    service: Service, people: People, past: list[str]
) -> None:
    found = await tried(service, people, rule("never", severities=["complex"]), TREES, explain=True, limit=10)
    [moved] = found["moved"]
    assert moved["then"]["passed_over"] == [{"rule": "never", "unmet": "matter"}]
    assert {each["unmet"] for each in moved["now"]["passed_over"]} <= set(get_args(Condition))
    assert moved["code"] in past


async def test_the_newest_come_first_and_a_bound_is_said(service: Service, people: People, past: list[str]) -> None:
    found = await tried(service, people, TREES, limit=2)
    assert (found["examined"], found["complete"]) == (2, False)
    exactly = await tried(service, people, TREES, limit=len(past) - 1)
    assert (exactly["examined"], exactly["complete"]) == (len(past) - 1, True)
    earlier = await tried(service, people, TREES, to="2026-11-17")
    assert (earlier["examined"], earlier["units"]) == (0, [])


async def test_pages_are_walked_to_the_end(service: Service, people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("feedback_api.trials.service.PAGE", 2)
    for _ in range(7):
        await service.post(WORDS)
    for limit, examined, complete in ((1, 1, False), (2, 2, False), (6, 6, False), (7, 7, True), (9, 7, True)):
        found = await tried(service, people, TREES, limit=limit)
        assert (found["examined"], found["complete"], len(found["moved"])) == (examined, complete, examined)


@pytest.mark.parametrize(
    "body",
    [
        {"rules": {}},
        {"rules": {"routing": [], "desks": []}},
        {"rules": {"routing": 1}},
        {"rules": {"routing": [rule("a"), rule("a")]}},
        {"rules": {"routing": [rule("a", surprise=1)]}},
        {"rules": {"routing": [rule(f"r{number}") for number in range(501)]}},
        {"rules": {"routing": []}, "limit": 5001},
        {"rules": {"routing": []}, "limit": 101, "explain": True},
        {"rules": {"routing": []}, "from": "2026-11-18", "to": "2026-11-17"},
        {},
    ],
)
async def test_what_cannot_be_tried_is_refused(service: Service, people: People, body: dict[str, Any]) -> None:
    answer = await service.client.post("/v1/routing/trials", json=body, headers=people["desk"])
    assert answer.status_code == 422, answer.text


async def test_only_the_desk_and_operators_try_rules(service: Service, people: People) -> None:
    body: dict[str, Any] = {"rules": {"routing": []}}
    for name, status in (("desk", 200), ("officer", 403), ("citizen", 403), ("system", 403)):
        answer = await service.client.post("/v1/routing/trials", json=body, headers=people[name])
        assert answer.status_code == status
    assert (await service.client.post("/v1/routing/trials", json=body)).status_code == 401
