"""Contact data are read by those they are meant for, and every reading is written down."""

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from feedback_api.privacy.models import accesses
from feedback_api.reports.models import contacts
from tests.support.tokens import TestTokens

from ..conftest import HOME_AFFAIRS, Headers, People, Service

UNREAD = {"account": None, "place": None}
REPORTER = {"name": "Nguyễn Văn Bảy", "phone": "+84912345678", "email": "bay@example.vn", "anonymous": False}


async def report(service: Service, **headers: str) -> tuple[str, Headers]:
    """A report of the home affairs office with contact data: its path, and the header with its tracking secret."""
    sent = (await service.post({"unit": HOME_AFFAIRS, "reporter": REPORTER}, **headers)).json()
    return f"/v1/feedback/{sent['code']}", {"X-Tracking-Secret": sent["tracking_secret"]}


async def written(service: Service) -> list[tuple[object, ...]]:
    columns = accesses.c.action, accesses.c.role, accesses.c.actor, accesses.c.unit, accesses.c.purpose
    return [tuple(row) for row in await service.rows(select(*columns).order_by(accesses.c.id))]


async def test_each_reading_is_written_down(service: Service, people: People) -> None:
    path, secret = await report(service, **people["citizen"])
    for caller in (people["officer"], people["head"], secret, people["citizen"]):
        seen = await service.client.get(f"{path}/reporter", headers=caller, params={"purpose": "verify"})
        assert (seen.status_code, seen.json(), seen.headers["etag"]) == (200, UNREAD | REPORTER, '"1"')
    assert await written(service) == [
        ("read", "officer", "officer-1", HOME_AFFAIRS, "verify"),
        ("read", "unit_head", "head-1", HOME_AFFAIRS, "verify"),
        ("read", "sender", None, None, "verify"),
        ("read", "sender", None, None, "verify"),
    ]


async def test_reading_the_report_shows_nobody_who_sent_it(service: Service, people: People) -> None:
    path, secret = await report(service, **people["citizen"])
    for caller in (*people.values(), secret):
        for place in ("", "/history", "/clocks"):
            seen = await service.client.get(f"{path}{place}", headers=caller)
            assert "912345" not in seen.text
            assert "citizen-1" not in seen.text
    assert await written(service) == []


async def test_others_are_refused_and_leave_no_entry(service: Service, people: People) -> None:
    path, _ = await report(service, **people["citizen"])
    refused = {name: await service.client.get(f"{path}/reporter", headers=people[name]) for name in people}
    assert {name: answer.status_code for name, answer in refused.items()} == {
        "citizen": 200,
        "officer": 200,
        "head": 200,
        "other_citizen": 404,
        "system": 404,
        "desk": 403,
        "inspector": 403,
        "other_officer": 404,
        "other_head": 404,
    }
    assert (await service.client.get(f"{path}/reporter")).status_code == 404
    unknown = await service.client.get(f"{path}/reporter", headers=people["officer"], params={"purpose": "to know"})
    assert unknown.json()["errors"][0]["field"] == "query.purpose"
    assert len(await written(service)) == 3


async def test_software_and_officials_who_sent_it_for_somebody_are_not_that_person(
    service: Service, people: People
) -> None:
    """Staff who hold the secret as well are named all the same, and see no anonymous sender."""
    path, secret = await report(service, **people["system"])
    assert (await service.client.get(f"{path}/reporter", headers=people["system"])).status_code == 403
    await service.client.post(f"{path}/anonymize", headers=secret)
    hidden = UNREAD | {"name": None, "phone": None, "email": None, "anonymous": True}
    seen = await service.client.get(f"{path}/reporter", headers=people["officer"] | secret)
    assert seen.json() == hidden
    elsewhere = await service.client.get(f"{path}/reporter", headers=people["other_officer"] | secret)
    assert elsewhere.json() == UNREAD | REPORTER | {"anonymous": True}
    assert await written(service) == [
        ("anonymized", "sender", None, None, None),
        ("read", "sender", "officer-2", None, None),
    ]


async def test_a_sender_who_comes_back_with_an_account_is_not_named_for_ever(service: Service, people: People) -> None:
    path, secret = await report(service)
    for place in ("/reporter", "/my-data"):
        assert (await service.client.get(path + place, headers=secret | people["citizen"])).status_code == 200
    assert await written(service) == [("read", "sender", None, None, None)] * 2


async def test_what_shows_nothing_is_no_reading(service: Service, people: People) -> None:
    code = (await service.post({"unit": HOME_AFFAIRS, "reporter": {"phone": "0912345678", "anonymous": True}})).json()
    none = (await service.post({"unit": HOME_AFFAIRS})).json()
    for sent, tag in ((code, '"1"'), (none, '"0"')):
        seen = await service.client.get(f"/v1/feedback/{sent['code']}/reporter", headers=people["officer"])
        assert {seen.json()[name] for name in ("name", "phone", "email")} == {None}
        assert seen.headers["etag"] == tag
    assert await written(service) == []


async def test_the_list_of_accesses(service: Service, people: People, tokens: TestTokens) -> None:
    path, secret = await report(service)
    for _ in range(3):
        await service.client.get(f"{path}/reporter", headers=people["officer"])
    named = {"action": "read", "role": "officer", "unit": HOME_AFFAIRS, "purpose": None, "actor": "officer-1"}
    for caller in (people["desk"], tokens(sub="inspector-1", roles=["inspector"])):
        shown = (await service.client.get(f"{path}/contact-accesses", headers=caller)).json()
        assert [{name: each[name] for name in named} for each in shown["items"]] == [named] * 3
    pages: list[list[dict[str, object]]] = []
    cursor = None
    while cursor is not None or not pages:
        query = {"limit": 2} | ({} if cursor is None else {"cursor": cursor})
        page = (await service.client.get(f"{path}/contact-accesses", headers=secret, params=query)).json()
        pages.append(page["items"])
        cursor = page["next_cursor"]
    assert [len(items) for items in pages] == [2, 1]
    assert "officer-1" not in str(pages)
    for name, status in (("officer", 403), ("other_officer", 404), ("other_citizen", 404)):
        assert (await service.client.get(f"{path}/contact-accesses", headers=people[name])).status_code == status


@pytest.mark.parametrize("change", ["UPDATE contact_access SET actor = 'x'", "DELETE FROM contact_access"])
async def test_an_access_cannot_be_unwritten(service: Service, people: People, change: str) -> None:
    path, _ = await report(service)
    await service.client.get(f"{path}/reporter", headers=people["officer"])
    with pytest.raises(DBAPIError, match="append-only"):
        async with service.here.engine.begin() as conn:
            await conn.execute(text(change))


async def test_a_reading_that_cannot_be_written_down_shows_nothing(service: Service, people: People) -> None:
    path, _ = await report(service)
    async with service.here.engine.begin() as conn:
        await conn.execute(text("ALTER TABLE contact_access ADD CONSTRAINT no_more CHECK (false) NOT VALID"))
    seen = await service.client.get(f"{path}/reporter", headers=people["officer"])
    assert seen.status_code >= 500
    assert "912345" not in seen.text


async def test_a_seal_of_a_lost_key_says_so(service: Service, people: People) -> None:
    path, _ = await report(service)
    async with service.here.engine.begin() as conn:
        await conn.execute(contacts.update().values(key_id="another"))
    seen = await service.client.get(f"{path}/reporter", headers=people["officer"])
    assert (seen.status_code, seen.json()["code"]) == (409, "seal-unreadable")
    assert (await service.client.get(path, headers=people["officer"])).status_code == 200
