"""Decisions make the catalogue: recorded whole or not at all, never changed, and read by anybody."""

from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from cchc_shared.calendar.clock import FixedClock
from cchc_shared.contract.codes import Role
from cchc_shared.http.access import Principal
from cchc_shared.http.idempotency import Asked
from cchc_shared.http.problems import Problem
from cchc_shared.identity.principal import Scope
from dossiers_api.procedures.schemas import DecisionIn, DisclosureIn
from dossiers_api.procedures.service import Procedures

from ..conftest import CODE, HOME_AFFAIRS, ITEM, JUSTICE, Service, plain

NUMBER = "3452/QĐ-UBND"
PUBLISHED: dict[str, Any] = {
    "procedure": "1.001234",
    "name": "Cấp bản sao trích lục hộ tịch",
    "field": "G09-LT01",
    "field_name": "Hộ tịch",
    "levels": ["city", "commune"],
    "effective_on": "2026-11-10",
    "working_days": 3,
}
STEPS = [
    {"name": "Tiếp nhận", "working_hours": 4, "office": "Bộ phận một cửa"},
    {"name": "Thẩm định", "working_hours": 12, "unit": JUSTICE},
    {"name": "Trả kết quả", "working_hours": 8},
]
DECISION: dict[str, Any] = {
    "number": NUMBER,
    "issued_on": "2026-11-02",
    "unit": HOME_AFFAIRS,
    "publishes": [PUBLISHED, PUBLISHED | {"procedure": "1.005555", "name": "Thủ tục khác", "working_days": None}],
    "processes": [{"procedure": "1.001234", "effective_on": "2026-11-10", "steps": STEPS}],
}


