"""What is kept beside the reports is what counting them gives: whatever is written, and whenever it is summed up."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import combinations, product
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cchc_shared.storage.database import create_engine
from feedback_api.reports.models import feedback, history
from feedback_api.statistics import cells, repository
from feedback_api.statistics.domain import Dimension
from feedback_api.statistics.models import COUNTS, cell, change
from feedback_api.statistics.repository import CountQuery
from tests.support.databases import Database

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
NOW = datetime(2026, 11, 18, 2, tzinfo=UTC)
GROUPINGS = [some for size in range(6) for some in combinations(Dimension, size)]
SOME = [(), (Dimension.CHANNEL,), (Dimension.MONTH, Dimension.UNIT, Dimension.KIND)]
PERIODS = [
    (None, None),
    (datetime(2026, 10, 1, tzinfo=ZONE), datetime(2026, 11, 1, tzinfo=ZONE)),
    (datetime(2026, 10, 5, tzinfo=ZONE), None),
    (datetime(2026, 9, 20, tzinfo=ZONE), datetime(2026, 11, 10, tzinfo=ZONE)),
    (datetime(2026, 10, 5, tzinfo=ZONE), datetime(2026, 10, 9, tzinfo=ZONE)),
]
UNITS = ("u1", "u2", "desk")

instants = st.sampled_from((-60, -30, -1, 0, 1, 20)).map(lambda days: NOW + timedelta(days=days))
"""Few, so that many are the same: bounds are where counting goes wrong."""
maybe = st.none() | instants
standing = st.fixed_dictionaries(
    {
        "channel": st.sampled_from(("zalo", "email")),
        "kind": st.sampled_from(("on_site", "conduct")),
        "category": st.sampled_from((None, "roads")),
        "unit": st.sampled_from(UNITS),
        "held_by": st.sampled_from((None, "desk")),
        "resolve_due_at": instants,
        "own_resolve_due_at": maybe,
        "answered_at": maybe,
        "ended_at": maybe,
        "paused_since": maybe,
        "reopenings": st.integers(0, 1),
        "satisfied": st.sampled_from((None, True, False)),
        "task": st.sampled_from((None, None, "NV-1")),
        "part_of": st.sampled_from((None, None, "R000")),
    }
)
"""Whatever a report may look like, and much that it never does."""
steps = st.one_of(
    st.tuples(st.just("receive"), standing, st.integers(-80, 0)),
    st.tuples(st.just("change"), st.integers(0, 9), standing),
    st.tuples(st.just("miss"), st.integers(0, 9), st.sampled_from(UNITS)),
    st.tuples(st.just("remove"), st.integers(0, 9), st.none()),
    st.tuples(st.just("fold"), st.integers(1, 5), st.integers(-90, 0)),
)


def asked(grouping: Sequence[Dimension], period: tuple[Any, Any], unit: str | None, moment: datetime) -> CountQuery:
    by_unit = unit is not None or Dimension.UNIT in grouping
    return CountQuery(grouping, *period, moment, None, past=False, by_unit=by_unit, unit=unit, timezone=ZONE.key)


async def agree(
    conn: AsyncConnection, moment: datetime, groupings: Sequence[Any] = SOME, periods: Sequence[Any] = PERIODS
) -> None:
    """Counts that are kept, and those of the rows, in the snapshot of the connection's transaction."""
    for grouping, period, unit in product(groupings, periods, (None, "u1")):
        query = asked(grouping, period, unit, moment)
        rows = (await conn.execute(repository.counted(query).order_by(*grouping))).mappings().all()
        kept = await cells.count(conn, query)
        names = [*grouping, *(name for name in COUNTS if name != "open")]
        assert [[row[n] for n in names] for row in kept] == [[row[n] for n in names] for row in rows], query
    found = (await conn.execute(repository.unanswered(moment))).one()
    assert await cells.count_open(conn, moment) == tuple(found)


def report(code: str, standing: dict[str, Any], received_at: datetime) -> dict[str, Any]:
    """A row of `feedback`, of which statistics read some columns."""
    return standing | {
        "code": code,
        "version": 1,
        "severity": "normal",
        "content": "x",
        "routing": {},
        "status": "received",
        "secret_digest": b"",
        "received_at": received_at,
        "recorded_at": received_at,
        "accept_due_at": received_at,
    }


