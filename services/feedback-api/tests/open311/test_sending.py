"""POST requests and tokens: places, attributes, words, repeats, and what is refused."""

import asyncio
import unicodedata
from typing import Any, Literal
from urllib.parse import urlencode

import pytest
from sqlalchemy import Row, func, select

from feedback_api.reports.contacts import ContactCipher, Seal
from feedback_api.reports.models import contacts, feedback

from ..conftest import People, Service
from .conftest import APP, OTHER, PLACE, Open311

BASE = {"api_key": APP, "service_code": "lighting", **PLACE}
FLOOD: dict[str, object] = {
    **BASE,
    "service_code": "flooding",
    "attribute[since]": "2026-11-18T06:00:00+07:00",
    "attribute[depth_cm]": "25.5",
    "attribute[extent]": "lane",
    "attribute[affected][]": ["traffic", "houses"],
}
NO_PLACE = {"api_key": APP, "service_code": "lighting"}


async def stored(service: Service, code: str) -> Row[Any]:
    row: Row[Any]
    (row,) = await service.rows(select(feedback).where(feedback.c.code == code))
    return row


@pytest.mark.parametrize(
    "place",
    [PLACE, {"address_string": "12 phố Huế"}, {"address_id": "8-12"}, {**PLACE, "address_string": "12 phố Huế"}],
)
async def test_a_place_may_be_given_in_three_ways(
    open311: Open311, service: Service, form: str, place: dict[str, str]
) -> None:
    status, created = await open311.send(form, {**NO_PLACE, **place})
    assert status == 201
    row = await stored(service, created["service_request_id"])
    assert (row.channel, row.kind, row.category) == ("open311", "on_site", "lighting")
    assert (row.lat, row.lon) == ((21.028511, 105.804817) if "lat" in place else (None, None))
    assert (row.address, row.form["address_id"]) == (place.get("address_string"), place.get("address_id"))
    assert row.content == "Chiếu sáng"  # nothing was written


@pytest.mark.parametrize(
    ("fields", "status", "field"),
    [
        ({"service_code": "lighting", **PLACE}, 403, "api_key"),
        ({**BASE, "api_key": "wrong"}, 403, "api_key"),
        ({**BASE, "api_key": ""}, 403, "api_key"),
        (NO_PLACE, 400, "lat"),
        ({**NO_PLACE, "lat": "21", "long": ""}, 400, "lat"),
        ({**NO_PLACE, "long": "105"}, 400, "lat"),
        ({**NO_PLACE, "lat": "NaN", "long": "105"}, 400, "lat"),
        ({**NO_PLACE, "lat": "91", "long": "105"}, 400, "lat"),
        ({**NO_PLACE, "lat": "x", "long": "105"}, 400, "lat"),
        ({"api_key": APP, **PLACE}, 400, "service_code"),
        ({**BASE, "service_code": ""}, 400, "service_code"),
        ({**BASE, "service_code": "nothing"}, 404, "service_code"),
        ({**BASE, "description": "ộ" * 4001}, 400, "description"),
        ({**BASE, "description": "a\0b"}, 400, "description"),
        ({**BASE, "attribute[pole]": "a\0b"}, 400, "attribute"),
        ({**BASE, "attribute[pole]": "x" * 4001}, 400, "attribute[pole]"),
        ({**BASE, "attribute[other][]": ["x"] * 51}, 400, "attribute"),
        ({**BASE, "attribute[pole][]": ["1", "2"]}, 400, "attribute[pole]"),
        ({**BASE, "media_url": ["http://x"] * 21}, 400, "media_url"),
        ({**BASE, "media_url": "javascript:alert(1)"}, 400, "media_url"),
        ({**BASE, "media_url": ["https://x/1.jpg", "data:text/html,x"]}, 400, "media_url"),
        ({**BASE, "attribute[fixmystreet_id]": "x" * 101}, 400, "attribute[fixmystreet_id]"),
        ({**FLOOD, "attribute[since]": ""}, 400, "attribute[since]"),
        ({**FLOOD, "attribute[since]": "2026-11-18T06:00:00"}, 400, "attribute[since]"),
        ({**FLOOD, "attribute[since]": "yesterday"}, 400, "attribute[since]"),
        ({**FLOOD, "attribute[depth_cm]": "deep"}, 400, "attribute[depth_cm]"),
        ({**FLOOD, "attribute[depth_cm]": "Infinity"}, 400, "attribute[depth_cm]"),
        ({**FLOOD, "attribute[extent]": "ocean"}, 400, "attribute[extent]"),
        ({**FLOOD, "attribute[extent]": ["lane", "street"]}, 400, "attribute[extent]"),
        ({**FLOOD, "attribute[affected][]": ["traffic", "fish"]}, 400, "attribute[affected]"),
        ({**FLOOD, "attribute[affected][]": []}, 400, "attribute[affected]"),
    ],
)
async def test_what_is_missing_or_wrong_is_named(
    open311: Open311, service: Service, form: str, fields: dict[str, Any], status: int, field: str
) -> None:
    answered, refused = await open311.send(form, fields)
    assert answered == status
    assert all(field in each for each in refused["said"]), refused
    assert await service.rows(select(feedback.c.code)) == []


