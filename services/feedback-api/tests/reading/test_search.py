"""Search as people type: marks, tone marks in either style, both forms of Unicode, codes, addresses, ids."""

import unicodedata
from typing import Any, Literal

import pytest
from sqlalchemy import select, update

from feedback_api.reading.timers import make_words
from feedback_api.reports.models import feedback

from ..conftest import People, Service

REPORTS: dict[str, dict[str, Any]] = {
    "lamp": {"title": "Đèn đường hỏng", "content": "Ba đêm liền không sáng"},
    "flood": {"content": "Ngập nước trước nhà văn hoá, hoà nhau cả xóm"},
    "bare": {"content": "den duong hong o ngo 12"},
    "street": {"content": "Cây đổ", "location": {"address": "Số 8 phố Nguyễn Trãi, phường Thanh Xuân"}},
    "scattered": {"content": "Ông Trãi và bà Nguyễn đỗ xe"},
    "channel": {"channel": "hotline", "channel_ref": "H26-0042/a", "content": "Đến chậm"},
}


@pytest.fixture
async def codes(service: Service, people: People) -> dict[str, str]:
    """By name."""
    return {name: str((await service.post(body, **people["system"])).json()["code"]) for name, body in REPORTS.items()}


async def search(service: Service, people: People, codes: dict[str, str], query: str) -> set[str]:
    answer = await service.client.get("/v1/feedback", params={"q": query}, headers=people["desk"])
    assert answer.status_code == 200, answer.text
    found = {item["code"] for item in answer.json()["items"]}
    return {name for name, code in codes.items() if code in found}


FINDS = [
    ("den", {"lamp", "bare", "channel"}),
    ("đèn", {"lamp", "bare"}),
    ("ĐÈN", {"lamp", "bare"}),
    ("đến", {"channel", "bare"}),
    ("hong den", {"lamp", "bare"}),
    ("đen hỏng", {"bare"}),  # without this mark it is another word
    ("ngap", {"flood"}),
    ("ngập", {"flood"}),
    ("hòa", {"flood"}),
    ("hoà", {"flood"}),
    ("văn hóa", {"flood"}),
    ("hoả", set()),
    ("nguyễn trãi", {"street", "scattered"}),
    ('"nguyễn trãi"', {"street"}),
    ("“Nguyen Trai”", {"street"}),
    ("nguyễn-trãi", {"street"}),
    ("so 8 thanh xuân", {"street"}),
    ("h26-0042/A", {"channel"}),
    ("0042", {"channel"}),
    ("0042 đến", {"channel"}),
    ("sáng  đèn", {"lamp"}),
    ("không-có", set()),
    ("???", set()),
    ('"', set()),
    ("' | den:*", {"lamp", "bare", "channel"}),
    ("²", set()),
    ("%", set()),
]


@pytest.mark.parametrize("form", ["NFC", "NFD"])
async def test_what_a_query_finds(
    service: Service, people: People, codes: dict[str, str], form: Literal["NFC", "NFD"]
) -> None:
    for query, found in FINDS:
        assert await search(service, people, codes, unicodedata.normalize(form, query)) == found, query


async def test_a_code_is_found_in_any_case(service: Service, people: People, codes: dict[str, str]) -> None:
    assert await search(service, people, codes, codes["lamp"].lower()) == {"lamp"}


async def test_what_was_sent_decomposed_is_found(service: Service, people: People) -> None:
    content = unicodedata.normalize("NFD", "Ngập ở đây")
    code = (await service.post({"content": content}, **people["citizen"])).json()["code"]
    for query in ("ngập", "ngap"):
        assert await search(service, people, {"it": code}, query) == {"it"}


async def test_reports_without_words_get_them(service: Service, people: People, codes: dict[str, str]) -> None:
    """As an older instance takes them in, and as they are when their sender was erased."""
    before = dict(await service.rows(select(feedback.c.code, feedback.c.words)))
    async with service.here.engine.begin() as conn:
        await conn.execute(update(feedback).values(words=None))
    assert await search(service, people, codes, "den") == set()
    swept: list[int] = []
    async with service.here.engine.begin() as conn:
        while not swept or swept[-1]:
            swept.append((await make_words(conn, service.here.clock.now(), service.here)).moved)
    assert swept == [len(codes), 0]
    assert dict(await service.rows(select(feedback.c.code, feedback.c.words))) == before
