"""A month closes by itself, once, as of its day; what was published stays, and what comes late is said anew."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.exc import DBAPIError

from cchc_shared.calendar.months import Month
from cchc_shared.publications.models import postings, sheets
from cchc_shared.publications.publishing import Publishing
from cchc_shared.service.timers import TimerLoop
from dossiers_api.dossiers import repository as dossiers
from dossiers_api.dossiers.models import delivery
from dossiers_api.publications.domain import Counts, Group, outcome, stood
from dossiers_api.publications.feature import FEATURE

from ..conftest import HOME_AFFAIRS, JUSTICE, item
from .conftest import CLOSED, PATH, City

NOVEMBER = Month(2026, 11)
END = datetime(2026, 11, 30, 17, tzinfo=UTC)
"""Of November in Hanoi."""
FIGURES = ("received", "ended", "on_time", "late", "overdue_open", "not_due", "undated")


def lives(chance: Random, number: int) -> list[dict[str, Any]]:
    """A dossier received near an end of November, and what happens to it before and after November ends."""
    received = chance.choice(["2026-10-31T23:59", "2026-11-01T00:00", "2026-11-10T10:00", "2026-11-30T23:59"])
    due = chance.choice(["2026-11-20T17:00:00+07:00", "2026-12-20T17:00:00+07:00", None])
    own = {
        "dossier": f"H26.33-261102-{number:04}",
        "unit": chance.choice([HOME_AFFAIRS, JUSTICE]),
        "channel": chance.choice(["online", "counter", "post"]),
        "field": chance.choice(["land", "trade", None]),
        "received_at": f"{received}:00+07:00",
        "appointment_at": due,
    }
    said = [item("received", received, **own)] if chance.random() < 0.8 else []
    days = ["2026-11-30T23:59", "2026-12-01T00:00", "2026-12-02T10:00", "2026-12-03T09:00"]
    for day in sorted(chance.sample(days, chance.randint(0, 3))):
        status = chance.choice(["supplement_requested", "in_progress", "handled"])
        said.append(item(status, day, **own))
    return said


async def plainly(city: City, known: datetime) -> Counter[tuple[Group, str]]:
    """Every dossier made anew of all that was known of it, and counted one by one."""
    found: Counter[tuple[Group, str]] = Counter()
    async with city.service.here.engine.connect() as conn:
        codes = list(await conn.scalars(select(delivery.c.code).distinct()))
        for said in (await dossiers.said_of(conn, codes, known)).values():
            facts = stood(said, 1, END)
            if facts is None or facts.received_at is None:
                continue
            day = city.service.here.calendar.local_date(facts.received_at)
            group = Group(Month(day.year, day.month), facts.unit, facts.channel, facts.field)
            found.update([(group, "received"), (group, outcome(facts, END))])
            found.update([(group, "ended")] if facts.ended_at else [])
    return found


async def counted(city: City, known: datetime) -> Counter[tuple[Group, str]]:
    """What the publication counts."""
    found: Counter[tuple[Group, str]] = Counter()
    async with city.service.here.engine.connect() as conn:
        cells = (await city.service.here.use(Publishing).counting.count(conn, NOVEMBER, known)).city
    for cell in cells:
        for name in Counts._fields:
            found[Group(cell.month, cell.unit, cell.channel, cell.field), name] += getattr(cell.counts, name)
    return +found


@pytest.mark.parametrize("seed", range(4))
async def test_whatever_comes_when_each_dossier_counts_by_what_was_known(city: City, seed: int) -> None:
    chance = Random(seed)  # noqa: S311 - a test, to be repeated
    said = [each for number in range(40) for each in lives(chance, number)]
    chance.shuffle(said)
    third = len(said) // 3
    moments = [datetime(2026, 12, 4, tzinfo=UTC), CLOSED - timedelta(hours=1), CLOSED + timedelta(days=2)]
    for place, at in enumerate(moments):
        city.move(at)
        await city.service.send(*said[place * third : (place + 1) * third])
    knowns = [*moments, CLOSED + timedelta(days=3)]
    figures = [await counted(city, known) for known in knowns]
    assert figures == [await plainly(city, known) for known in knowns]
    assert not figures[0]
    assert len({frozenset(each.items()) for each in figures}) == len(knowns), "each moment knows more"


async def test_what_is_published_is_what_statistics_say_of_a_month_that_is_settled(city: City) -> None:
    """Nothing happened after its end, so the counts of today are those of then, but for what became due since."""
    chance = Random(7)  # noqa: S311 - a test, to be repeated
    said = [each for number in range(30) for each in lives(chance, number)]
    city.move(datetime(2026, 12, 4, tzinfo=UTC))
    await city.service.send(*(each for each in said if datetime.fromisoformat(each["at"]) < END))
    await city.close()
    sheet = await city.read()
    assert (sheet["as_of"], sheet["known_at"], sheet["version"]) == ("2026-11-30", "2026-12-05", 1)
    for table in ("unit", "channel", "field"):
        asked = {"from": "2026-11-01", "to": "2026-11-30", "group_by": table}
        answer = await city.service.client.get("/v1/statistics/dossiers", params=asked, headers=city.desk)
        rows = {row[table]: {name: row[name] for name in FIGURES} for row in answer.json()["rows"]}
        published = {row["code"]: {name: row["month"][name] for name in FIGURES} for row in sheet[f"by_{table}"]}
        if table == "field":
            assert sum(row["received"] for row in rows.values()) == sum(row["received"] for row in published.values())
            continue
        assert {code: row for code, row in published.items() if row["received"]} == rows
    total = sheet["total"]
    for table in ("unit", "channel", "field"):
        for period in ("month", "year"):
            for name in FIGURES:
                assert total[period][name] == sum(row[period][name] for row in sheet[f"by_{table}"]), (table, name)
    assert total["year"]["received"] > total["month"]["received"]


async def test_a_status_that_comes_late_changes_what_is_true_and_not_what_was_published(city: City) -> None:
    await city.say(item("received", "2026-11-02T09:00"))
    await city.close()
    before = await city.service.client.get(f"{PATH}/2026-11.json")
    assert before.json()["total"]["month"]["overdue_open"] == 1
    await city.say(item("handled", "2026-11-05T09:00"))
    city.move(CLOSED + timedelta(days=1))
    after = await city.service.client.get(f"{PATH}/2026-11.json")
    assert (before.content, before.headers["ETag"]) == (after.content, after.headers["ETag"])
    corrected = await city.correct()
    assert corrected.status_code == 201
    assert corrected.headers["Location"] == f"{PATH}/2026-11?version=2"
    second = await city.read()
    assert (second["version"], second["known_at"], second["reason"]) == (2, "2026-12-06", "Hệ thống gửi muộn")
    changed = {(each["table"], each["code"], each["period"], each["figure"]): each for each in second["changes"]}
    on_time = changed["unit", HOME_AFFAIRS, "month", "on_time"]
    assert (on_time["old"], on_time["new"]) == (0, 1)
    assert changed["total", None, "year", "overdue_open"]["new"] == 0
    assert ("total", None, "month", "received") not in changed
    assert await city.read(version=1) == before.json()
    listed = (await city.service.client.get(PATH)).json()["items"]
    assert [(each["version"], each["reason"]) for each in listed[0]["versions"]] == [
        (2, "Hệ thống gửi muộn"),
        (1, None),
    ]
    same = await city.correct()
    assert (same.status_code, same.json()["code"]) == (409, "nothing-to-correct")


async def test_it_waits_for_its_day_and_is_then_as_of_that_day_however_late(city: City) -> None:
    await city.say(item("received", "2026-11-02T09:00"))
    await city.close(CLOSED - timedelta(seconds=1))
    answer = await city.service.client.get(f"{PATH}/2026-11.json")
    assert (answer.status_code, answer.json()["code"]) == (404, "not-published")
    assert (await city.correct()).json()["code"] == "month-still-open"
    city.move(CLOSED + timedelta(days=1))
    await city.say(item("handled", "2026-11-05T09:00"))  # on the sixth it is too late for November
    for _ in range(2):
        await city.close(CLOSED + timedelta(days=40))
    november = await city.read()
    assert november["known_at"] == "2026-12-05"
    assert (november["total"]["month"]["ended"], november["total"]["month"]["overdue_open"]) == (0, 1)
    december = await city.read("2026-12")
    assert (december["total"]["month"]["received"], december["total"]["year"]["on_time"]) == (0, 1)
    assert (await city.service.client.get(f"{PATH}/2026-10")).status_code == 404


async def test_a_unit_has_a_sheet_of_its_own_without_fields(city: City) -> None:
    for number in range(12):
        field = "land" if number < 10 else "adoption"
        await city.say(item("received", "2026-11-02T09:00", dossier=f"H26.33-261102-{number:04}", field=field))
    await city.close()
    sheet, unit, other = [await city.read(unit=code) for code in (None, HOME_AFFAIRS, JUSTICE)]
    assert {row["code"]: row["year"]["received"] for row in sheet["by_field"]} == {"land": 10, "few": 2}
    assert "adoption" not in str(sheet)
    assert (unit["by_field"], unit["by_unit"]) == ([], [])
    assert unit["total"]["month"] == sheet["by_unit"][0]["month"]
    assert other["total"]["month"]["received"] == 0
    page = await city.service.client.get(f"{PATH}/2026-11")
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    said = " ".join(page.text.split())
    for words in ("Kết quả tiếp nhận, giải quyết hồ sơ", "tháng 11/2026", "Các lĩnh vực dưới 10 hồ sơ", "05/12/2026"):
        assert words in said, words
    table = await city.service.client.get(f"{PATH}/2026-11.csv")
    assert table.headers["Content-Disposition"] == 'attachment; filename="ho-so-2026-11.csv"'
    assert ",few," in table.text


async def test_many_workers_close_a_month_once(city: City) -> None:
    await city.say(item("received", "2026-11-02T09:00"))
    loops = [TimerLoop(city.service.here, (), (), FEATURE.ticks) for _ in range(4)]
    await loops[0].round()  # a tick that is new begins with the next slot
    city.move(CLOSED)
    await asyncio.gather(*(loop.round() for loop in loops))
    city.clock.advance(timedelta(minutes=1))
    await asyncio.gather(*(loop.round() for loop in loops), city.close(CLOSED + timedelta(minutes=1)))
    async with city.service.here.engine.connect() as conn:
        made = (await conn.execute(select(sheets.c.version, func.count()).group_by(sheets.c.version))).all()
    assert [tuple(row) for row in made] == [(1, 3)], "the city, and the two units that existed then"


async def test_who_corrects_and_where_it_hung(city: City) -> None:
    await city.close()
    tokens = city.service.tokens
    for role in ("officer", "unit_head", "citizen", "inspector", "system"):
        unit = HOME_AFFAIRS if role in {"officer", "unit_head"} else None
        caller = tokens(sub=f"{role}-1", roles=[role], unit=unit)
        assert (await city.correct(caller=caller)).status_code == 403
    refused = await city.correct(reason="Gọi 0912 345 678 để biết")
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "body.reason")
    officer = tokens(sub="officer-1", roles=["officer"], unit=JUSTICE)
    body = {"version": 1, "place": "Bộ phận một cửa", "posted_on": "2026-12-06"}
    path = f"{PATH}/2026-11/postings"
    assert (await city.service.client.post(path, json=body, headers=officer)).status_code == 201
    log = (await city.service.client.get(path)).json()["items"]
    assert [(each["unit"], each["unit_name"], each["place"]) for each in log] == [
        (JUSTICE, "Sở Tư pháp", "Bộ phận một cửa")
    ]
    assert "Bộ phận một cửa" in (await city.service.client.get(f"{PATH}/2026-11/units/{JUSTICE}")).text


async def test_the_database_refuses_to_change_what_was_published(city: City) -> None:
    await city.close()
    for statement in (
        update(sheets).values(reason="x"),
        delete(sheets),
        text("TRUNCATE publication"),
        update(postings).values(place="x"),
        delete(postings),
    ):
        with pytest.raises(DBAPIError):
            async with city.service.here.engine.begin() as conn:
                await conn.execute(statement)
