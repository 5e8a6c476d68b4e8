"""An operator erases a report before its time, for a reason of the city's list, once it has ended."""

from sqlalchemy import select

from feedback_api.erasure.models import erasures
from feedback_api.reports.models import contacts
from tests.support.tokens import TestTokens

from ..conftest import People, Service
from .test_retention import ALL, erase, kept, report


async def test_who_asks_is_erased_once_and_for_a_reason(service: Service, people: People, tokens: TestTokens) -> None:
    operator = tokens(sub="operator-1", roles=["operator"])
    code = await report(service, people, *ALL)
    path = f"/v1/feedback/{code}/erasures"
    body = {"what": "contact", "reason": "sender_request"}
    asked = operator | {"Idempotency-Key": "once"}
    answers = [await service.client.post(path, json=body, headers=each) for each in (asked, asked, operator)]
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    (first,) = answers[0].json()["items"]
    assert (first["reason"], first["actor"], first["rule"]) == ("sender_request", "operator-1", None)
    assert await service.rows(select(contacts)) == []

    more = await service.client.post(path, json=body | {"what": "text", "reason": "third_person"}, headers=operator)
    assert [(each["what"], each["reason"]) for each in more.json()["items"]] == [
        ("contact", "sender_request"),
        ("text", "third_person"),
    ]
    assert await kept(service, words=True) == set()
    again = await service.client.post(path, json=body, headers=operator)
    assert again.json() == more.json()
    assert (await service.client.get(path, headers=operator)).json() == more.json()
    assert await erase(service) == 0


async def test_words_take_their_sender_along(service: Service, people: People, tokens: TestTokens) -> None:
    operator = tokens(sub="operator-1", roles=["operator"])
    code = await report(service, people, *ALL)
    body = {"what": "text", "reason": "order"}
    done = await service.client.post(f"/v1/feedback/{code}/erasures", json=body, headers=operator)
    assert [each["what"] for each in done.json()["items"]] == ["contact", "text"]
    assert await service.rows(select(contacts)) == []


async def test_what_is_refused(service: Service, people: People, tokens: TestTokens) -> None:
    operator = tokens(sub="operator-1", roles=["operator"])
    body = {"what": "contact", "reason": "sender_request"}
    opened, ended = await report(service, people, "assign"), await report(service, people, *ALL)

    async def post(code: str, caller: dict[str, str], **change: str) -> tuple[int, str]:
        answer = await service.client.post(f"/v1/feedback/{code}/erasures", json=body | change, headers=caller)
        problem = answer.json()
        return answer.status_code, problem["errors"][0]["field"] if "errors" in problem else problem["code"]

    assert await post(opened, operator) == (409, "report-not-ended")
    assert await post("PA-26-999999", operator) == (404, "not-found")
    assert await post(ended, operator, reason="because") == (422, "body.reason")
    assert await post(ended, operator, what="everything") == (422, "body.what")
    for name in people:
        assert await post(ended, people[name]) == (403, "forbidden")
    path = f"/v1/feedback/{ended}/erasures"
    assert (await service.client.get(path, headers=people["officer"])).json()["items"] == []
    assert (await service.client.get(path, headers=people["other_officer"])).status_code == 404
    assert await service.rows(select(erasures)) == []
