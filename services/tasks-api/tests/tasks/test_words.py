"""Tasks with certain words: whichever way they are found, the list is the same."""

from collections.abc import Iterator

import pytest
from sqlalchemy import func, select

from cchc_shared.contract.wording import unmarked
from tasks_api.tasks import listing
from tasks_api.tasks.models import CELL, tasks
from tests.support.tasks import Api

from .test_due_days import listed


@pytest.fixture
def anew() -> Iterator[None]:
    yield
    listing._by_words.cache_clear()


async def titled(api: Api, titles: list[str]) -> dict[str, str]:
    """Tasks with these titles, by code; some follow one another, most are some cells of ids apart."""
    made = {}
    sequence = func.pg_get_serial_sequence(tasks.name, tasks.c.id.name)
    for number, title in enumerate(titles, 1):
        if number % 3:
            async with api.here.engine.begin() as conn:
                await conn.execute(select(func.setval(sequence, number * CELL * 2)))
        answer = await api.send("POST", "/v1/tasks", api.coordinator, json={"title": title, "lead_unit": "so-noi-vu"})
        assert answer.status_code == 201, answer.text
        made[answer.json()["code"]] = title
    return made


@pytest.mark.usefixtures("anew")
async def test_words_are_found_among_the_newest_near_and_anywhere(city: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    often = ["Kiểm kê ở Ba Đình", "Kiểm kê ở Bà Dính", "Dinh Ba"]
    seldom = {3: "Phiếu kiểm đỏ", 5: "Phieu kiem", 17: "Phiếu kiểm xanh"}
    made = await titled(city, [seldom.get(number, often[number % 3]) for number in range(24)])

    def having(*words: str, but: str = "-") -> list[str]:
        said = {code: unmarked(title).split() for code, title in made.items()}
        return [code for code in reversed(made) if set(words) <= set(said[code]) and but not in made[code]]

    expected = {
        "ba dinh": having("ba", "dinh"),
        '"ba dinh"': having("ba", "dinh", "kiem"),
        "Ba Đình": having("ba", "dinh", but="Bà"),
        "phieu": having("phieu"),
        "phiếu đỏ": having("phieu", "do"),
        "kiem": having("kiem"),
        "vắng": [],
        f'"{next(iter(made))}"': [next(iter(made))],
    }
    for newest, near in ((1024, 8), (2, 8), (2, 1), (0, 40), (0, 0)):
        monkeypatch.setattr(listing, "NEWEST", newest)
        monkeypatch.setattr(listing, "NEAR", near)
        listing._by_words.cache_clear()
        for query, codes in expected.items():
            found = await listed(city, q=query)
            assert [code for code in found if code in made] == codes, (newest, near, query)