async def test_attributes_of_each_datatype_are_kept(open311: Open311, service: Service, form: str) -> None:
    more = {"attribute[landmark]": "Chợ Hôm", "attribute[cause]": "Tắc cống", "attribute[unasked]": "x"}
    status, created = await open311.send(form, FLOOD | more)
    assert status == 201
    row = await stored(service, created["service_request_id"])
    assert row.form["attributes"] == {
        "since": ["2026-11-18T06:00:00+07:00"],
        "depth_cm": ["25.5"],
        "extent": ["lane"],
        "affected": ["traffic", "houses"],
        "landmark": ["Chợ Hôm"],
        "cause": ["Tắc cống"],
        "unasked": ["x"],
    }
    single, _ = await open311.send(form, FLOOD | {"attribute[affected][]": ["houses"]})
    plain, _ = await open311.send(form, {**FLOOD, "attribute[affected]": "houses", "attribute[affected][]": []})
    assert (single, plain) == (201, 201)


@pytest.mark.parametrize("composed", ["NFC", "NFD"])
async def test_vietnamese_comes_back_composed(open311: Open311, form: str, composed: Literal["NFC", "NFD"]) -> None:
    words = "Đèn ở ngõ Trại Cá hỏng <b>ba đêm</b> & chưa sửa"
    status, created = await open311.send(form, BASE | {"description": unicodedata.normalize(composed, words)})
    assert status == 201
    (found,) = await open311.get(f"requests/{created['service_request_id']}", "service_requests")
    assert found["description"] == words
    answer = await open311.client.get(f"/open311/v2/requests/{created['service_request_id']}.xml")
    assert "&lt;b&gt;ba đêm&lt;/b&gt; &amp; chưa" in answer.text


async def test_four_thousand_letters_are_counted_as_people_do(open311: Open311, form: str) -> None:
    status, _ = await open311.send(form, BASE | {"description": unicodedata.normalize("NFD", "ộ" * 4000)})
    assert status == 201


async def test_the_sender_is_sealed_and_never_shown(open311: Open311, service: Service, form: str) -> None:
    sender = {"first_name": "Nguyễn", "last_name": "Văn A", "email": "a@b.vn", "phone": "(024) 3.825 máy lẻ 5"}
    status, created = await open311.send(form, {**BASE, **sender, "device_id": "D-77", "account_id": "U-88"})
    code = created["service_request_id"]
    assert status == 201
    (seal,) = await service.rows(select(contacts.c.key_id, contacts.c.sealed).where(contacts.c.code == code))
    opened = service.here.use(ContactCipher).open(code, Seal(*seal))
    assert (opened.name, opened.phone, opened.email) == ("Nguyễn Văn A", sender["phone"], "a@b.vn")
    shown = (await open311.client.get(f"/open311/v2/requests/{code}.{form}")).text
    row = str(await stored(service, code))
    for secret in ("Văn A", "a@b.vn", "máy lẻ", "D-77", "U-88"):
        assert secret not in shown
        assert secret not in row


async def test_a_batch_service_gives_a_token_that_finds_the_request(open311: Open311, form: str) -> None:
    status, created = await open311.send(form, {**BASE, "service_code": "other"})
    assert (status, "service_request_id" in created) == (201, False)
    (found,) = await open311.get(f"tokens/{created['token']}", "service_requests")
    assert found["token"] == created["token"]
    (request,) = await open311.get(f"requests/{found['service_request_id']}", "service_requests")
    assert request["service_code"] == "other"


@pytest.mark.parametrize("token", ["nothing", "UEEtMjYtMDAwMDAx", "x" * 201, "%C3%A9", f"UEEtMjYtMDAwMDAx{'A' * 22}"])
async def test_an_unknown_token_is_404(open311: Open311, token: str) -> None:
    assert (await open311.refused(f"tokens/{token}"))[0] == 404