def missed(code: str, version: int, unit: str) -> dict[str, Any]:
    """A row of history whose duty ended unmet."""
    common = {"code": code, "version": version, "action": "transfer", "status": "assigned", "unit": unit}
    return common | {"at": NOW, "recorded_at": NOW, "resolve_due_at": NOW, "missed_by": unit}


async def take(conn: AsyncConnection, number: int, step: tuple[Any, ...]) -> None:
    """One step, on the codes that there are."""
    what, one, other = step
    codes = (await conn.scalars(select(feedback.c.code).order_by(feedback.c.code))).all()
    if what == "receive":
        await conn.execute(insert(feedback).values(report(f"R{number:03}", one, NOW + timedelta(days=other))))
    elif what == "fold":
        await cells.fold(conn, ZONE, NOW + timedelta(days=other), one)
    elif codes:
        code = codes[one % len(codes)]
        if what == "change":
            await conn.execute(update(feedback).where(feedback.c.code == code).values(other))
        elif what == "miss":
            await conn.execute(insert(history).values(missed(code, number + 2, other)))
        else:
            await conn.execute(delete(feedback).where(feedback.c.code == code))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    taken=st.lists(steps, min_size=1, max_size=25),
    grouping=st.sampled_from(GROUPINGS),
    period=st.sampled_from(PERIODS),
    later=st.integers(0, 40),
)
def test_after_any_steps_cells_tell_what_the_rows_do(
    database: Database, taken: list[tuple[Any, ...]], grouping: Sequence[Dimension], period: tuple[Any, Any], later: int
) -> None:
    async def look() -> None:
        engine = create_engine(database.url("feedback"))
        async with engine.connect() as conn:  # nothing of an example stays
            for number, step in enumerate(taken):
                await take(conn, number, step)
            await agree(conn, NOW + timedelta(days=later), [grouping, (Dimension.UNIT,)], [period])
            for month in await cells.months(conn, ZONE):
                assert await cells.compare(conn, month, ZONE, NOW) == 0
        await engine.dispose()

    asyncio.run(look())


async def some_reports(engine: AsyncEngine, chance: random.Random, count: int, prefix: str = "R") -> None:
    """Reports of all kinds, in groups."""
    for start in range(0, count, 20):
        rows = [
            report(f"{prefix}{number:05}", any_standing(chance), any_time(chance))
            for number in range(start, start + 20)
        ]
        async with engine.begin() as conn:
            await conn.execute(insert(feedback), rows)


def any_time(chance: random.Random) -> datetime:
    return NOW - timedelta(days=80 * chance.random())


def any_standing(chance: random.Random) -> dict[str, Any]:
    """The same without hypothesis, for tests that are told nothing by a smaller example."""

    def near(likely: float) -> datetime | None:
        return NOW + timedelta(days=chance.uniform(-80, 30)) if chance.random() < likely else None

    return {
        "channel": chance.choice(("zalo", "email")),
        "kind": chance.choice(("on_site", "conduct")),
        "category": chance.choice((None, "roads")),
        "unit": chance.choice(UNITS),
        "held_by": chance.choice((None, "desk")),
        "resolve_due_at": near(1),
        "own_resolve_due_at": near(0.5),
        "answered_at": near(0.5),
        "ended_at": near(0.2),
        "paused_since": near(0.2),
        "reopenings": chance.randint(0, 1),
        "satisfied": chance.choice((None, True, False)),
        "task": chance.choice((None, None, None, "NV-1")),
        "part_of": chance.choice((None, None, None, "R00000")),
    }


