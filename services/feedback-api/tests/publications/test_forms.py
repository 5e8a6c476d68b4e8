"""The three forms of a sheet over HTTP, and the list of months."""

import base64
import csv
import hashlib
import io
import re

import pytest
from lxml import html as pages
from pydantic import TypeAdapter
from sqlalchemy import update

from cchc_shared.contract.codes import Channel
from cchc_shared.directory.models import units
from cchc_shared.publications.formats import BYTE_ORDER_MARK
from feedback_api.publications.domain import Figures, SheetTable
from feedback_api.publications.schemas import PublicationOut
from feedback_api.publications.sheets import WORDING

from ..conftest import HOME_AFFAIRS, JUSTICE
from .conftest import CLOSED, PATH, City

MEDIA = {"html": "text/html", "csv": "text/csv", "json": "application/json"}
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8"


@pytest.fixture
async def published(city: City) -> City:
    """November is published, with a unit whose name is hostile."""
    hostile = '=HYPERLINK("http://x")<script>alert(1)</script>'
    async with city.service.here.engine.begin() as conn:
        await conn.execute(update(units).where(units.c.code == JUSTICE).values(name=hostile))
        await conn.execute(update(units).where(units.c.code == HOME_AFFAIRS).values(name="Sở Nội vụ"))
    await city.service.directory.refresh()
    for channel in Channel:
        await city.send(channel=channel, unit=JUSTICE)
    await city.send(unit=HOME_AFFAIRS, category="lighting", kind="on_site")
    city.move(CLOSED)
    await city.close()
    return city


async def test_the_address_alone_is_a_page_unless_another_form_is_asked_for(published: City) -> None:
    client = published.service.client
    for address in (f"{PATH}/2026-11", f"{PATH}/2026-11/units/{HOME_AFFAIRS}"):
        for form, media in MEDIA.items():
            by_suffix = await client.get(f"{address}.{form}")
            by_accept = await client.get(address, headers={"Accept": media})
            assert by_suffix.status_code == by_accept.status_code == 200
            assert by_suffix.headers["Content-Type"].split(";")[0] == media
            assert by_suffix.content == by_accept.content
            assert by_accept.headers["Vary"] == "Accept"
        for accept in ("*/*", BROWSER, "image/png", "nonsense", "text/html;q=0.5, application/json;q=0.1"):
            answer = await client.get(address, headers={"Accept": accept})
            assert answer.headers["Content-Type"] == "text/html; charset=utf-8", accept
    for address in ("/2026-11.xml", "/2026-13", "/2026-11/units/nobody", "/2026-11.json?version=2", "/0001-01.html"):
        assert (await client.get(PATH + address)).status_code in {404, 422}, address
    assert (await client.get(f"{PATH}/2026-11.json?versions=1")).status_code == 422


async def test_the_json_is_what_was_hashed_and_what_the_contract_says(published: City) -> None:
    answer = await published.service.client.get(f"{PATH}/2026-11.json")
    digest = hashlib.sha256(answer.content)
    assert answer.headers["Repr-Digest"] == f"sha-256=:{base64.b64encode(digest.digest()).decode()}:"
    contract = TypeAdapter(PublicationOut).validate_json(answer.content)
    assert contract.model_dump(mode="json") == answer.json()
    again = await published.service.client.get(
        f"{PATH}/2026-11.json", headers={"If-None-Match": answer.headers["ETag"]}
    )
    assert (again.status_code, again.content) == (304, b"")
    page = await published.service.client.get(f"{PATH}/2026-11")
    assert digest.hexdigest() in page.text
    months = (await published.service.client.get(PATH)).json()["items"]
    assert [(month["month"], month["versions"][0]["sha256"]) for month in months] == [("2026-11", digest.hexdigest())]


def test_every_figure_and_table_has_a_name() -> None:
    assert (tuple(WORDING.figures), set(WORDING.tables)) == (Figures.__struct_fields__, set(SheetTable))


