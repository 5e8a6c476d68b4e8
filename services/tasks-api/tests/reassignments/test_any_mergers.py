"""Whatever units merge into: nothing open is left at an ended unit and in no queue, no missed duty is lost or moved."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from cchc_shared.calendar.clock import FixedClock
from cchc_shared.calendar.working_time import WorkingCalendar
from cchc_shared.contract.codes import UnitKind
from cchc_shared.service.timers import TimerLoop
from tasks_api.reassignments import service
from tasks_api.reassignments.domain import Heirs
from tasks_api.reassignments.models import reassignment_outcomes
from tasks_api.reassignments.timers import RUNNING
from tasks_api.tasks import repository
from tasks_api.tasks.models import task_history
from tasks_api.units.domain import Unit
from tasks_api.units.service import Units
from tests.support.tasks import Api

from .merging import preview, reassign, row, run, until, waiting, work

HANOI = Path(__file__).parents[4] / "data" / "hanoi"
BEGIN = datetime(2024, 6, 3, 3, tzinfo=UTC)
AFTER = datetime(2026, 1, 12, 3, tzinfo=UTC)
PERIODS = ((None, date(2024, 12, 31)), (date(2025, 1, 1), date(2025, 6, 30)), (date(2025, 7, 1), None))
CODES = ("a", "b", "c", "d")


class City(NamedTuple):
    """Units by period of `PERIODS`, where codes are used again, and the day of each task's deadline by its lead."""

    units: list[Unit]
    tasks: list[tuple[str, int]]
    rows: list[tuple[str, str | None]]


@st.composite
def cities(draw: st.DrawFn) -> City:
    there = [draw(st.sets(st.sampled_from(CODES), min_size=1)) for _ in PERIODS]
    units = []
    for index, (since, until_) in enumerate(PERIODS):
        later = sorted(there[index + 1]) if index + 1 < len(PERIODS) else []
        for code in sorted(there[index]):
            successors = draw(st.sets(st.sampled_from(later))) if later else set()
            units.append(
                Unit(
                    code=code,
                    name=f"{code}{index}",
                    kind=UnitKind.COMMUNE,
                    valid_from=since,
                    valid_to=until_,
                    successors=tuple(sorted(successors)),
                )
            )
    leads = st.sampled_from(sorted(there[0]))
    tasks = draw(st.lists(st.tuples(leads, st.integers(1, 900)), min_size=1, max_size=5))
    gone = sorted({unit.code for unit in units if unit.valid_to})
    heirs = st.none() | st.sampled_from(sorted(there[2]))
    rows = draw(st.lists(st.tuples(st.sampled_from(gone), heirs), max_size=2))
    return City(units, tasks, rows)


def named(code: str, example: int) -> str:
    return f"u{example}-{code}"


async def missed_duties(api: Api) -> int:
    async with api.here.engine.connect() as conn:
        return await conn.scalar(select(func.count(task_history.c.missed_by))) or 0


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(of=cities())
async def test_any_mergers(api: Api, clock: FixedClock, of: City) -> None:
    until(clock, BEGIN)
    here = api.here
    async with here.engine.connect() as conn:
        example = len(await here.use(Units).all_periods(conn))
    missed_before = await missed_duties(api)
    units = [
        Unit(
            code=named(unit.code, example),
            name=unit.name,
            kind=unit.kind,
            valid_from=unit.valid_from,
            valid_to=unit.valid_to,
            successors=tuple(named(each, example) for each in unit.successors),
        )
        for unit in of.units
    ]
    await here.use(Units).add_missing(units)
    made = {}
    for lead, days in of.tasks:
        due_on = (BEGIN + timedelta(days=days)).date().isoformat()
        body = {"title": "Việc", "lead_unit": named(lead, example), "due_on": due_on}
        answer = await api.send("POST", "/v1/tasks", api.coordinator, json=body)
        assert answer.status_code == 201, answer.text
        made[answer.json()["code"]] = lead
    until(clock, AFTER)
    rows = [row(named(ended, example), heir and named(heir, example)) for ended, heir in of.rows]
    before = {code: (await api.get(f"/v1/tasks/{code}", api.coordinator)).json() for code in made}
    shown = await preview(api, *rows)
    done = await run(api, *rows)
    assert shown["items"] == done["items"], "the preview is the effect"

    after = {code: (await api.get(f"/v1/tasks/{code}", api.coordinator)).json() for code in made}
    queue = {each["code"] for each in await waiting(api)}
    today = {unit.code for unit in units if unit.valid_to is None}
    moved = {each["code"] for each in done["items"] if each["to_unit"]}
    for code in made:
        assert (code in queue) != (code in moved), "it moved, or it is in the queue"
        if code in moved:
            assert after[code]["lead_unit"] in today
            assert not after[code]["overdue"]
            assert after[code]["handovers"] == 0
        else:
            assert after[code] == before[code], "what waits stays as it is"
    late = sum(before[code]["overdue"] for code in moved & made.keys())
    assert await missed_duties(api) - missed_before == late, "what was missed is kept, and nothing else"
    still = sum(after[code]["overdue"] for code in made)
    assert late + still == sum(each["overdue"] for each in before.values())

    again = await run(api, *rows)
    assert again["moved"] == 0
    assert {code: (await api.get(f"/v1/tasks/{code}", api.coordinator)).json() for code in made} == after
    for code in made.keys() - moved:  # so that the next example begins with an empty queue
        reason = {"reason": "Thôi"}
        assert (await api.act(after[code], "close", api.coordinator, **reason)).status_code == 200


