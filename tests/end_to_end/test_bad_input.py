"""What bad input gets: a problem document that names the field, in the language that was asked for."""

import re
from dataclasses import dataclass, field

import httpx
import pytest

from tests.support.http import Client, Clients, Headers, Json
from tests.support.vietnamese import foreign_words

pytestmark = pytest.mark.parametrize("system", ["postgres"], indirect=True)
"""What is refused becomes no event: how events travel is the same to it."""

REPORT: Json = {"channel": "web", "kind": "on_site", "content": "Rác chưa được thu gom"}


@dataclass(frozen=True)
class Bad:
    """A request, and what must be said of it."""

    status: int
    names: str | None = None
    json: object = None
    content: bytes | None = None
    method: str = "POST"
    path: str = "/v1/feedback"
    headers: Headers = field(default_factory=dict)


FIELD = re.compile(r"[a-zA-Z0-9_.\[\]-]+")
JSON = {"Content-Type": "application/json"}
BAD = {
    "unknown field": Bad(422, "body.colour", json=REPORT | {"colour": "red"}),
    "missing field": Bad(422, "body.content", json={"channel": "web", "kind": "on_site"}),
    "wrong type": Bad(422, "body.content", json=REPORT | {"content": 7}),
    "wrong type inside": Bad(422, "body.location.lat", json=REPORT | {"location": {"lat": [21], "lon": 105.8}}),
    "a value outside the list": Bad(422, "body.channel", json=REPORT | {"channel": "fax"}),
    "not an object": Bad(422, "body", json=[REPORT]),
    "not JSON": Bad(400, "body", content=b'{"channel": ', headers=JSON),
    "bad UTF-8": Bad(400, "body", content=b'{"channel": "web", "kind": "on_site", "content": "\xff"}', headers=JSON),
    "NUL in a text": Bad(422, "body.content", json=REPORT | {"content": "a\0b"}),
    "another media type": Bad(415, content=b"channel=web", headers={"Content-Type": "text/plain"}),
    "NUL in the query": Bad(422, "query.q", path="/v1/feedback?q=%00", method="GET"),
    "NUL in the path": Bad(400, path="/v1/feedback/%00", method="GET"),
    "invisible text": Bad(422, "body.content", json=REPORT | {"content": "\u200b\ufeff"}),
    "phone as a number": Bad(422, "body.reporter.phone", json=REPORT | {"reporter": {"phone": 912345678}}),
    "empty text": Bad(422, "body.content", json=REPORT | {"content": "   "}),
    "text too long": Bad(422, "body.content", json=REPORT | {"content": "á" * 20_001}),
    "body too large": Bad(413, content=b" " * (2 * 1024 * 1024 + 1), headers=JSON),
    "date in another form": Bad(422, "body.received_at", json=REPORT | {"received_at": "31/01/2024"}),
    "date without a zone": Bad(422, "body.received_at", json=REPORT | {"received_at": "2024-01-31T08:00:00"}),
    "date as a number": Bad(422, "body.received_at", json=REPORT | {"received_at": 1706662800}),
    "date that is not": Bad(422, "body.received_at", json=REPORT | {"received_at": "2024-02-30T08:00:00Z"}),
    "date in the future": Bad(422, "body.received_at", json=REPORT | {"received_at": "2199-01-01T00:00:00Z"}),
    "unknown unit": Bad(422, "body.unit", json=REPORT | {"unit": "so-khong-co"}),
    "unknown category": Bad(422, "body.category", json=REPORT | {"category": "weather"}),
    "query of a wrong form": Bad(422, "query.from", method="GET", path="/v1/feedback?from=1.2.2024"),
    "unknown query": Bad(422, "query.colour", method="GET", path="/v1/feedback?colour=red"),
    "misspelt dry run": Bad(422, "query.dryrun", path="/v1/plans/import?dryrun=true"),
    "misspelt day": Bad(422, "query.asof", method="GET", path="/v1/plans/KH-2024-0001/progress?asof=2024-06-30"),
    "repeated query": Bad(422, "query.unit", method="GET", path="/v1/tasks?unit=so-noi-vu&unit=so-y-te"),
    "empty query": Bad(422, "query.unit", method="GET", path="/v1/tasks?unit="),
    "day of a wrong form": Bad(
        422, "query.start", method="GET", path="/v1/calendar/deadline?start=soon&working_days=1"
    ),
    "foreign cursor": Bad(422, "query.cursor", method="GET", path="/v1/feedback?cursor=next"),
    "unknown period": Bad(422, "query.period", method="GET", path="/v1/scores?set=CCHC-CITY&period=spring"),
    "unknown index set": Bad(404, method="GET", path="/v1/scores?set=NONE&period=2024"),
    "task without a title": Bad(422, "body.title", json={"lead_unit": "so-noi-vu"}, path="/v1/tasks"),
    "task for nobody": Bad(422, "body.lead_unit", json={"title": "x", "lead_unit": "so-khong-co"}, path="/v1/tasks"),
    "unknown path": Bad(404, method="GET", path="/v1/nothing"),
    "unknown path of a service": Bad(404, method="GET", path="/v1/feedback/PA-26-000000/nothing"),
    "unknown report": Bad(404, method="GET", path="/v1/feedback/PA-00-000000"),
    "unknown method": Bad(405, method="DELETE"),
    "missing If-Match": Bad(428, path="/v1/feedback/PA-00-000000/actions/accept"),
    "If-Match that is no tag": Bad(
        422, "header.If-Match", path="/v1/feedback/PA-00-000000/actions/accept", headers={"If-Match": "abc"}
    ),
}


