"""The inbox over HTTP: the caller's own, with what they have not read, and what each step of a task tells whom."""

from datetime import timedelta

import pytest

from cchc_shared.calendar.clock import FixedClock
from cchc_shared.service.timers import TimerLoop
from tasks_api.notifications.service import Inbox
from tasks_api.notifications.timers import FORGETTING
from tests.support.http import Headers, Json
from tests.support.tasks import Api

LEAD, OTHER, CITY = "so-noi-vu", "so-tu-phap", "01"
TASK = {"title": "Việc của ông Nguyễn Văn A", "lead_unit": LEAD, "due_on": "2024-06-28"}


async def assign(api: Api, **more: object) -> Json:
    answer = await api.send("POST", "/v1/tasks", api.coordinator, json=TASK | more)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def inbox(api: Api, who: Headers, **query: str | int | bool) -> list[Json]:
    answer = await api.get("/v1/notifications", who, **query)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


async def about(api: Api, who: Headers, task: Json) -> list[str]:
    """The kinds of what the caller is told of a task, in order."""
    return [item["kind"] for item in reversed(await inbox(api, who)) if item["subject"] == task["code"]]


async def test_a_notice_says_what_when_and_where(city: Api, clock: FixedClock) -> None:
    task = await assign(city)
    [notification, *_] = await inbox(city, city.officer(LEAD))
    assert notification == notification | {
        "unit": LEAD,
        "role": "officer",
        "kind": "task_assigned",
        "subject": task["code"],
        "href": f"/v1/tasks/{task['code']}",
        "due_on": "2024-06-28",
        "days": None,
        "at": "2024-06-03T03:00:00Z",
        "recorded_at": "2024-06-03T03:00:00Z",
        "read_at": None,
        "text": {
            "vi": f"Đơn vị được giao nhiệm vụ `{task['code']}`, ngày cuối 28/06/2024.",
            "en": f"Your unit was assigned task `{task['code']}`, last day 2024-06-28.",
        },
    }
    assert "Nguyễn" not in str(notification), "a title may name a citizen"
    assert (await city.get(notification["href"], city.officer(LEAD))).status_code == 200


async def test_the_inbox_is_the_callers_own(city: Api) -> None:
    task = await assign(city)
    theirs = await inbox(city, city.officer(LEAD))
    assert {(item["unit"], item["role"]) for item in theirs} == {(LEAD, "officer")}
    for who in (
        city.officer(OTHER),
        city.head(OTHER),
        city.coordinator,
        city.token("coordinator", unit=LEAD),
        city.token("officer"),
    ):
        assert await about(city, who, task) == []
        refused = await city.send("POST", f"/v1/notifications/{theirs[0]['id']}/actions/read", who)
        assert refused.status_code == 404, "nobody learns that it is there"
    for role in ("citizen", "inspector", "council", "scoring_board", "system", "operator"):
        assert (await city.get("/v1/notifications", city.token(role, unit=LEAD))).status_code == 403
    assert (await city.get("/v1/notifications")).status_code == 401
    both = city.token("officer", "unit_head", unit=LEAD)
    assert await about(city, both, task) == ["task_assigned"] * 2, "once in each role"


async def test_the_citys_office_is_every_coordinator_who_acts_for_the_city(city: Api) -> None:
    task = await assign(city)
    begun = (await city.act(task, "start", city.officer(LEAD))).json()
    await city.act(begun, "propose_close", city.officer(LEAD), reason="Không còn cần thiết")
    told = ["task_close_proposed"]
    assert await about(city, city.coordinator, task) == told
    [office, *_] = city.here.use(Inbox).city.offices
    assert await about(city, city.token("coordinator", unit=office), task) == told
    assert await about(city, city.token("coordinator", unit=CITY), task) == told
    assert await about(city, city.token("coordinator", unit=OTHER), task) == []


async def test_read_is_each_persons_own_and_idempotent(city: Api, clock: FixedClock) -> None:
    await assign(city)
    one, other = (city.token("officer", unit=LEAD, sub=sub) for sub in ("a", "b"))
    [notification, *older] = await inbox(city, one)
    path = f"/v1/notifications/{notification['id']}/actions/read"
    first = await city.send("POST", path, one)
    assert (first.status_code, first.json()) == (200, notification | {"read_at": "2024-06-03T03:00:00Z"})
    clock.advance(timedelta(hours=1))
    assert (await city.send("POST", path, one)).json() == first.json(), "the first time counts"
    assert await inbox(city, one, unread=True) == older
    assert await inbox(city, one, unread=False) == [first.json()]
    assert await inbox(city, other, unread=True) == await inbox(city, other) == [notification, *older]


@pytest.mark.parametrize("id_", ["0", "x", str(1 << 63), "999999"])
async def test_what_is_no_notice_is_not_read(city: Api, id_: str) -> None:
    answer = await city.send("POST", f"/v1/notifications/{id_}/actions/read", city.officer(LEAD))
    assert answer.status_code in (404, 422)