async def test_the_csv_holds_every_figure_and_no_formula(published: City) -> None:
    sheet = await published.read()
    answer = await published.service.client.get(f"{PATH}/2026-11.csv")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="phan-anh-2026-11.csv"'
    assert answer.text.startswith(BYTE_ORDER_MARK)
    read = list(csv.DictReader(io.StringIO(answer.text.removeprefix(BYTE_ORDER_MARK), newline="")))
    found = {(row["table"], row["code"], row["period"]): row for row in read}
    assert len(found) == len(read)
    for table in WORDING.tables:
        for row in [sheet["total"]] if table == "total" else sheet[f"by_{table}"]:
            for period in ("month", "year"):
                written = found.pop((table, row["code"] or "", period))
                expected = {name: "" if value is None else str(value) for name, value in row[period].items()}
                assert {name: written[name] for name in WORDING.figures} == expected
    assert found == {}
    (hostile,) = {row["name"] for row in read if row["code"] == JUSTICE}
    assert hostile.startswith("'=")


async def test_the_page_is_one_that_everyone_can_read(published: City) -> None:
    for address in (f"{PATH}/2026-11", f"{PATH}/2026-11/units/{JUSTICE}", PATH):
        answer = await published.service.client.get(address, headers={"Accept": BROWSER})
        policy = answer.headers["Content-Security-Policy"]
        page = pages.fromstring(answer.text)
        assert "alert(1)" not in [element.text for element in page.iter("script")]
        assert list(page.iter("script", "img", "link", "iframe", "form")) == []
        assert page.xpath("//@style") == []
        assert page.xpath("//@*[starts-with(name(), 'on')]") == []
        (style,) = (element.text for element in page.iter("style"))
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        assert policy.startswith("default-src 'none'")
        assert f"'sha256-{digest}'" in policy
        assert page.get("lang") == "vi"
        assert len(list(page.iter("main"))) == len(list(page.iter("h1"))) == 1
        assert page.findtext(".//title")
        for table in page.iter("table"):
            assert table.find("caption") is not None
            assert all(head.get("scope") for head in table.iter("th"))
            spans = {sum(int(cell.get("colspan", "1")) for cell in row) for row in table.iter("tr")}
            heads = len(table.xpath("./thead/tr"))
            assert len(spans) == heads, "each row but a second one of heads has as many cells"
        ids = page.xpath("//@id")
        assert len(set(ids)) == len(ids)
        assert set(page.xpath("//@aria-labelledby")) <= set(ids)
        names = [" ".join(link.text_content().split()) for link in page.iter("a")]
        assert all(names)


async def test_numbers_stand_on_the_page_as_vietnamese_write_them(published: City) -> None:
    page = pages.fromstring((await published.service.client.get(f"{PATH}/2026-11")).text)
    total = [cell.text for cell in page.xpath("//tr[@class='total']/td")]
    assert total[:2] == ["9", "0"]
    assert "–" in total
    said = " ".join(page.text_content().split())
    for words in ("tháng 11/2026", "30/11/2026", "05/12/2026", "00:05, 06/12/2026", "Ủy ban nhân dân Thành phố Hà Nội"):
        assert words in said, words
    assert re.search(r"Bản · Version\s*1", said)


async def test_a_former_version_stays_and_the_page_says_what_changed(published: City) -> None:
    client = published.service.client
    former = await client.get(f"{PATH}/2026-11.csv")
    await published.send(received_at="2026-11-20T02:00:00Z", unit=HOME_AFFAIRS)
    published.move(CLOSED.replace(day=7))
    assert (await published.correct(reason="Đường dây nóng chuyển <b>muộn</b>")).status_code == 201
    assert (await client.get(f"{PATH}/2026-11.csv?version=1")).content == former.content
    page = (await client.get(f"{PATH}/2026-11")).text
    assert "Đường dây nóng chuyển &lt;b&gt;muộn&lt;/b&gt;" in page
    changed = pages.fromstring(page).xpath("//table[caption/@id='changes']/tbody/tr")
    first = [" ".join(cell.text_content().split()) for cell in changed[0]]
    assert first == ["Tất cả", "Tổng số", "Tiếp nhận trong tháng", "Tiếp nhận", "9", "10"]
    other = (await client.get(f"{PATH}/2026-11/units/{JUSTICE}")).text
    assert "Không số liệu nào của tờ này thay đổi" in other
    listed = (await client.get(PATH)).json()["items"]
    assert [version["version"] for version in listed[0]["versions"]] == [2, 1]
    assert (await client.get(f"{PATH}?x=1")).status_code == 422
