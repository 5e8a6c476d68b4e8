"""What scoring costs as it grows: ten times the events, and a hundred times the units."""

import asyncio
import statistics
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import uvloop
from sqlalchemy.ext.asyncio import AsyncEngine

from cchc_embedded.paths import REPOSITORY
from cchc_shared.calendar.clock import FixedClock
from cchc_shared.contract.codes import TaskStatus, UnitKind
from cchc_shared.contract.events import Event
from cchc_shared.contract.events.task import TaskAssigned, TaskCompleted
from cchc_shared.contract.events.unit import UnitDefined
from scoring_worker.loading.service import IndexSetLoader, files_of
from scoring_worker.projection.service import Projection
from tests.bench import lifecycles
from tests.bench.results import Bound, Figure, Result
from tests.bench.scoring import NOW, opened, read_outbox, work
from tests.bench.stage import Stage
from tests.support.databases import Database
from tests.support.events import event_of, task_state

FEW_EVENTS, MANY_EVENTS = 100_000, 1_000_000
ROUNDS = 5
"""Of the few, which take seconds, before the many and after them: the middle one of all counts."""
HALF_YEAR = lifecycles.LAST_DAY - lifecycles.FIRST_DAY
FEW_UNITS, MANY_UNITS = 126, 12_600
UPDATES, TASKS = 480, 4
"""So many tasks has each of the few units whose tasks are done one after the other; any other unit has one."""
AT_ONCE = 2_000


def measure(stage: Stage) -> Iterator[Result]:
    """The worker's own handler and inbox, every effect in PostgreSQL with fsync.

    Ten times the events are those of the same city in ten times as long. In the same half-year, ten times as many are
    under way at once: less of what happens to one of them falls into one batch, and each event costs more.
    """
    short = [_caught_up(stage, FEW_EVENTS, lifecycles.FIRST_DAY) for _ in range(ROUNDS)]
    many = _caught_up(stage, MANY_EVENTS, lifecycles.LAST_DAY - 10 * HALF_YEAR)
    short += [_caught_up(stage, FEW_EVENTS, lifecycles.FIRST_DAY) for _ in range(ROUNDS)]
    few = sorted(short, key=lambda each: each.seconds)[ROUNDS]
    dense = _caught_up(stage, MANY_EVENTS, lifecycles.FIRST_DAY)
    yield Result(
        "scores of 10⁶ events of five years / of 10⁵ of half a year",
        [Figure("10⁵", few.seconds, " s"), Figure("10⁶", many.seconds, " s")],
        many.seconds / few.seconds * (MANY_EVENTS / FEW_EVENTS) / (many.events / few.events),
        Bound("≤", 11),
    )
    for name, each, bound in (("five years", many, Bound("≥", 0.1)), ("half a year", dense, None)):
        yield Result(
            f"scores of 10⁶ events of {name} / reading them",
            [Figure("worker", each.events / each.seconds, "/s"), Figure("reading", each.read, "/s")],
            each.events / each.seconds / each.read,
            bound,
        )
    with stage.database() as small, stage.database() as large:
        milliseconds = uvloop.run(_updates(small, large))
    yield Result(
        "one event among 12,600 units / among 126",
        [Figure(f"{count:,} units", each, " ms") for count, each in milliseconds.items()],
        milliseconds[MANY_UNITS] / milliseconds[FEW_UNITS],
        Bound("≤", 1.2),
    )


class CaughtUp(NamedTuple):
    """How long all events of an outbox took the worker, and how many a second a plain reader reads."""

    events: int
    seconds: float
    read: float


def _caught_up(stage: Stage, count: int, since: datetime) -> CaughtUp:
    with stage.database() as database:
        events = [*lifecycles.units(), *lifecycles.lives(count, since)]
        asyncio.run(lifecycles.publish(database, events))
        uvloop.run(_load(database))
        wanted = len(events)
        del events
        read = [uvloop.run(read_outbox(database))]
        rate = uvloop.run(work(database, None, wanted))
        read.append(uvloop.run(read_outbox(database)))
    return CaughtUp(wanted, wanted / rate, statistics.mean(read))


async def _load(database: Database) -> None:
    async with opened(database) as engine:
        await IndexSetLoader(engine, FixedClock(NOW)).load_files(files_of(REPOSITORY / "data" / "index_sets"))


async def _updates(small: Database, large: Database) -> dict[int, float]:
    """Milliseconds of a transaction that applies one event, in turns; every unit has a score before."""
    projection = Projection(ZoneInfo("Asia/Ho_Chi_Minh"), FixedClock(NOW))
    taken: dict[int, list[float]] = {FEW_UNITS: [], MANY_UNITS: []}
    await _load(small)
    await _load(large)
    async with opened(small) as one, opened(large) as other:
        engines = {FEW_UNITS: one, MANY_UNITS: other}
        for count, engine in engines.items():
            await _begin(projection, engine, count)
        for number in range(UPDATES):
            for count, engine in engines.items():
                taken[count].append(await _apply(projection, engine, [_done(number, count)]))
    return {count: statistics.median(seconds) * 1000 for count, seconds in taken.items()}


async def _begin(projection: Projection, engine: AsyncEngine, units: int) -> None:
    defined = [
        event_of(UnitDefined(code=_code(number), name="x", kind=UnitKind.COMMUNE), _code(number), 1, NOW)
        for number in range(units)
    ]
    assigned = [
        event_of(TaskAssigned(**_task(number, task)), f"NV-{number}-{task}", 1, NOW)
        for number in range(units)
        for task in range(TASKS if number % (units // FEW_UNITS) == 0 else 1)
    ]
    events: list[Event] = [*defined, *assigned]
    for start in range(0, len(events), AT_ONCE):
        await _apply(projection, engine, events[start : start + AT_ONCE])
    async with engine.connect() as conn:
        await (await conn.execution_options(isolation_level="AUTOCOMMIT")).exec_driver_sql("VACUUM ANALYZE")


async def _apply(projection: Projection, engine: AsyncEngine, events: list[Event]) -> float:
    began = time.perf_counter()
    async with engine.begin() as conn:
        await projection.apply(conn, events)
    return time.perf_counter() - began


def _done(number: int, units: int) -> Event:
    """Of units from everywhere in the directory, whatever its size."""
    task, place = divmod(number, FEW_UNITS)
    unit = place * (units // FEW_UNITS)
    done = {"status": TaskStatus.COMPLETED, "completed_at": NOW + timedelta(minutes=number)}
    return event_of(TaskCompleted(**{**_task(unit, task), **done}), f"NV-{unit}-{task}", 2, NOW)


def _task(unit: int, task: int) -> dict[str, Any]:
    return task_state(f"NV-{unit}-{task}", NOW, lead_unit=_code(unit), due_at=NOW + timedelta(days=20))


def _code(number: int) -> str:
    return f"U{number:05}"