class Busy:
    """Everybody at work on one database, until those who write have ended."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self.chance = random.Random(2026)  # noqa: S311 - to be told nothing new by another
        self.writing = True

    async def write(self, name: str) -> None:
        for number in range(30):
            where = feedback.c.code == f"R{self.chance.randrange(200):05}"
            async with self.engine.begin() as conn:
                code = await conn.scalar(select(feedback.c.code).where(where).with_for_update(key_share=True))
                await conn.execute(update(feedback).where(where).values(any_standing(self.chance)))
                await conn.execute(
                    insert(history).values(missed(code or "", 10**6 + self.chance.randrange(10**8), "u1"))
                )
                new = report(f"{name}{number}", any_standing(self.chance), any_time(self.chance))
                await conn.execute(insert(feedback).values(new))

    async def fold(self) -> None:
        while self.writing:
            async with self.engine.begin() as conn:
                until = NOW - timedelta(days=self.chance.randrange(40))
                await cells.fold(conn, ZONE, until, self.chance.randrange(1, 200))
            await asyncio.sleep(0)

    async def mend(self) -> None:
        while self.writing:
            assert await over_months(self.engine, cells.mend) == 0

    async def read(self) -> None:
        snapshots = self.engine.execution_options(isolation_level="REPEATABLE READ")
        while self.writing:
            async with snapshots.connect() as conn:
                await agree(conn, NOW, [self.chance.choice(GROUPINGS)], [self.chance.choice(PERIODS)])


async def test_cells_are_right_at_every_instant_while_all_write_fold_and_mend(database: Database) -> None:
    """Every snapshot that anyone may have of the database holds counts that agree with its rows."""
    engine = create_engine(database.url("feedback"), pool_size=8)
    await some_reports(engine, random.Random(6), 200)  # noqa: S311
    busy = Busy(engine)
    others = [asyncio.create_task(each()) for each in (busy.fold, busy.fold, busy.mend, busy.read)]
    await asyncio.gather(*(busy.write(name) for name in "ABC"))
    busy.writing = False
    await asyncio.gather(*others)
    async with engine.connect() as conn:
        await agree(conn, NOW, GROUPINGS, PERIODS[3:4])
    await engine.dispose()


async def months(engine: AsyncEngine) -> Sequence[Any]:
    async with engine.connect() as conn:
        return await cells.months(conn, ZONE)


async def test_what_is_wrong_is_found_and_mended(database: Database) -> None:
    engine = create_engine(database.url("feedback"))
    await some_reports(engine, random.Random(7), 100)  # noqa: S311
    async with engine.begin() as conn:
        await cells.fold(conn, ZONE, NOW, 150)
        await conn.execute(update(cell).where(cell.c.grain == 1).values(received=cell.c.received + 1))
        await conn.execute(delete(cell).where(cell.c.unit == "u1"))
        await conn.execute(delete(change).where(change.c.unit == "u2"))
    wrong = await over_months(engine, cells.compare)
    assert wrong > 0
    assert await over_months(engine, cells.mend) == wrong
    assert await over_months(engine, cells.compare) == 0
    async with engine.connect() as conn:
        await agree(conn, NOW)
    await engine.dispose()


async def over_months(engine: AsyncEngine, counted: Callable[..., Awaitable[int]]) -> int:
    """The sum over all months, each in a transaction of its own."""
    found = 0
    for month in await months(engine):
        async with engine.begin() as conn:
            found += await counted(conn, month, ZONE, NOW)
    return found


async def test_a_clock_that_is_behind_reads_the_reports_themselves(database: Database) -> None:
    engine = create_engine(database.url("feedback"))
    await some_reports(engine, random.Random(8), 60)  # noqa: S311
    async with engine.begin() as conn:
        await cells.fold(conn, ZONE, NOW + timedelta(days=20), 1000)
        await agree(conn, NOW)
        await agree(conn, NOW + timedelta(days=20))
    await engine.dispose()


async def test_erasure_changes_nothing_that_is_counted(database: Database) -> None:
    engine = create_engine(database.url("feedback"))
    await some_reports(engine, random.Random(9), 20)  # noqa: S311
    async with engine.begin() as conn:
        await cells.fold(conn, ZONE, NOW + timedelta(days=90), 1000)
        await conn.execute(update(feedback).values(content="", title=None, submitted_by=None, erased="text"))
        assert (await conn.scalars(select(change.c.unit))).all() == []
    await engine.dispose()


async def test_a_part_of_a_report_counts_by_its_unit_alone(database: Database) -> None:
    engine = create_engine(database.url("feedback"))
    chance = random.Random(10)  # noqa: S311
    rows = [report(f"R{number}", any_standing(chance), any_time(chance)) for number in range(60)]
    async with engine.begin() as conn:
        await conn.execute(insert(feedback), rows)
        await agree(conn, NOW)
        (all_of_them,) = await cells.count(conn, asked((), (None, None), None, NOW))
        assert all_of_them["received"] == sum(row["part_of"] is None for row in rows)
    await engine.dispose()
