"""What the person whose data they are may ask for: a copy, a correction, anonymity."""

import hashlib
from typing import Any

from pydantic import SecretBytes
from sqlalchemy import select

from feedback_api.bootstrap import build_app
from feedback_api.metadata import idempotency
from feedback_api.reports.contacts import Contact, ContactCipher, Seal
from feedback_api.reports.models import contacts
from feedback_api.settings import FeedbackSettings
from tests.support.at_once import InProcess

from ..conftest import HOME_AFFAIRS, People, Service
from .test_contacts import REPORTER, UNREAD, report, written

NEW = {"name": "Trần Thị Sáu", "phone": "0987654321"}
SHOWN = UNREAD | NEW | {"email": None, "anonymous": False}


async def test_a_correction_takes_the_place_of_what_was_there(service: Service, people: People) -> None:
    path, secret = await report(service)
    code = path.rpartition("/")[2]
    asked = secret | {"If-Match": '"1"', "Idempotency-Key": "once"}
    answers = [await service.client.put(f"{path}/reporter", json=NEW, headers=asked) for _ in range(2)]
    assert {(answer.status_code, answer.text) for answer in answers} == {(200, f'{{"code":"{code}","version":2}}')}
    assert answers[0].headers["etag"] == '"2"'
    assert (await service.client.get(f"{path}/reporter", headers=people["officer"])).json() == SHOWN
    stale = await service.client.put(f"{path}/reporter", json=REPORTER, headers=secret | {"If-Match": '"1"'})
    assert (stale.status_code, stale.headers["etag"]) == (412, '"2"')
    assert (await service.client.put(f"{path}/reporter", json=NEW, headers=secret)).status_code == 428
    # Nothing of it is kept in any form but the new seal.
    (kept,) = await service.rows(select(contacts.c.key_id, contacts.c.sealed))
    cipher = service.here.use(ContactCipher)
    assert cipher.open(code, Seal(*kept)) == Contact(NEW["name"], NEW["phone"])
    for row in await service.rows(select(idempotency.c.body, idempotency.c.headers)):
        assert "0987" not in str(row)
    assert await written(service) == [
        ("corrected", "sender", None, None, None),
        ("read", "officer", "officer-1", HOME_AFFAIRS, None),
    ]


async def test_contact_data_may_be_left_later(service: Service, people: People) -> None:
    sent = (await service.post({"unit": HOME_AFFAIRS}, **people["citizen"])).json()
    path = f"/v1/feedback/{sent['code']}/reporter"
    done = await service.client.put(path, json=NEW, headers=people["citizen"] | {"If-Match": '"0"'})
    assert (done.status_code, done.headers["etag"]) == (200, '"1"')
    assert (await service.client.get(path, headers=people["officer"])).json() == SHOWN


async def test_who_becomes_anonymous_is_seen_by_no_official_any_more(service: Service, people: People) -> None:
    path, _ = await report(service, **people["citizen"])
    for _ in range(2):
        done = await service.client.post(f"{path}/anonymize", headers=people["citizen"] | {"Idempotency-Key": "a"})
        assert (done.status_code, done.json()["version"]) == (200, 2)
    assert (await service.client.post(f"{path}/anonymize", headers=people["citizen"])).json()["version"] == 2
    hidden = UNREAD | {"name": None, "phone": None, "email": None, "anonymous": True}
    assert (await service.client.get(f"{path}/reporter", headers=people["head"])).json() == hidden
    own = await service.client.get(f"{path}/reporter", headers=people["citizen"])
    assert own.json() == UNREAD | REPORTER | {"anonymous": True}
    # Who left nothing may be anonymous too; a correction takes it back.
    sent = (await service.post({"unit": HOME_AFFAIRS}, **people["citizen"])).json()
    bare = f"/v1/feedback/{sent['code']}"
    await service.client.post(f"{bare}/anonymize", headers=people["citizen"])
    assert (await service.client.get(f"{bare}/reporter", headers=people["officer"])).json() == hidden
    await service.client.put(f"{bare}/reporter", json=NEW, headers=people["citizen"] | {"If-Match": '"1"'})
    assert (await service.client.get(f"{bare}/reporter", headers=people["officer"])).json() == SHOWN


