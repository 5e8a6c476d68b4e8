"""A month closes by itself, once, as of its day; what was published stays."""

import asyncio
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.exc import DBAPIError

from cchc_shared.publications.models import postings, sheets
from cchc_shared.service.timers import TimerLoop
from feedback_api.bootstrap import build_worker
from feedback_api.publications.feature import FEATURE
from feedback_api.settings import FeedbackSettings

from ..conftest import CENTRE, HOME_AFFAIRS, JUSTICE
from .conftest import CLOSED, PATH, City, rows

TABLES = ("total", "channel", "kind", "category", "unit")
LAST_OF_OCTOBER = datetime(2026, 10, 31, 16, 59, 59, tzinfo=UTC)  # 23:59:59 in Hanoi


async def busy_november(city: City) -> None:
    """Out of order, some twice, near midnight in Hanoi; answered, refused, passed on, and left alone."""
    second = timedelta(seconds=1)
    sent: list[dict[str, Any]] = [
        {"received_at": "2026-11-17T16:59:59.999999Z", "channel": "zalo", "channel_ref": "3", "kind": "conduct"},
        {"received_at": LAST_OF_OCTOBER.isoformat(), "channel": "zalo", "channel_ref": "1", "kind": "on_site"},
        {"received_at": (LAST_OF_OCTOBER + second).isoformat(), "channel": "zalo", "channel_ref": "2"},
        {"received_at": "2026-02-10T02:00:00Z", "channel": "email", "unit": HOME_AFFAIRS, "kind": "conduct"},
        {"received_at": "2025-12-31T16:59:59Z", "channel": "email"},
        {"received_at": "2026-11-02T02:00:00Z", "category": "lighting", "kind": "on_site", "unit": HOME_AFFAIRS},
    ]
    for body in [*sent, sent[0], sent[2]]:
        await city.send(**body)
    for severity, action in (("urgent", "answer"), ("normal", "answer"), ("normal", "refuse")):
        code = await city.send(unit=HOME_AFFAIRS, kind="conduct", severity=severity)
        act, people = city.service.act, city.people
        assert (await act(code, "assign", people["desk"], 1)).status_code == 200
        assert (await act(code, "accept", people["officer"], 2)).status_code == 200
        city.clock.advance(timedelta(hours=9))
        if action == "refuse":
            assert (await act(code, "refuse", people["head"], 3, {"reason": "complaint"})).status_code == 200
            continue
        draft = {"answer": "Đã giải thích", "outcome": "explained"}
        assert (await act(code, "draft_answer", people["officer"], 3, draft)).status_code == 200
        assert (await act(code, "approve_answer", people["head"], 4)).status_code == 200


async def test_what_is_published_is_what_statistics_say(city: City) -> None:
    await busy_november(city)
    city.move(CLOSED)
    await city.close()
    sheet = await city.read()
    assert (sheet["as_of"], sheet["known_at"], sheet["version"]) == ("2026-11-30", "2026-12-05", 1)
    assert (sheet["total"]["month"]["received"], sheet["total"]["year"]["received"]) == (6, 8)
    for period in ("month", "year"):
        for table in TABLES:
            assert rows(sheet, table, period) == await city.counted(sheet, table, period), (table, period)
    unit = await city.read(unit=HOME_AFFAIRS)
    assert rows(unit, "total", "month")["total", None] == rows(sheet, "unit", "month")["unit", HOME_AFFAIRS]
    assert unit["total"]["month"]["late"] + unit["total"]["month"]["missed"] > 0
    both = await city.counted(sheet, "channel", "month")
    assert sum(row["received"] for row in both.values()) == 6


@pytest.mark.parametrize("seed", range(3))
async def test_neither_order_nor_repetition_nor_midnight_moves_a_figure(city: City, seed: int) -> None:
    chance = Random(seed)  # noqa: S311 - a test, to be repeated
    borders = [LAST_OF_OCTOBER + timedelta(seconds=1) + timedelta(days=days) for days in (-31, 0, 16)]
    near = [timedelta(microseconds=1), timedelta(), timedelta(hours=6, minutes=59), timedelta(hours=7)]
    reports: list[dict[str, Any]] = [
        {
            "channel": chance.choice(["hotline", "zalo", "email"]),
            "channel_ref": str(number),
            "kind": chance.choice(["procedure", "conduct", "on_site"]),
            "category": chance.choice(["trees", "flooding", None]),
            "unit": chance.choice([HOME_AFFAIRS, JUSTICE]),
            "received_at": (chance.choice(borders) + chance.choice([1, -1]) * chance.choice(near)).isoformat(),
        }
        for number in range(30)
    ]
    sent = reports + chance.sample(reports, 10)
    chance.shuffle(sent)
    await asyncio.gather(*(city.send(**body) for body in sent))
    city.move(CLOSED)
    await city.close()
    sheet = await city.read()
    local = [datetime.fromisoformat(body["received_at"]) + timedelta(hours=7) for body in reports]
    assert sheet["total"]["month"]["received"] == sum((at.year, at.month) == (2026, 11) for at in local)
    assert sheet["total"]["year"]["received"] == len(reports)
    for period in ("month", "year"):
        for table in TABLES:
            assert rows(sheet, table, period) == await city.counted(sheet, table, period), (table, period)


