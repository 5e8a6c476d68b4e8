"""Who asks whom how often, and what became of it, as of any day."""

from datetime import UTC, datetime, timedelta

from cchc_shared.calendar.clock import FixedClock
from tests.support.http import Headers, Query
from tests.support.tasks import Api

from .asking import ASKED, FOREIGN, LEAD, act, ask, due, seen, set_to, task_of

FIGURES = ("asked", "answered", "returned", "withdrawn", "late", "silent")


async def counts(api: Api, who: Headers | None = None, **query: Query) -> dict[tuple[str, str], tuple[int, ...]]:
    """By month and unit."""
    answer = await api.get("/v1/consultations/statistics", who or api.coordinator, **query)
    assert answer.status_code == 200, answer.text
    return {(row["month"], row["unit"]): tuple(row[name] for name in FIGURES) for row in answer.json()["items"]}


async def test_counts_as_of_a_day(city: Api, clock: FixedClock) -> None:
    task = await task_of(city)
    asked = [await ask(city, task) for _ in range(5)]
    await ask(city, task, unit=FOREIGN, working_days=5)
    await act(city, asked[0], "answer", city.officer(ASKED))
    clock.advance(timedelta(days=1))  # 4 June
    await act(city, asked[1], "return", city.officer(ASKED))
    await act(city, asked[2], "withdraw", city.officer(LEAD))
    set_to(clock, due(asked[3]) + timedelta(days=1))  # 7 June; the deadline was on 6 June
    await act(city, await seen(city, asked[3]["id"]), "answer", city.officer(ASKED))
    set_to(clock, datetime(2024, 6, 30, 17, 30, tzinfo=UTC))  # 1 July in Hanoi
    await ask(city, task)
    june, july = ("2024-06", ASKED), ("2024-07", ASKED)
    assert (await counts(city, as_of="2024-06-02")) == {}
    assert (await counts(city, as_of="2024-06-03"))[june] == (5, 1, 0, 0, 0, 0)
    assert (await counts(city, as_of="2024-06-04"))[june] == (5, 1, 1, 1, 0, 0)
    assert (await counts(city, as_of="2024-06-05"))[june] == (5, 1, 1, 1, 0, 0)
    assert (await counts(city, as_of="2024-06-06"))[june] == (5, 1, 1, 1, 0, 2), "nothing has recorded it"
    assert (await counts(city, as_of="2024-06-07"))[june] == (5, 1, 1, 1, 1, 1)
    whole = {june: (5, 1, 1, 1, 1, 1), ("2024-06", FOREIGN): (1, 0, 0, 0, 0, 1), july: (1, 0, 0, 0, 0, 0)}
    assert await counts(city) == whole
    assert await counts(city, since="2024-07-01") == {july: whole[july]}
    assert await counts(city, city.officer(ASKED)) == {key: whole[key] for key in (june, july)}
    assert await counts(city, city.officer(LEAD), unit=FOREIGN) == {("2024-06", FOREIGN): (1, 0, 0, 0, 0, 1)}
    assert await counts(city, asker=ASKED) == {}


async def test_pages_of_counts(city: Api) -> None:
    task = await task_of(city)
    for unit in (ASKED, FOREIGN):
        await ask(city, task, unit=unit)
    found, cursor = list[str](), dict[str, str]()
    for _ in range(2):
        page = (await city.get("/v1/consultations/statistics", city.coordinator, limit=1, **cursor)).json()
        found += [row["unit"] for row in page["items"]]
        cursor = {"cursor": page["next_cursor"]}
    assert found == sorted([ASKED, FOREIGN])
    assert cursor == {"cursor": None}