@given(of=cities())
def test_the_only_successor_is_the_only_unit_that_can_be_reached(of: City) -> None:
    """Against an oracle that walks every way, one period after the other."""
    calendar = WorkingCalendar.load(HANOI)
    today = date(2026, 1, 12)
    heirs = Heirs(of.units, today, calendar)
    by_period = [{unit.code: unit for unit in of.units if unit.valid_from == since} for since, _ in PERIODS]
    for code, unit in by_period[1].items():
        assert {each.code for each in heirs.successors(unit)} == set(unit.successors), code
    for code, periods in heirs.ended.items():
        assert all(unit.valid_to and unit.valid_to < today for unit in periods)
        assert (heirs.until[code] is None) == (code not in by_period[2])


async def test_a_run_goes_on_after_a_crash_and_two_workers_share_it(
    city: Api, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    until(clock, datetime(2025, 7, 2, 3, tzinfo=UTC))
    monkeypatch.setattr(service, "AT_ONCE", 3)
    expected = await preview(city)
    begun = await reassign(city)
    loops = [TimerLoop(city.here, (), (RUNNING,), ()) for _ in range(2)]
    assert await loops[0].round()
    broken, movers = [0], city.here.use(service.Reassignments).movers
    move = type(movers).move

    async def failing(*args: object, **more: object) -> None:
        await move(*args, **more)  # type: ignore[arg-type]
        broken[0] += 1
        if broken[0] == 2:
            raise RuntimeError("the process dies in the middle of a part")

    monkeypatch.setattr(type(movers), "move", failing)
    while broken[0] < 3 and await loops[0].round() | await loops[1].round():
        pass
    await work(city)
    done = (await city.get(begun.headers["location"], city.operator, limit=200)).json()
    assert (done["state"], done["counts"]) == ("done", expected["counts"])
    events = [event for event in await city.events() if event[2] == "task.reassigned.v1"]
    assert len(events) == len(set(events)) == len({each["code"] for each in expected["items"] if each["to_unit"]})
    async with city.here.engine.connect() as conn:
        kept = await conn.scalar(select(func.count()).select_from(reassignment_outcomes))
    assert kept == len(expected["items"])


async def test_what_others_hold_is_moved_when_they_let_go(city: Api, clock: FixedClock) -> None:
    until(clock, datetime(2025, 7, 2, 3, tzinfo=UTC))
    begun = await reassign(city)
    held = "KH-2024-0001.9.so-tai-nguyen-va-moi-truong"
    async with city.here.engine.begin() as conn:
        await repository.get(conn, held, lock=True)
        await work(city)
        assert (await city.get(begun.headers["location"], city.operator)).json()["state"] == "running"
    await work(city)
    assert (await city.get(begun.headers["location"], city.operator)).json()["state"] == "done"
    assert (await city.get(f"/v1/tasks/{held}", city.coordinator)).json()["lead_unit"] == "so-nong-nghiep-va-moi-truong"
