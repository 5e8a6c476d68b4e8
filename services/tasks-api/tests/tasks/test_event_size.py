"""What would make an event too large is refused, and nothing of it is written."""

import pytest

from tests.support.tasks import Api

FORM = {"document_no": "97/KH-UBND", "issued_on": "2024-06-01", "title": "Kế hoạch", "issuer": "UBND Thành phố Hà Nội"}
TABLE = "TT,Nhiệm vụ,Chủ trì\n1,Báo cáo,Sở Nội vụ\n"
TASK = {"title": "Báo cáo quý", "lead_unit": "so-noi-vu"}


@pytest.fixture
def bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """No event fits: by the contract's own bounds, every one does."""
    monkeypatch.setattr("cchc_shared.stream.outbox.EVENT_BYTES", 100)


@pytest.mark.usefixtures("bound")
@pytest.mark.parametrize("what", ["task", "plan", "unit", "action"])
async def test_an_event_that_is_too_large_is_the_callers_to_mend(city: Api, what: str) -> None:
    before = await city.events()
    key = {"Idempotency-Key": f"large {what}"}
    match what:
        case "task":
            answer = await city.send("POST", "/v1/tasks", city.coordinator, json=TASK, headers=key)
        case "plan":
            files = {"file": ("annex.csv", TABLE)}
            answer = await city.send("POST", "/v1/plans/import", city.coordinator, data=FORM, files=files, headers=key)
        case "unit":
            unit = {"name": "Sở Mới", "kind": "department", "valid_from": "2024-06-01"}
            answer = await city.send("PUT", "/v1/units/so-moi", city.operator, json=unit, headers=key)
        case _:
            task = (await city.get("/v1/tasks/KH-2024-0001.5", city.coordinator)).json()
            answer = await city.act(task, "start", city.officer(task["lead_unit"]))
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid"), answer.text
    assert [(error["field"], "dài quá" in error["message"]) for error in answer.json()["errors"]] == [("body", True)]
    assert await city.events() == before


async def test_the_same_body_is_taken_where_its_event_fits(city: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    key = {"Idempotency-Key": "twice"}
    with monkeypatch.context() as bounded:
        bounded.setattr("cchc_shared.stream.outbox.EVENT_BYTES", 100)
        refused = await city.send("POST", "/v1/tasks", city.coordinator, json=TASK, headers=key)
    assert refused.status_code == 422
    assert (await city.send("POST", "/v1/tasks", city.coordinator, json=TASK, headers=key)).status_code == 201
