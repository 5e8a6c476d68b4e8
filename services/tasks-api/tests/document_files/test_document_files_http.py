"""Files of documents, over HTTP: added, listed, read, replaced, and taken back."""

import hashlib
from datetime import timedelta
from pathlib import Path

import pytest

from cchc_shared.calendar.clock import FixedClock
from tests.support.tasks import Api

from ..evidence.papers import MARK, PDF, jpeg, office
from ..office.files import GOOD
from ..working import problem
from .sending import (
    DEPARTMENT,
    OTHER,
    add,
    added,
    assigned,
    kept,
    listed,
    path,
    read,
    registered,
    sweep,
    taken_back,
)

SIGNED = PDF.replace(b"1.4", b"1.5")
"""What replaces the first version."""


async def test_the_signed_text_is_kept_and_read_by_who_may_read_the_document(city: Api) -> None:
    document = await registered(city)
    assert document["files"] == []
    shown = await added(city, document, PDF, caption="Bản có chữ ký số")
    assert (shown["name"], shown["media_type"], shown["bytes"]) == ("van-ban-1.pdf", "application/pdf", len(PDF))
    assert (shown["sha256"], shown["thumbnail"]) == (hashlib.sha256(PDF).hexdigest(), None)
    assert await listed(city, document) == [shown]
    task = await assigned(city, document)
    assert task["document"] == document["code"], "a task leads to the document, and so to its files"
    for who in (city.officer(DEPARTMENT), city.head(DEPARTMENT), city.coordinator, city.token("inspector")):
        answer = await read(city, document, shown, who)
        assert (answer.status_code, answer.content) == (200, PDF)
        assert await listed(city, document, who) == [shown]
    assert answer.headers["content-disposition"] == 'attachment; filename="van-ban-1.pdf"'
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "private, no-cache"
    where = path(document, shown["id"])
    known = city.coordinator | {"If-None-Match": answer.headers["etag"]}
    assert (await city.send("GET", where, known)).status_code == 304
    part = await city.send("GET", where, city.coordinator | {"Range": "bytes=0-3"})
    assert (part.status_code, part.content) == (206, PDF[:4])
    head = await city.send("HEAD", where, city.coordinator)
    assert (head.status_code, head.headers["content-length"], head.content) == (200, str(len(PDF)), b"")


async def test_who_may_not_read_the_document_learns_nothing(city: Api) -> None:
    document = await registered(city)
    shown = await added(city, document)
    await assigned(city, document)
    nothing = {**document, "code": "VB-2024-999999"}
    stranger = city.officer(OTHER)
    for which in (document, nothing):
        refused = await read(city, which, shown, stranger)
        assert (refused.status_code, refused.json()["code"]) == (404, "not-found")
    mine, none = [(await read(city, which, shown, stranger)).json() for which in (document, nothing)]
    assert mine == none


async def test_only_who_speaks_for_the_unit_that_registered_it_adds_and_takes_back(city: Api, stored: Path) -> None:
    own = city.token("coordinator", unit=DEPARTMENT, sub="planner")
    of_the_city, of_a_unit = await registered(city), await registered(city, own)
    await assigned(city, of_the_city)
    other = city.token("coordinator", unit=OTHER, sub="other")
    for who, document in ((own, of_the_city), (city.coordinator, of_a_unit), (other, of_a_unit)):
        refused = await add(city, document, PDF, who)
        assert (refused.status_code, refused.json()["code"]) == (403, "not-permitted")
    for role in ("officer", "unit_head", "inspector", "citizen"):
        assert (await add(city, of_the_city, PDF, city.token(role, unit=DEPARTMENT, sub="x"))).status_code == 403
    assert kept(stored) == []
    shown = (await add(city, of_a_unit, PDF, own)).json()
    colleague = city.token("coordinator", unit=DEPARTMENT, sub="colleague")
    refused = await taken_back(city, of_a_unit, shown, colleague)
    assert (refused.status_code, refused.json()["by"]) == (403, ["added_by"])
    assert (await taken_back(city, of_a_unit, shown, own)).status_code == 204


async def test_a_scan_loses_its_metadata_and_has_a_thumbnail(city: Api, stored: Path) -> None:
    document = await registered(city)
    shown = await added(city, document, jpeg(place=MARK))
    assert (shown["name"], shown["media_type"]) == ("van-ban-1.jpg", "image/jpeg")
    small = await city.get(shown["thumbnail"], city.coordinator)
    assert (small.status_code, small.headers["content-type"]) == (200, "image/webp")
    assert len(kept(stored)) == 2
    assert not any(MARK.encode() in file.read_bytes() or MARK in str(file) for file in kept(stored))
    assert MARK not in str(await listed(city, document))
    text = await added(city, document)
    assert (await city.get(f"{path(document, text['id'])}/thumbnail", city.coordinator)).status_code == 404