async def test_pages_join_without_gap_and_a_known_list_is_not_sent_again(city: Api) -> None:
    for _ in range(5):
        await assign(city)
    who = city.token("officer", "unit_head", unit=LEAD)
    whole = await inbox(city, who)
    found = list[Json]()
    more = dict[str, str]()
    while True:
        page = (await city.get("/v1/notifications", who, limit=3, **more)).json()
        found += page["items"]
        if page["next_cursor"] is None:
            break
        more = {"cursor": page["next_cursor"]}
    assert found == whole
    assert [item["id"] for item in whole] == sorted({item["id"] for item in whole}, reverse=True)
    tag = (await city.get("/v1/notifications", who)).headers["etag"]
    assert (await city.get("/v1/notifications", who | {"If-None-Match": tag})).status_code == 304
    assert (await city.get("/v1/notifications", who, cursor="bad")).status_code == 422


async def test_each_step_tells_whoever_comes_next(city: Api) -> None:
    task = await assign(city)
    officer, head, office = city.officer(LEAD), city.head(LEAD), city.coordinator

    async def act(action: str, who: Headers, **body: object) -> None:
        nonlocal task
        answer = await city.act(task, action, who, **body)
        assert answer.status_code == 200, answer.text
        task = answer.json()

    told = {"officer": ["task_assigned"], "head": ["task_assigned"], "office": list[str]()}

    async def check(**more: str) -> None:
        for who, kind in more.items():
            told[who].append(kind)
        for who, headers in (("officer", officer), ("head", head), ("office", office)):
            assert await about(city, headers, task) == told[who], who

    await act("start", officer)
    await check()
    await act("request_extension", officer, due_on="2024-07-05", reason="Chờ ý kiến của Bộ")
    await check(office="task_extension_requested")
    await act("deny_extension", office, reason="Đã có đủ ý kiến")
    await check(officer="task_extension_denied", head="task_extension_denied")
    await act("request_extension", officer, due_on="2024-07-05", reason="Chờ ý kiến của Bộ")
    await check(office="task_extension_requested")
    await act("grant_extension", office)
    await check(officer="task_extension_granted", head="task_extension_granted")
    await act("report", officer)
    await check(head="task_report_awaits_approval")
    await act("reject", head, reason="Thiếu minh chứng")
    await check(officer="task_report_rejected", head="task_report_rejected")
    await act("report", officer)
    await check(head="task_report_awaits_approval")
    await act("approve", head)
    await check(office="task_report_awaits_approval")
    await act("approve", city.token("coordinator", sub="other"))
    await check(officer="task_completed", head="task_completed")


async def test_what_is_refused_tells_nobody(city: Api) -> None:
    task = await assign(city)
    refused = await city.act(task, "report", city.officer(LEAD))
    assert refused.status_code == 409
    assert await about(city, city.head(LEAD), task) == ["task_assigned"]


async def test_of_many_units_each_is_told_of_its_own(city: Api) -> None:
    parent = await assign(city, lead_unit="all-departments")
    mine = f"{parent['code']}.{LEAD}"
    [assigned, *_] = await inbox(city, city.officer(LEAD))
    assert assigned["subject"] == mine
    await city.act(parent, "close", city.coordinator, reason="Không còn cần thiết")
    [closed, *_] = await inbox(city, city.officer(LEAD))
    assert (closed["kind"], closed["subject"]) == ("task_closed", mine)


async def test_each_unit_that_is_urged_is_told(city: Api) -> None:
    parent = await assign(city, lead_unit="all-departments")
    answer = await city.act(parent, "urge", city.coordinator, reason="Đề nghị khẩn trương", children=True)
    assert answer.status_code == 200, answer.text
    for who in (city.officer(LEAD), city.head(OTHER)):
        [urged, assigned, *_] = await inbox(city, who)
        assert [each["kind"] for each in (urged, assigned)] == ["task_urged", "task_assigned"]
        assert urged["subject"] == assigned["subject"]
        assert "khẩn" not in str(urged), "the words stand in the history"


async def test_what_is_old_is_forgotten(city: Api, clock: FixedClock) -> None:
    await assign(city)
    [notification, *_] = await inbox(city, city.officer(LEAD))
    await city.send("POST", f"/v1/notifications/{notification['id']}/actions/read", city.officer(LEAD))
    loop = TimerLoop(city.here, (), (), (FORGETTING,))
    await loop.round()
    clock.advance(timedelta(days=364))
    await loop.round()
    assert await inbox(city, city.officer(LEAD))
    clock.advance(timedelta(days=2))
    await loop.round()
    assert loop.health().ready
    assert await inbox(city, city.officer(LEAD)) == []