async def test_it_waits_for_its_day_and_is_then_as_of_that_day_however_late(city: City) -> None:
    await city.send()
    city.move(CLOSED - timedelta(seconds=1))
    await city.close()
    answer = await city.service.client.get(f"{PATH}/2026-11.json")
    assert (answer.status_code, answer.json()["code"]) == (404, "not-published")
    city.move(CLOSED + timedelta(days=1))
    await city.send(received_at="2026-11-20T02:00:00Z")  # on the sixth it is too late for November
    city.move(CLOSED + timedelta(days=40))
    for _ in range(3):
        await city.close()
    november = await city.read("2026-11")
    assert (november["known_at"], november["total"]["month"]["received"]) == ("2026-12-05", 1)
    assert november["published_at"].startswith("2027-01-14")
    december = await city.read("2026-12")
    assert (december["known_at"], december["total"]["year"]["received"]) == ("2027-01-05", 2)
    assert (await city.service.client.get(f"{PATH}/2026-10")).status_code == 404
    assert (await city.service.client.get(f"{PATH}/2027-01")).status_code == 404


async def test_a_late_arrival_changes_what_is_true_and_not_what_was_published(city: City) -> None:
    await city.send(channel="zalo")
    city.move(CLOSED)
    await city.close()
    before = await city.service.client.get(f"{PATH}/2026-11.json")
    late = await city.send(received_at="2026-11-20T02:00:00Z", channel="email")
    city.move(CLOSED + timedelta(days=1))
    after = await city.service.client.get(f"{PATH}/2026-11.json")
    assert (before.content, before.headers["ETag"]) == (after.content, after.headers["ETag"])
    assert rows(before.json(), "total", "month") == await city.counted(before.json(), "total", "month")
    now = await city.counted(before.json(), "total", "month", known_at="2026-12-06")
    assert now["total", None]["received"] == 2
    corrected = await city.correct()
    assert corrected.status_code == 201
    second = await city.read()
    assert (second["version"], second["known_at"], second["reason"]) == (2, "2026-12-06", "Kênh chuyển muộn")
    assert rows(second, "channel", "month") == await city.counted(second, "channel", "month")
    changed = {(each["table"], each["code"], each["period"], each["figure"]): each for each in second["changes"]}
    assert {key[:2] for key in changed} == {
        ("total", None),
        ("channel", "email"),
        ("kind", "procedure"),
        ("category", None),
        ("unit", CENTRE),
    }
    received = changed["channel", "email", "month", "received"]
    assert (received["old"], received["new"]) == (0, 1)
    assert (await city.read(version=1)) == before.json()
    assert late


async def test_235_and_149_are_384(city: City) -> None:
    """History that was delivered later is published by the co-ordinator: no rule closed these months."""
    last_of_january = datetime(2024, 1, 31, 16, 59, 59, tzinfo=UTC)

    async def receive(number: int) -> None:
        at = last_of_january if number < 235 else last_of_january + timedelta(seconds=1)
        await city.send(received_at=at.isoformat(), channel=("hotline", "zalo", "email")[number % 3])

    await asyncio.gather(*map(receive, range(384)))
    city.clock.advance(timedelta(days=1))
    for month, received, since_january in (("2024-02", 149, 384), ("2024-01", 235, 235)):
        assert (await city.correct(month, "Công bố số liệu cũ")).status_code == 201
        sheet = await city.read(month)
        assert (sheet["total"]["month"]["received"], sheet["total"]["year"]["received"]) == (received, since_january)
        for period in ("month", "year"):
            assert rows(sheet, "channel", period) == await city.counted(sheet, "channel", period)


async def test_many_workers_close_a_month_once(city: City, settings: FeedbackSettings) -> None:
    await city.send()
    loops = [TimerLoop(city.service.here, (), (), FEATURE.ticks) for _ in range(4)]
    await loops[0].round()  # a tick that is new begins with the next slot
    city.move(CLOSED)
    await asyncio.gather(*(loop.round() for loop in loops))
    city.clock.advance(timedelta(minutes=1))
    await asyncio.gather(*(loop.round() for loop in loops), city.close(), city.close())
    made = await city.service.rows(select(sheets.c.version, func.count()).group_by(sheets.c.version))
    # The city, and each of the units that existed then.
    assert [tuple(row) for row in made] == [(1, 5)]


async def test_the_worker_does_it_by_itself(city: City, settings: FeedbackSettings) -> None:
    await city.send()
    worker = build_worker(settings, city.clock)
    async with worker.router.lifespan_context(worker), asyncio.timeout(30):
        city.move(CLOSED)
        while (await city.service.client.get(f"{PATH}/2026-11.json")).status_code == 404:
            city.clock.advance(timedelta(minutes=1))
            await asyncio.sleep(0.05)


async def test_the_database_refuses_to_change_what_was_published(city: City) -> None:
    city.move(CLOSED)
    await city.close()
    document = await city.service.rows(select(sheets.c.document).where(sheets.c.unit == ""))
    for statement in (
        update(sheets).values(reason="x"),
        delete(sheets),
        text("TRUNCATE publication"),
        update(postings).values(place="x"),
        delete(postings),
        sheets.insert().values(
            month="2026-10",
            version=1,
            unit="",
            document=document[0][0],
            sha256="0" * 64,
            published_at=CLOSED,
            known_at=CLOSED.date(),
        ),
    ):
        with pytest.raises(DBAPIError):
            async with city.service.here.engine.begin() as conn:
                await conn.execute(statement)
