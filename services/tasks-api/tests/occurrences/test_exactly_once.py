"""Each occurrence is assigned once and as of when it begins, whatever workers run and however long none does."""

import asyncio
from datetime import UTC, date, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.calendar.clock import FixedClock
from cchc_shared.service.context import Context
from cchc_shared.service.timers import Sweep, Swept, TimerLoop
from tasks_api.occurrences.timers import MOST_OF_EACH, assign_due
from tests.support.tasks import Api

from .recurring import assign, assigned, at, days, swept, worker


def utc(year: int, month: int, day: int) -> datetime:
    """The first instant of a local day."""
    return datetime(year, month, day, tzinfo=UTC) - timedelta(hours=7)


async def dying(conn: AsyncConnection, now: datetime, here: Context) -> Swept:
    """All is written, and the connection is cut before the commit."""
    done = await assign_due(conn, now, here)
    connection = (await conn.get_raw_connection()).driver_connection
    assert connection is not None
    connection.terminate()
    return done


def killed(here: Context) -> TimerLoop:
    return TimerLoop(here, (), (Sweep("cut", dying),), ())


async def test_an_outage_is_caught_up_as_of_the_days_it_missed(city: Api, clock: FixedClock) -> None:
    code = (await assign(city, due_text="Thứ sáu hằng tuần"))["code"]
    at(clock, 2024, 6, 30)
    await swept(city)
    begun = clock.now() - timedelta(days=27)
    assert await assigned(city, code) == [
        ("2024-06-07", begun),
        ("2024-06-14", utc(2024, 6, 8)),
        ("2024-06-21", utc(2024, 6, 15)),
        ("2024-06-28", utc(2024, 6, 22)),
        ("2024-07-05", utc(2024, 6, 29)),
    ]


async def test_what_is_daily_and_long_ago_is_caught_up_in_turns(city: Api, clock: FixedClock) -> None:
    code = (await assign(city, due_text="Hằng ngày"))["code"]
    at(clock, 2024, 7, 1)
    loop = worker(city.here)
    assert await loop.round()
    assert len(await days(city, code)) == MOST_OF_EACH
    await swept(city)
    working = [date(2024, 6, day) for day in range(4, 31)]
    expected = [str(day) for day in working if city.here.calendar.is_working_day(day)]
    assert await days(city, code) == [*expected, "2024-07-01"]


async def test_four_workers_one_of_them_killed_again_and_again(city: Api, clock: FixedClock) -> None:
    group = await assign(city, lead_unit="all-departments", due_text="Hằng tháng, hằng quý")
    at(clock, 2024, 9, 15)
    loops = [killed(city.here), *(worker(city.here) for _ in range(3))]
    while any(await asyncio.gather(*(loop.round() for loop in loops))):
        pass
    expected = ["2024-06-30", "2024-06-30-2", "2024-07-31", "2024-08-31", "2024-09-30", "2024-09-30-2"]
    for child in group["children"]:
        assert sorted(code for code, _ in await assigned(city, child)) == expected


TEXTS = ("Hằng ngày", "Thứ hai hằng tuần", "Ngày 5 và ngày 20 hằng tháng", "Hằng tháng, hằng quý đến hết tháng 8/2024")
STEPS = st.lists(st.tuples(st.integers(0, 45), st.sampled_from(["worker", "killed", "both", "nobody"])), max_size=6)
"""Days that pass, and who looks then."""


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.sampled_from(TEXTS), steps=STEPS)
async def test_what_is_assigned_depends_only_on_the_day(
    city: Api, clock: FixedClock, text: str, steps: list[tuple[int, str]]
) -> None:
    at(clock, 2024, 6, 3)
    code = (await assign(city, due_text=text))["code"]
    for pause, who in steps:
        clock.advance(timedelta(days=pause))
        loops = {"worker": [worker], "killed": [killed], "both": [killed, worker], "nobody": []}[who]
        await asyncio.gather(*(loop(city.here).round() for loop in loops))
    await swept(city)
    found = await assigned(city, code)
    now = clock.now()
    at(clock, 2024, 6, 3)
    other = (await assign(city, due_text=text))["code"]
    clock.advance(now - clock.now())
    await swept(city)
    assert found == await assigned(city, other), "as if one worker had looked once"
