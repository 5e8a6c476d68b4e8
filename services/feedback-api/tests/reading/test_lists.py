"""Lists of reports: what each caller sees, filters, pages."""

from datetime import datetime, timedelta

from cchc_shared.calendar.clock import FixedClock
from cchc_shared.http.paging import encode_cursor

from ..conftest import HOME_AFFAIRS, JUSTICE, People, Service


async def test_lists_show_what_the_caller_may_see(service: Service, people: People) -> None:
    mine = (await service.post({"unit": HOME_AFFAIRS}, **people["citizen"])).json()["code"]
    await service.post({"unit": JUSTICE}, **people["other_citizen"])
    third = (await service.post({"unit": JUSTICE, "kind": "conduct"})).json()["code"]

    async def listed(who: str, **query: str) -> list[str]:
        answer = await service.client.get("/v1/feedback", params=query, headers=people[who])
        assert answer.status_code == 200
        return [item["code"] for item in answer.json()["items"]]

    assert await listed("citizen") == [mine]
    assert await listed("officer") == [mine]
    assert await listed("officer", unit=JUSTICE) == []
    assert len(await listed("desk")) == 3
    assert await listed("desk", unit=JUSTICE, kind="conduct") == [third]
    assert (await service.client.get("/v1/feedback")).status_code == 401


async def test_filters_and_pages(service: Service, people: People, clock: FixedClock) -> None:
    codes = []
    for number in range(7):
        clock.advance(timedelta(minutes=number % 2))  # some at the same instant
        body = {"content": f"đèn đường số {number} hỏng", "category": "lighting", "kind": "on_site"}
        codes.append((await service.post(body, **people["citizen"])).json()["code"])
    newest_first = sorted(codes, reverse=True)
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        query = {"limit": "3", "category": "lighting"} | ({"cursor": cursor} if cursor else {})
        page = (await service.client.get("/v1/feedback", params=query, headers=people["desk"])).json()
        seen += [item["code"] for item in page["items"]]
        cursor = page["next_cursor"]
    assert seen == newest_first

    async def found(**query: str) -> int:
        answer = await service.client.get("/v1/feedback", params=query, headers=people["desk"])
        return len(answer.json()["items"])

    assert await found(q="đường 3") == 1
    assert await found(q=codes[0]) == 1
    assert await found(q='") or 1=1') == 0
    assert await found(status="received", channel="ihanoi") == 7
    assert await found(status="published") == 0
    assert await found(**{"from": "2026-11-18", "to": "2026-11-18"}) == 7
    assert await found(to="2026-11-17") == 0
    assert await found(overdue="true") == 0
    listed = (await service.client.get("/v1/feedback", headers=people["desk"])).json()["items"]
    due_at = max(datetime.fromisoformat(item["resolve_due_at"]) for item in listed)
    clock.advance(due_at - clock.now() - timedelta(microseconds=1))
    assert await found(overdue="true") == 0
    clock.advance(timedelta(microseconds=1))
    assert await found(overdue="true") == 7
    assert await found(overdue="false") == 0


async def test_bad_filters_are_named(service: Service, people: People) -> None:
    for query, field in (
        ("surprise=1", "query.surprise"),
        ("status=lost", "query.status"),
        ("from=18/11/2026", "query.from"),
        ("from=0001-01-01", "query.from"),
        ("from=1763424000", "query.from"),
        ("to=2026-11-18T00:00:00", "query.to"),
        ("unit=" + "x" * 101, "query.unit"),
        ("cursor=" + encode_cursor("0001-01-01T00:00:00+14:00", "PA-26-000001"), "query.cursor"),
        ("cursor=" + encode_cursor("2026-11-18T00:00:00Z", 1), "query.cursor"),
        ("cursor=" + encode_cursor(1 << 63, "PA-26-000001"), "query.cursor"),
        ("from=2026-11-18&to=2026-11-17", "query.to"),
        ("cursor=abc", "query.cursor"),
        ("limit=0", "query.limit"),
        ("limit=1000", "query.limit"),
        ("overdue=maybe", "query.overdue"),
    ):
        answer = await service.client.get(f"/v1/feedback?{query}", headers=people["desk"])
        assert answer.status_code == 422, query
        assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_a_list_that_has_not_changed_is_not_sent_again(
    service: Service, people: People, clock: FixedClock
) -> None:
    code = (await service.post({"unit": HOME_AFFAIRS}, **people["citizen"])).json()["code"]
    first = await service.client.get("/v1/feedback", headers=people["officer"])
    known = people["officer"] | {"If-None-Match": f'"another", W/{first.headers["etag"]}'}
    again = await service.client.get("/v1/feedback", headers=known)
    assert (again.status_code, again.content) == (304, b"")
    assert (again.headers["vary"], again.headers["cache-control"]) == ("Authorization", "no-store")
    # What somebody else sees of it is another list.
    assert (await service.client.get("/v1/feedback", headers=people["other_officer"])).headers["etag"] != first.headers[
        "etag"
    ]
    assert (await service.act(code, "assign", people["desk"], 1)).status_code == 200
    assert (await service.client.get("/v1/feedback", headers=known)).status_code == 200
    # Nothing happened to it, and yet it has fallen overdue.
    none = await service.client.get("/v1/feedback", params={"overdue": "true"}, headers=people["desk"])
    clock.advance(timedelta(days=60))
    known = people["desk"] | {"If-None-Match": none.headers["etag"]}
    late = await service.client.get("/v1/feedback", params={"overdue": "true"}, headers=known)
    assert [item["code"] for item in late.json()["items"]] == [code]