@pytest.mark.parametrize("what", GOOD)
async def test_texts_of_other_suites_are_kept_to_the_byte(city: Api, what: str) -> None:
    document, (kind, content) = await registered(city), GOOD[what]
    shown = await added(city, document, content)
    assert (shown["media_type"], shown["sha256"]) == (kind, hashlib.sha256(content).hexdigest())
    assert (await read(city, document, shown)).content == content


async def test_the_same_bytes_are_the_same_file(city: Api, stored: Path) -> None:
    document = await registered(city)
    first = await added(city, document)
    assert await added(city, document) == first
    again = [(await add(city, document, office(), key="one")).json() for _ in range(2)]
    assert again[0] == again[1]
    assert [each["name"] for each in await listed(city, document)] == ["van-ban-1.pdf", "van-ban-2.docx"]
    other = await registered(city)
    assert (await added(city, other))["id"] != first["id"], "another document has its own"
    assert len(kept(stored)) == 3


async def test_until_a_task_came_of_it_a_file_is_taken_back_and_a_trace_stays(
    city: Api, stored: Path, clock: FixedClock
) -> None:
    document = await registered(city)
    shown = await added(city, document, jpeg())
    clock.advance(timedelta(minutes=1))
    assert (await taken_back(city, document, shown)).status_code == 204
    [trace] = await listed(city, document)
    assert (trace["removed_at"], trace["thumbnail"]) == ("2024-06-03T03:01:00Z", None)
    for gone in (path(document, shown["id"]), shown["thumbnail"]):
        assert (await city.get(gone, city.coordinator)).status_code == 404
    assert (await taken_back(city, document, shown)).status_code == 404
    await sweep(city)
    assert kept(stored) == []
    back = await added(city, document, jpeg())
    assert (back["name"], len(kept(stored))) == ("van-ban-2.jpg", 2)
    await sweep(city)
    assert (await read(city, document, back)).status_code == 200


async def test_what_tasks_rest_on_stays_and_is_replaced(city: Api, stored: Path) -> None:
    document = await registered(city)
    draft = await added(city, document)
    await assigned(city, document)
    refused = await taken_back(city, document, draft)
    assert (refused.status_code, refused.json()["code"]) == (409, "document-in-use")
    signed = await added(city, document, SIGNED, replaces=draft["id"])
    former, present = await listed(city, document)
    assert (former["replaced_by"], present["replaced_by"]) == (signed["id"], None)
    assert (await read(city, document, draft, city.officer(DEPARTMENT))).content == PDF, "it stays to be read"
    twice = await add(city, document, office(), replaces=draft["id"])
    assert problem(twice) == (422, "invalid", ["body.replaces"])
    back = await added(city, document, PDF, replaces=signed["id"])
    assert [each["replaced_by"] for each in await listed(city, document)] == [signed["id"], back["id"], None]
    await sweep(city)
    assert (await read(city, document, back)).content == PDF
    same = await add(city, document, PDF, replaces=draft["id"])
    assert problem(same) == (422, "invalid", ["body.file"]), "what stands does not replace another"


async def test_a_replacement_that_is_taken_back_leaves_the_former_in_its_place(city: Api) -> None:
    document, other = await registered(city), await registered(city)
    draft = await added(city, document)
    signed = await added(city, document, SIGNED, replaces=draft["id"])
    assert (await taken_back(city, document, signed)).status_code == 204
    assert [each["replaced_by"] for each in await listed(city, document)] == [None, None]
    elsewhere = await added(city, other)
    for which in (signed["id"], elsewhere["id"]):
        refused = await add(city, document, office(), replaces=which)
        assert problem(refused) == (422, "invalid", ["body.replaces"])


async def test_a_file_makes_a_new_version_of_its_document(city: Api) -> None:
    document = await registered(city)
    where = f"/v1/documents/{document['code']}"
    tag = {"If-None-Match": (await city.get(where, city.coordinator)).headers["etag"]}
    assert (await city.send("GET", where, city.coordinator | tag)).status_code == 304
    shown = await added(city, document)
    later = await city.send("GET", where, city.coordinator | tag)
    assert (later.status_code, later.json()["version"]) == (200, 2)
    await added(city, document)
    assert (await city.get(where, city.coordinator)).json()["version"] == 2, "nothing came of the same file"
    await taken_back(city, document, shown)
    assert (await city.get(where, city.coordinator)).json()["version"] == 3
    [item] = (await city.get("/v1/documents", city.coordinator)).json()["items"]
    assert [each["id"] for each in item["files"]] == [shown["id"]]