@pytest.fixture
def anyone(callers: Clients) -> Client:
    """Somebody who may call everything, so that the request is judged and not the caller."""
    return callers.as_("everyone", "system", "coordinator", "officer", "unit_head", unit="so-noi-vu")


@pytest.mark.parametrize("name", BAD)
def test_bad_input_gets_a_problem_that_names_the_field(name: str, anyone: Client) -> None:
    bad = BAD[name]
    details = set()
    for language in ("vi", "en"):
        reply = anyone.send(
            bad.method,
            bad.path,
            json=bad.json,
            content=bad.content,
            headers={**bad.headers, "Accept-Language": language},
        )
        problem = problem_of(reply, bad.status)
        assert reply.headers["Content-Language"] == language
        if bad.names:
            assert bad.names in {error["field"] for error in problem["errors"]}, problem
            assert all(FIELD.fullmatch(error["field"]) for error in problem["errors"]), problem
        said = [problem["detail"], *(error["message"] for error in problem.get("errors", ()))]
        assert language != "vi" or [foreign_words(each) for each in said] == [[]] * len(said), said
        details.update(said)
    assert len(details) > 1, "the same words in both languages"


def problem_of(reply: httpx.Response, status: int) -> Json:
    """The problem document of a reply with that status."""
    assert reply.status_code == status, reply.text
    assert reply.headers["Content-Type"] == "application/problem+json"
    problem = dict(reply.json())
    assert problem["status"] == status
    assert {"type", "title", "detail", "code"} <= problem.keys()
    return problem


def test_a_wrong_state_says_what_is_possible(desk: Client, callers: Clients) -> None:
    path = f"/v1/feedback/{desk.create('/v1/feedback', REPORT)['code']}"
    problem = problem_of(desk.attempt(path, "publish", version=1), 409)
    assert (problem["state"], problem["possible"]) == (
        "received",
        ["classify", "assign", "ask_supplement", "refuse", "mark_duplicate", "merge", "add_note"],
    )
    desk.act(path, "assign", {"unit": "so-noi-vu"}, version=1)
    stale = callers.as_head("so-noi-vu").attempt(path, "accept", version=1)
    assert problem_of(stale, 412)["code"] == "stale"
    assert stale.headers["ETag"] == '"2"'