class Board:
    """The office that records decisions, and anybody who reads."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.coordinator = service.tokens(sub="control", roles=["coordinator"])

    async def record(self, caller: Mapping[str, str] | None = None, **changes: object) -> httpx.Response:
        return await self.service.client.post(
            "/v1/procedure-decisions", json=DECISION | changes, headers=caller or self.coordinator
        )

    async def disclose(self, code: str = "1.001234", **body: object) -> httpx.Response:
        own = {"effective_on": "2026-11-10", "at": "2026-11-05T09:00:00+07:00", "complete": False}
        return await self.service.client.post(
            f"/v1/procedures/{code}/disclosures", json=own | body, headers=self.coordinator
        )

    async def get(self, path: str, **query: str) -> Any:  # noqa: ANN401 - JSON
        answer = await self.service.client.get(path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture
def board(service: Service) -> Board:
    return Board(service)


def fields(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 422, answer.text
    return [error["field"] for error in answer.json()["errors"]]


async def test_a_decision_makes_the_catalogue(board: Board) -> None:
    made = await board.record()
    assert made.status_code == 201, made.text
    assert {name: made.json()[name] for name in ("published", "abolished", "processes")} == {
        "published": 2, "abolished": 0, "processes": 1,
    }  # fmt: skip
    listed = await board.get("/v1/procedures", level="commune")
    assert [each["procedure"] for each in listed["items"]] == ["1.001234", "1.005555"]
    assert (await board.get("/v1/procedures", on="2026-11-09"))["items"] == [], "not in force yet"
    shown = await board.get("/v1/procedures/1.001234")
    assert (shown["in_force"], shown["now"]["decision"], shown["now"]["announced_in_time"]) == (True, NUMBER, True)
    assert [step["unit"] for step in shown["process"]["steps"]] == [None, JUSTICE, None]
    assert (await board.get("/v1/procedure-decisions", number=NUMBER))["items"] == [made.json()]
    assert (await board.service.client.get("/v1/procedures/1.009999")).status_code == 404


async def test_what_was_recorded_is_followed_and_never_changed(board: Board) -> None:
    await board.record()
    assert (await board.record(publishes=[])).json()["code"] == "decision-exists"
    gone: dict[str, Any] = {"number": "2/QĐ-UBND", "publishes": [], "processes": []}
    answer = await board.record(**gone, abolishes=[{"procedure": "1.001234", "effective_on": "2026-11-16"}])
    assert answer.status_code == 201, answer.text
    assert [each["procedure"] for each in (await board.get("/v1/procedures"))["items"]] == ["1.005555"]
    assert [each["procedure"] for each in (await board.get("/v1/procedures", standing="abolished"))["items"]] == [
        "1.001234"
    ]
    shown = await board.get("/v1/procedures/1.001234")
    assert (shown["in_force"], [each["change"] for each in shown["history"]]) == (False, ["abolished", "published"])
    assert (await board.get("/v1/procedures/1.001234", on="2026-11-15"))["in_force"] is True
    counted = await board.get("/v1/statistics/procedures", **{"from": "2026-11-01"})
    assert counted == {
        "on": "2026-11-18", "published": 2, "abolished": 1, "announced_late": 0, "disclosed_late": 3, "in_force": 1,
        "with_process": 0,
    }  # fmt: skip
    again = await board.record(number="3/QĐ-UBND", publishes=[PUBLISHED | {"effective_on": "2026-11-16"}], processes=[])
    assert again.status_code == 201, "the later decision of a day holds"
    assert (await board.get("/v1/procedures/1.001234"))["in_force"] is True


async def test_every_field_that_is_wrong_is_named_and_nothing_is_recorded(board: Board) -> None:
    wrong = await board.record(
        publishes=[
            PUBLISHED,
            PUBLISHED,
            PUBLISHED | {"procedure": "hộ tịch"},
            PUBLISHED | {"procedure": "1.001235", "working_hours": 3},
            PUBLISHED | {"procedure": "1.001236", "effective_on": "2036-11-10"},
        ],
        abolishes=[{"procedure": "1.007777", "effective_on": "2026-11-10"}],
        processes=[
            {"procedure": "1.008888", "effective_on": "2026-11-10", "steps": STEPS},
            {"procedure": "1.001234", "effective_on": "2026-11-10", "steps": [STEPS[0] | {"working_hours": 24.5}]},
        ],
    )
    assert fields(wrong) == [
        "body.publishes.1.procedure",
        "body.publishes.2.procedure",
        "body.publishes.3.working_hours",
        "body.publishes.4.effective_on",
        "body.abolishes.0.procedure",
        "body.processes.0.procedure",
        "body.processes.1.steps",
    ]
    assert fields(await board.record(unit="nobody")) == ["body.unit"]
    for day in ("2026-11-19", "1999-12-31"):
        assert fields(await board.record(issued_on=day)) == ["body.issued_on"]
    ancient = [PUBLISHED | {"effective_on": "2990-11-10"}, PUBLISHED | {"effective_on": "1910-11-10"}]
    wrong = await board.record(publishes=ancient, processes=[])
    assert fields(wrong) == ["body.publishes.0.effective_on", "body.publishes.1.effective_on"]
    processes = [DECISION["processes"][0] | {"steps": [*STEPS[:2], STEPS[2] | {"unit": "nobody"}]}]
    assert fields(await board.record(processes=processes)) == ["body.processes.0.steps.2.unit"]
    assert (await board.get("/v1/procedure-decisions"))["items"] == []
    assert await board.service.events() == []
    assert (await board.record()).status_code == 201


async def test_who_may_record(board: Board) -> None:
    tokens = board.service.tokens
    callers = {"officer": 403, "unit_head": 403, "citizen": 403, "scoring_board": 403, "system": 201}
    for role, status in callers.items():
        caller = tokens(sub=role, roles=[role], unit=HOME_AFFAIRS)
        assert (await board.record(caller)).status_code == status, role
    assert (await board.service.client.post("/v1/procedure-decisions", json=DECISION)).status_code == 401


async def test_disclosures_become_events_that_carry_the_state(board: Board) -> None:
    await board.record(publishes=[PUBLISHED], issued_on="2026-11-05")
    assert (await board.disclose()).json()["complete_at"] is None
    whole = await board.disclose(at="2026-11-17T09:00:00+07:00", complete=True)
    assert whole.json()["complete_at"] == "2026-11-17T02:00:00Z"
    await board.disclose(at="2026-11-17T10:00:00+07:00", complete=True)  # nothing new
    events = [(subject, version, plain(data)) for subject, version, data in await board.service.events()]
    assert [(subject, version) for subject, version, _ in events] == [("1.001234@2026-11-10.1", n) for n in (1, 2, 3)]
    last = events[-1][2]
    assert last["unit"] == HOME_AFFAIRS
    assert (last["announced_at"], last["announce_by"]) == ("2026-11-04T17:00:00Z", "2026-11-03T17:00:00Z"), "too late"
    assert (last["disclose_by"], last["disclosed_at"], last["complete_at"]) == (
        "2026-11-12T10:30:00Z", "2026-11-05T02:00:00Z", "2026-11-17T02:00:00Z",
    )  # fmt: skip
    assert fields(await board.disclose(at="2026-11-19T09:00:00+07:00")) == ["body.at"]
    assert (await board.disclose(effective_on="2026-11-11")).status_code == 404


async def test_pages_go_through_all(board: Board) -> None:
    many = [PUBLISHED | {"procedure": f"1.00{number:04}"} for number in range(7)]
    for number in range(3):
        own: dict[str, Any] = {"publishes": many if number == 0 else [], "processes": []}
        assert (await board.record(number=f"{number}/QĐ", **own)).status_code == 201
    for path, name in (("/v1/procedures", "procedure"), ("/v1/procedure-decisions", "number")):
        seen: list[str] = []
        cursor: dict[str, str] = {}
        while True:
            page = await board.get(path, limit="2", **cursor)
            seen += [each[name] for each in page["items"]]
            if page["next_cursor"] is None:
                break
            cursor = {"cursor": page["next_cursor"]}
        whole = [each[name] for each in (await board.get(path))["items"]]
        assert seen == whole
        assert len(seen) == (7 if name == "procedure" else 3)


async def test_a_dossier_without_an_appointment_is_due_by_its_procedure(board: Board, clock: FixedClock) -> None:
    service = board.service
    received = {"at": "2026-11-17T15:30:00+07:00", "received_at": "2026-11-17T15:30:00+07:00"}
    bare = {name: value for name, value in ITEM.items() if name != "appointment_at"} | received
    other = bare | {"dossier": "H26.33-261117-0002", "status": "in_progress"}
    assert [each["status"] for each in await service.send(bare)] == ["accepted"]
    assert (await service.get(CODE))["due_by"] is None
    await board.record()
    assert [each["status"] for each in await service.send(bare, other)] == ["duplicate", "accepted"]
    assert (await service.get(CODE))["due_at"] is None, "what came before was not known to be due"
    shown = await service.get(other["dossier"])
    assert (shown["due_at"], shown["due_by"]) == ("2026-11-23T10:30:00Z", "procedure"), "from Wednesday morning on"
    told = other | {"status": "supplement_requested", "at": "2026-11-17T16:00:00+07:00"}
    await service.send(told, told | {"status": "in_progress", "at": "2026-11-17T17:00:00+07:00"})
    assert (await service.get(other["dossier"]))["due_at"] == "2026-11-23T11:30:00Z", "put off by the wait"
    told |= {"status": "handled", "at": "2026-11-17T17:30:00+07:00", "appointment_at": "2026-11-30T17:00:00+07:00"}
    await service.send(told)
    shown = await service.get(other["dossier"])
    assert (shown["due_at"], shown["due_by"]) == ("2026-11-30T11:00:00Z", "appointment")


async def test_a_system_speaks_of_procedures_of_its_units_alone(board: Board) -> None:
    procedures = board.service.here.use(Procedures)
    scope = Scope(routes=frozenset({"procedures"}), units=frozenset({JUSTICE}), channels=frozenset())
    asked = Asked(Principal("system:one", frozenset({Role.SYSTEM}), None, scope), None, b"")
    given = DecisionIn.model_validate(DECISION)
    with pytest.raises(Problem, match="out-of-scope"):
        await procedures.record(given, asked)
    await board.record()
    own = {"number": "2/QĐ-STP", "unit": JUSTICE, "publishes": [], "processes": []}
    gone = {"abolishes": [{"procedure": "1.001234", "effective_on": "2026-11-16"}]}
    with pytest.raises(Problem, match="out-of-scope"):
        await procedures.record(DecisionIn.model_validate(DECISION | own | gone), asked)
    disclosed = {"effective_on": "2026-11-10", "at": "2026-11-05T09:00:00+07:00", "complete": True}
    with pytest.raises(Problem, match="out-of-scope"):
        await procedures.disclose("1.001234", DisclosureIn.model_validate(disclosed), asked)
    assert (await board.get("/v1/procedures/1.001234"))["now"]["disclosed_at"] is None
    fresh = {"publishes": [PUBLISHED | {"procedure": "1.007000"}]}
    assert (await procedures.record(DecisionIn.model_validate(DECISION | own | fresh), asked)).status == 201
