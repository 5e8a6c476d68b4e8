"""Over any histories, recorded in time or late, the figures of a month are those of a plain loop, and add up."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.calendar.months import Month
from cchc_shared.calendar.working_time import WorkingCalendar
from cchc_shared.contract.codes import TaskStatus
from cchc_shared.storage.database import create_engine
from tasks_api.closings import repository
from tasks_api.closings.domain import Figures, Span, total
from tasks_api.tasks.models import task_history, tasks
from tests.support.databases import Database

CALENDAR = WorkingCalendar.load(Path(__file__).parents[4] / "data" / "hanoi")
ZONE = CALENDAR.timezone
UNITS = ("a", "b", "c")
FIRST = date(2026, 10, 20)
BORDERS = (11, 12, 17, 41, 42, 47)
"""So many days after it: what ends, begins and closes November."""
MONTHS = (Month(2026, 10), Month(2026, 11), Month(2026, 12))
WEEKLY = {"milestones": [], "rhythm": [{"every": "week"}], "trigger": None}
OPEN = [status for status in TaskStatus if status not in {TaskStatus.COMPLETED, TaskStatus.CLOSED}]

ENDS = [TaskStatus.COMPLETED] * 6 + [TaskStatus.CLOSED] * 3


class Change(NamedTuple):
    """A row of a history."""

    at: datetime
    recorded_at: datetime
    unit: str
    status: TaskStatus
    due_on: date | None
    late_from: datetime | None
    reported_at: datetime | None
    completed_at: datetime | None
    missed_by: str | None


class Drawn(NamedTuple):
    """A task with its history. What is done by its children does not count."""

    changes: Sequence[Change]
    follows_children: bool


@st.composite
def histories(draw: st.DrawFn) -> Drawn:
    """A task as it may have been: assigned, perhaps recorded late, then changed in order, and at last perhaps ended."""
    borders = st.sampled_from(BORDERS)  # most often: that is where mistakes are
    days = st.one_of(borders, borders, borders, st.integers(0, 60)).map(lambda day: FIRST + timedelta(days=day))
    hours = st.builds(
        lambda day, hour: datetime.combine(day, time(hour), ZONE).astimezone(UTC), days, st.sampled_from((0, 0, 3, 7))
    )
    instants = st.builds(lambda hour, sooner: hour - sooner * timedelta.resolution, hours, st.integers(0, 1))
    times = sorted(draw(st.lists(instants, min_size=1, max_size=5, unique=True)))
    late_by = draw(st.sampled_from((timedelta(), timedelta(), timedelta(days=3), timedelta(days=25))))
    # What comes later is recorded when it happens, and after what was before it.
    recorded = [times[0] + late_by, *(max(at, times[0] + late_by) for at in times[1:])]
    changes = []
    for number, (at, recorded_at) in enumerate(zip(times, recorded, strict=True)):
        at = at if number == 0 else recorded_at
        is_last = 0 < number == len(times) - 1
        status = draw(st.sampled_from([*ENDS, *OPEN] if is_last else OPEN))
        made = draw(st.sampled_from(times[: number + 1]))
        is_done = status is TaskStatus.COMPLETED
        due_on = draw(st.none() | days)
        changes.append(
            Change(
                at=at,
                recorded_at=recorded_at,
                unit=draw(st.sampled_from(UNITS)),
                status=status,
                due_on=due_on,
                late_from=draw(st.none() | days.map(CALENDAR.end_of_day)) if due_on else None,
                reported_at=made if status is TaskStatus.REPORTED else None,
                completed_at=made if is_done else None,
                missed_by=draw(st.none() | st.sampled_from(UNITS)) if number else None,
            )
        )
    return Drawn(changes, draw(st.sampled_from((False, False, False, True))))


def span(month: Month, known: datetime | None = None) -> Span:
    """A month that closes at the end of the fifth, as the one before it did."""
    return Span(
        begin=CALENDAR.end_of_day(month.former.last_day),
        carried_known=CALENDAR.end_of_day(month.first_day.replace(day=5)),
        end=CALENDAR.end_of_day(month.last_day),
        known=known or CALENDAR.end_of_day(month.following.first_day.replace(day=5)),
    )


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(found=st.lists(histories(), max_size=10))
def test_the_figures_are_those_of_a_plain_loop(database: Database, found: list[Drawn]) -> None:
    async def look() -> list[dict[str, Figures]]:
        engine = create_engine(database.url("tasks"))
        async with engine.connect() as conn:  # nothing of an example stays
            await _store(conn, found)
            counted = [await repository.figures(conn, span(month), ZONE.key) for month in MONTHS]
        await engine.dispose()
        return counted

    sheets = asyncio.run(look())
    for month, sheet in zip(MONTHS, sheets, strict=True):
        assert sheet == _loop(found, span(month)), month
        for row in (*sheet.values(), total(sheet.values())):
            assert row.carried_over + row.assigned + row.received - row.passed_on == row.total
            assert row.completed + row.closed + row.open == row.total
            assert row.overdue + row.awaiting_approval <= row.open
    for sheet, following in pairwise(sheets):
        for unit in UNITS:  # nothing is lost between two months, and nothing counted twice
            assert following.get(unit, Figures()).carried_over == sheet.get(unit, Figures()).open


def _loop(found: Sequence[Drawn], of: Span) -> dict[str, Figures]:
    rows: defaultdict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for drawn in found:
        if drawn.follows_children:
            continue
        for change in drawn.changes:
            if change.missed_by and _in(change, of.end, of.known) and not _in(change, of.begin, of.carried_known):
                rows[change.missed_by]["missed"] += 1
        _count(rows, drawn.changes, of)
    return {unit: msgspec.convert(dict(row), Figures) for unit, row in rows.items()}


def _in(change: Change, end: datetime, known: datetime) -> bool:
    return change.at < end and change.recorded_at < known


def _ended(changes: Sequence[Change], end: datetime, known: datetime) -> Change | None:
    """The change that ended a task by `end`, by what was known then."""
    for change in changes:
        if change.recorded_at < known:
            if change.status is TaskStatus.CLOSED and change.at < end:
                return change
            if change.status is TaskStatus.COMPLETED and change.completed_at and change.completed_at < end:
                return change
    return None


def _count(rows: dict[str, dict[str, int]], changes: Sequence[Change], of: Span) -> None:
    begun = [change for change in changes if _in(change, of.begin, of.carried_known)]
    stood = [change for change in changes if _in(change, of.end, of.known)]
    if not stood or (begun and _ended(changes, of.begin, of.carried_known)):
        return
    end = _ended(changes, of.end, of.known)
    last = end or stood[-1]
    first_unit = begun[-1].unit if begun else changes[0].unit
    rows[first_unit]["carried_over" if begun else "assigned"] += 1
    rows[first_unit]["passed_on"] += first_unit != last.unit
    row = rows[last.unit]
    row["received"] += first_unit != last.unit
    row["total"] += 1
    late = last.late_from or (last.due_on and CALENDAR.end_of_day(last.due_on))
    row["due"] += late is not None and of.begin < late <= of.end
    if end is None:
        in_time = last.reported_at is not None and (late is None or last.reported_at < late)
        row["open"] += 1
        row["awaiting_approval"] += in_time
        row["no_deadline"] += late is None
        row["overdue"] += not in_time and late is not None and late <= of.end
    elif end.status is TaskStatus.CLOSED:
        row["closed"] += 1
    else:
        row["completed"] += 1
        row["completed_late"] += late is not None and end.completed_at is not None and end.completed_at >= late


async def _store(conn: AsyncConnection, found: Sequence[Drawn]) -> None:
    for id_, drawn in enumerate(found, 1):
        last = drawn.changes[-1]
        await conn.execute(
            insert(tasks).values(
                id=id_, code=str(id_), title="x", lead_unit=last.unit, coordinating_units=[], former_leads=[],
                assigning_unit="01", assigned_at=drawn.changes[0].at, due_text="", product="", source="",
                fanned_out=drawn.follows_children and id_ % 2 == 0,
                schedule=WEEKLY if drawn.follows_children and id_ % 2 else None,
                urgency="normal", status=last.status.value, approvals=0, extensions=0, handovers=0, version=1,
            )
        )  # fmt: skip
        rows = [
            {"task_id": id_, "version": version, "action": "x", **change._asdict(), "status": change.status.value}
            for version, change in enumerate(drawn.changes, 1)
        ]
        await conn.execute(insert(task_history), rows)
