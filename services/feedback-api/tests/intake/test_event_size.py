"""A report or an action whose event would be too large is refused, and nothing of it is written."""

import pytest
from sqlalchemy import func, select

from feedback_api.metadata import outbox
from feedback_api.reports.models import feedback

from ..conftest import HOME_AFFAIRS, People, Service


async def written(service: Service) -> tuple[int, int]:
    """How many reports and events there are."""
    reports = await service.rows(select(func.count()).select_from(feedback))
    events = await service.rows(select(func.count()).select_from(outbox))
    return int(reports[0][0]), int(events[0][0])


@pytest.mark.parametrize("media", ["application/json", "application/json; charset=utf-8"])
async def test_a_report_whose_event_is_too_large_is_the_callers_to_mend(
    service: Service, people: People, monkeypatch: pytest.MonkeyPatch, media: str
) -> None:
    """By the fast path and by the route. The same request is taken where its event fits."""
    headers = people["citizen"] | {"Content-Type": media, "Idempotency-Key": "large"}
    with monkeypatch.context() as bounded:
        bounded.setattr("cchc_shared.stream.outbox.EVENT_BYTES", 100)
        answer = await service.post(**headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid"), answer.text
    assert [(error["field"], "dài quá" in error["message"]) for error in answer.json()["errors"]] == [("body", True)]
    assert await written(service) == (0, 0)
    assert (await service.post(**headers)).status_code == 201


async def test_an_action_whose_event_is_too_large_changes_nothing(
    service: Service, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = (await service.post()).json()["code"]
    before = await written(service)
    with monkeypatch.context() as bounded:
        bounded.setattr("cchc_shared.stream.outbox.EVENT_BYTES", 100)
        answer = await service.act(code, "assign", people["desk"], 1, {"unit": HOME_AFFAIRS})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid"), answer.text
    assert await written(service) == before
    assert (await service.act(code, "assign", people["desk"], 1, {"unit": HOME_AFFAIRS})).status_code == 200