def test_a_task_in_a_wrong_state_says_what_is_possible(desk: Client, callers: Clients) -> None:
    path = f"/v1/tasks/{desk.create('/v1/tasks', {'title': 'Việc đang chờ', 'lead_unit': 'so-noi-vu'})['code']}"
    head = callers.as_head("so-noi-vu")
    assert "start" in problem_of(head.attempt(path, "report", version=1), 409)["possible"]
    problem_of(head.attempt(path, "start", version=7), 412)
    problem_of(head.attempt(path, "start", version=None), 428)
    problem_of(head.attempt(path, "dance", version=1), 404)


def test_who_may_not_is_told_so_or_sees_nothing(citizen: Client, callers: Clients) -> None:
    nobody, path = callers.as_nobody(), f"/v1/feedback/{citizen.create('/v1/feedback', REPORT)['code']}"
    problem_of(nobody.send("GET", "/v1/feedback"), 401)
    problem_of(nobody.send("GET", path), 404)
    problem_of(callers.as_head("so-y-te").send("GET", path), 404)
    problem_of(citizen.send("GET", "/v1/statistics/feedback"), 403)
    problem_of(citizen.send("POST", "/v1/feedback", json=REPORT | {"received_at": "2024-01-31T08:00:00Z"}), 403)
    for header in ("Bearer not.a.token", "Bearer", "Basic dXNlcjpwYXNz"):
        broken = {"Authorization": header}
        problem_of(nobody.send("GET", "/v1/feedback", headers=broken), 401)
        problem_of(nobody.send("GET", "/v1/units", headers=broken), 401)
        problem_of(nobody.send("POST", "/v1/feedback", json=REPORT, headers=broken), 401)


ANNEX = """TT\tTên nhiệm vụ\tCơ quan chủ trì\tCơ quan phối hợp\tThời gian hoàn thành\tSản phẩm\tNguồn nhiệm vụ
1.\tViệc thứ nhất\t{lead}\tSở Tài chính\t{due}\tBáo cáo\tKế hoạch năm
2.\tViệc thứ hai\tSở Nội vụ\tSở Tài chính\tQuý II/2026\tBáo cáo\tKế hoạch năm
"""


def bring(client: Client, number: str, lead: str, due: str, *, dry_run: bool = False) -> httpx.Response:
    said = {"document_no": number, "issued_on": "2026-01-05", "title": "Kế hoạch", "issuer": "UBND Thành phố Hà Nội"}
    file = ("annex.txt", ANNEX.format(lead=lead, due=due).encode(), "text/plain")
    return client.send("POST", "/v1/plans/import", params={"dry_run": dry_run}, data=said, files={"file": file})


def test_a_row_that_nobody_leads_waits_and_holds_back_no_other(desk: Client) -> None:
    reply = bring(desk, "1/KH-UBND", "Sở Không Có Thật", "Quý II/2026", dry_run=True)
    assert reply.status_code == 200, reply.text
    assert [row["row"] for row in reply.json()["parked"]] == [1]
    assert [task["row"] for task in reply.json()["tasks"]] == [2]
    assert (1, "lead_unit") in {(doubt["row"], doubt["field"]) for doubt in reply.json()["warnings"]}


def test_a_plan_with_a_doubtful_cell_gets_a_warning(desk: Client) -> None:
    reply = bring(desk, "2/KH-UBND", "Sở Nội vụ", "sớm nhất có thể", dry_run=True)
    assert reply.status_code == 200, reply.text
    assert [(doubt["row"], doubt["field"]) for doubt in reply.json()["warnings"]] == [(1, "due_text")]
    assert [task["due_on"] for task in reply.json()["tasks"]] == [None, "2026-06-30"]
    assert desk.get("/v1/plans", document_no="2/KH-UBND")["items"] == []