@pytest.mark.parametrize("naming", [{"attribute[fixmystreet_id]": "17"}, {"device_id": "D-1"}, {"email": "a@b.vn"}])
async def test_the_same_form_again_is_the_same_request(
    open311: Open311, service: Service, form: str, naming: dict[str, str]
) -> None:
    fields = {**BASE, "description": "Đèn hỏng", **naming}
    answers = await asyncio.gather(*(open311.send(form, fields) for _ in range(4)))
    assert len({created["service_request_id"] for _, created in answers}) == 1
    assert {status for status, _ in answers} <= {200, 201}
    other = await open311.send(form, {**fields, "api_key": OTHER})
    assert other[0] == 201
    assert other[1] != answers[0][1]
    assert await service.rows(select(func.count()).select_from(feedback)) == [(2,)]


async def test_an_id_with_other_content_is_refused(open311: Open311, form: str) -> None:
    first = await open311.sent(**{"attribute[fixmystreet_id]": "17", "description": "Đèn hỏng"})
    status, refused = await open311.send(form, {**BASE, "attribute[fixmystreet_id]": "17", "description": "Cây đổ"})
    assert status == 400
    (said,) = refused["said"]
    assert first in said
    assert "fixmystreet_id" in said


async def test_one_device_may_report_twice_and_nameless_forms_are_two(open311: Open311) -> None:
    assert await open311.sent(device_id="D", description="một") != await open311.sent(device_id="D", description="hai")
    assert await open311.sent(description="một") != await open311.sent(description="một")


async def test_a_form_may_be_multipart_and_its_key_in_the_address(open311: Open311, form: str) -> None:
    fields = {name: (None, value.encode()) for name, value in BASE.items() if name != "api_key"}
    status, created = await open311.send(form, files=fields, params={"api_key": APP})
    assert (status, "service_request_id" in created) == (201, True)


async def test_files_are_refused_by_name(open311: Open311, service: Service, form: str) -> None:
    files = {f"photo{number}": ("a.jpg", b"\xff\xd8\xff", "image/jpeg") for number in (1, 2, 3)}
    status, refused = await open311.send(form, BASE, files=files)
    assert status == 400
    assert refused["said"][0].startswith("photo1: chưa nhận tệp")
    assert await service.rows(select(feedback.c.code)) == []


BOMB = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;&b;&b;">]><a>&c;</a>'


@pytest.mark.parametrize(
    ("media", "body", "expected"),
    [
        ("text/xml", BOMB, 415),
        ("application/json", b"{}", 415),
        ("", BOMB, 415),
        ("application/x-www-form-urlencoded", BOMB, 403),
        ("application/x-www-form-urlencoded", b"a=%ff", 400),
        ("application/x-www-form-urlencoded", b"a=\xff", 400),
        ("application/x-www-form-urlencoded", b"&".join([b"a=1"] * 501), 400),
        ("multipart/form-data; boundary=x", BOMB, 400),
        ("multipart/form-data", b"x", 400),
    ],
)
async def test_a_body_that_is_no_form_is_refused(
    open311: Open311, form: str, media: str, body: bytes, expected: int
) -> None:
    headers = {"Content-Type": media} if media else {}
    status, _ = await open311.send(form, None, content=body, headers=headers)
    assert status == expected


async def test_the_form_is_shown_to_officials_only(open311: Open311, people: People) -> None:
    code = await open311.sent(**{"attribute[pole]": "HK-12", "media_url": "http://pictures/1.jpg"})
    await open311.handle(code, people, "assign")
    path = f"/v1/feedback/{code}/open311"
    seen = (await open311.client.get(path, headers=people["officer"])).json()
    assert seen["form"] == {
        "sent_by": "app",
        "service_code": "lighting",
        "attributes": {"pole": ["HK-12"]},
        "media_urls": ["http://pictures/1.jpg"],
        "address": None,
        "address_id": None,
    }
    for who, status in (("desk", 200), ("other_officer", 404), ("citizen", 403), ("system", 403)):
        assert (await open311.client.get(path, headers=people[who])).status_code == status
    of_other_channel = (await open311.service.post()).json()["code"]
    plain = await open311.client.get(f"/v1/feedback/{of_other_channel}/open311", headers=people["desk"])
    assert plain.json() == {"form": None, "remarks": []}


async def test_a_form_may_hold_its_fields_in_any_order(open311: Open311) -> None:
    pairs = [*BASE.items(), ("email", "a@b.vn")]
    codes = set()
    for order in (pairs, list(reversed(pairs))):
        _, created = await open311.send(
            "json", None, content=urlencode(order), headers={"Content-Type": "application/x-www-form-urlencoded"}
        )
        codes.add(created["service_request_id"])
    assert len(codes) == 1
