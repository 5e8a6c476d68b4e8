"""The operator's address book, and what it refuses."""

import httpx
import pytest
from sqlalchemy import select

from cchc_shared.calendar.clock import FixedClock
from tasks_api.metadata import METADATA
from tests.support.tasks import Api

from .post_office import delivered, gathered, listed, mailbox, post_of, post_office, worker

LEAD = "so-noi-vu"
PATH = f"/v1/units/{LEAD}/mailboxes"
ITEMS = [
    {"role": "officer", "address": "vanthu@noivu.hanoi.example.vn"},
    {"role": "unit_head", "address": "giamdoc@noivu.hanoi.example.vn"},
]


async def put(api: Api, items: object, **headers: str) -> httpx.Response:
    return await api.send("PUT", PATH, api.operator, json={"items": items}, headers=headers)


async def test_they_are_replaced_as_a_whole_and_by_their_tag(city: Api) -> None:
    empty = await city.get(PATH, city.operator)
    assert empty.json() == {"unit": LEAD, "items": []}
    first = await put(city, ITEMS, **{"If-Match": empty.headers["etag"]})
    assert first.status_code == 200, first.text
    assert first.json() == {"unit": LEAD, "items": ITEMS}
    read = await city.get(PATH, city.operator)
    assert (read.json(), read.headers["etag"]) == (first.json(), first.headers["etag"])
    assert (await put(city, [], **{"If-Match": empty.headers["etag"]})).status_code == 412, "somebody changed them"
    assert (await put(city, ITEMS[:1])).json()["items"] == ITEMS[:1]
    assert (await put(city, [])).json()["items"] == []


@pytest.mark.parametrize(
    "item",
    [
        {"role": "citizen", "address": "a@b.vn"},
        {"role": "officer", "address": "a@b"},
        {"role": "officer", "address": "a b@c.vn"},
        {"role": "officer", "address": "a@c.vn\r\nBcc: x@y.vn"},
        {"role": "officer", "address": "Văn thư <a@c.vn>"},
        {"role": "officer", "address": "a" * 250 + "@c.vn"},
        {"role": "officer", "address": "a@c.vn", "name": "Nguyễn Văn A"},
        {"role": "officer"},
    ],
)
async def test_what_is_no_address_of_a_role_is_refused(city: Api, item: object) -> None:
    assert (await put(city, [item])).status_code == 422


async def test_the_operator_alone_reads_and_writes_them(city: Api) -> None:
    for who in (city.coordinator, city.head(LEAD), city.officer(LEAD), city.token("system"), city.token("inspector")):
        for answer in (
            await city.get(PATH, who),
            await city.send("PUT", PATH, who, json={"items": []}),
            await city.get("/v1/mails", who),
            await city.send("POST", "/v1/mails/1/actions/retry", who),
        ):
            assert answer.status_code == 403
    for path in ("/v1/units/khong-co/mailboxes", "/v1/units/no-such/mailboxes"):
        assert (await city.get(path, city.operator)).status_code == 404
        assert (await city.send("PUT", path, city.operator, json={"items": ITEMS})).status_code == 404
    assert (await city.send("POST", "/v1/mails/1/actions/retry", city.operator)).status_code == 404


async def test_addresses_stand_in_one_table_alone(city: Api, clock: FixedClock) -> None:
    await mailbox(city, LEAD, officer="vanthu@noivu.hanoi.example.vn")
    with post_office() as office:
        async with worker(city, office.port) as here:
            task = {"title": "Việc", "lead_unit": LEAD, "due_on": "2024-06-28"}
            await city.send("POST", "/v1/tasks", city.coordinator, json=task)
            await gathered(here, clock)
            await delivered(post_of(here))
    assert len(office.taken) == 1
    async with city.here.engine.connect() as conn:
        for table in METADATA.sorted_tables:
            rows = (await conn.execute(select(table))).all()
            assert ("vanthu" in str(rows)) == (table.name == "mailboxes"), table.name


async def test_mails_to_a_mailbox_that_is_gone_are_not_sent(city: Api, clock: FixedClock) -> None:
    gone, stays = "cu@noivu.hanoi.example.vn", "vanthu@noivu.hanoi.example.vn"
    await mailbox(city, LEAD, officer=gone, unit_head=stays)
    with post_office() as office:
        async with worker(city, office.port) as here:
            task = {"title": "Việc", "lead_unit": LEAD, "due_on": "2024-06-28"}
            await city.send("POST", "/v1/tasks", city.coordinator, json=task)
            await gathered(here, clock)
            await mailbox(city, LEAD, unit_head=stays)
            await delivered(post_of(here))
    assert [message["To"] for message in office.taken] == [stays]
    [mail] = await listed(city)
    assert (mail["state"], mail["role"]) == ("sent", "unit_head")


async def test_mails_are_listed_page_by_page(city: Api, clock: FixedClock) -> None:
    items = [{"role": "officer", "address": f"cb{number}@noivu.hanoi.example.vn"} for number in range(5)]
    await put(city, items)
    async with worker(city, 1) as here:
        await city.send("POST", "/v1/tasks", city.coordinator, json={"title": "Việc", "lead_unit": LEAD})
        await gathered(here, clock)
    whole = await listed(city)
    page = (await city.get("/v1/mails", city.operator, limit=3)).json()
    rest = (await city.get("/v1/mails", city.operator, limit=3, cursor=page["next_cursor"])).json()
    assert [*page["items"], *rest["items"]] == whole
    assert (len(whole), rest["next_cursor"]) == (5, None)
    assert await listed(city, state="waiting") == whole
    assert await listed(city, state="sent") == await listed(city, state="refused") == []