async def test_nobody_else_may(service: Service, people: People) -> None:
    path, _ = await report(service, **people["citizen"])
    expected = {"officer": 403, "desk": 403, "other_officer": 404, "other_citizen": 404}
    for name, status in expected.items():
        put = await service.client.put(f"{path}/reporter", json=NEW, headers=people[name] | {"If-Match": "*"})
        anonymized = await service.client.post(f"{path}/anonymize", headers=people[name])
        read = await service.client.get(f"{path}/my-data", headers=people[name])
        assert (put.status_code, anonymized.status_code, read.status_code) == (status, status, status)
    assert await written(service) == []


async def test_a_copy_of_everything(service: Service, people: People) -> None:
    place = {"lat": 21.03, "lon": 105.85, "address": "12 phố Huế"}
    body = {"unit": HOME_AFFAIRS, "reporter": REPORTER, "title": "Đèn đường", "location": place}
    sent = (await service.post(body, **people["citizen"])).json()
    path = f"/v1/feedback/{sent['code']}"
    await service.client.get(f"{path}/reporter", headers=people["officer"])
    by_token = (await service.client.get(f"{path}/my-data", headers=people["citizen"])).json()
    secret = {"X-Tracking-Secret": sent["tracking_secret"]}
    by_secret = (await service.client.get(f"{path}/my-data", headers=secret)).json()
    assert by_token["report"] == (await service.client.get(path, headers=people["citizen"])).json()
    assert by_token["report"]["location"] == place
    assert (by_token["sender"], by_token["reporter"]) == ("citizen-1", UNREAD | REPORTER)
    assert [entry["action"] for entry in by_token["history"]] == ["receive"]
    read = [(each["role"], each["unit"], "actor" in each) for each in by_secret["contact_accesses"]]
    assert read == [("sender", None, False), ("sender", None, False), ("officer", HOME_AFFAIRS, False)]
    assert {part: (rule["months"], rule["status"]) for part, rule in by_token["retention"].items()} == {
        "contact": (12, "R"),
        "text": (60, "R"),
    }


async def test_a_copy_of_all_ones_reports(service: Service, people: People) -> None:
    sent = [(await report(service, **people["citizen"]))[0].rpartition("/")[2] for _ in range(3)]
    await report(service, **people["other_citizen"])
    found: list[dict[str, Any]] = []
    cursor = None
    while cursor is not None or not found:
        query = {"limit": 2} | ({} if cursor is None else {"cursor": cursor})
        page = (await service.client.get("/v1/me/data", headers=people["citizen"], params=query)).json()
        found += page["items"]
        cursor = page["next_cursor"]
    assert sorted(item["report"]["code"] for item in found) == sorted(sent)
    assert {item["reporter"]["phone"] for item in found} == {REPORTER["phone"]}
    assert await written(service) == [("read", "sender", None, None, None)] * 3
    assert (await service.client.get("/v1/me/data", headers=people["officer"])).status_code == 403
    assert (await service.client.get("/v1/me/data")).status_code == 401


async def test_a_report_sent_again_after_a_rotation_gets_the_secret_of_before(
    service: Service, settings: FeedbackSettings, people: People
) -> None:
    key = {"Idempotency-Key": "k"}
    first = await service.post(**key)
    new = hashlib.sha256(b"the next key").digest()
    for keys, expected in (((new, *settings.keys), first.json()), ((new,), None)):
        later = settings.model_copy(update={"contact_keys": tuple(map(SecretBytes, keys))})
        app = build_app(later, service.here.clock)
        async with app.router.lifespan_context(app):
            service.client._transport = InProcess(app, raise_app_exceptions=False)
            again = await service.post(**key)
        if expected is None:  # the key of before is destroyed: no secret, rather than a wrong one
            assert (again.status_code, "tracking_secret" in again.json()) == (200, False)
        else:
            assert (again.status_code, again.json()) == (201, expected)
