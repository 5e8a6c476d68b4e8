"""Over any histories and on any day, the counts of groups are those of a plain loop over the tasks."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.calendar.working_time import WorkingCalendar, last_day_before
from cchc_shared.contract.codes import TaskStatus
from cchc_shared.storage.database import create_engine
from tasks_api.plans.models import plans
from tasks_api.progress import repository
from tasks_api.progress.domain import By, Counts
from tasks_api.progress.schemas import ProgressQuery
from tasks_api.tasks.models import task_history, task_parties, tasks
from tasks_api.tasks.progress import Snapshot, progress
from tests.support.databases import Database

CALENDAR = WorkingCalendar.load(Path(__file__).parents[4] / "data" / "hanoi")
CITY, UNITS, PLANS = "01", ("a", "b", "c"), (None, "KH-1", "KH-2")
FIRST = date(2024, 1, 1)
SOON = 3

WEEKLY, ALWAYS = [{"every": "week"}], [{"every": "continuous"}]
RECURRING = {"milestones": [], "rhythm": WEEKLY, "trigger": None}
TRIGGERED = RECURRING | {"trigger": {"event": "x"}}
SCHEDULES = RECURRING, TRIGGERED, {"milestones": ["2024-01-05"], "rhythm": ALWAYS, "trigger": None}

days = st.integers(0, 60).map(lambda number: FIRST + timedelta(days=number))
instants = st.builds(lambda day, hour: datetime.combine(day, time(hour, 30)), days, st.integers(0, 23))
changes = st.fixed_dictionaries(
    {
        "status": st.sampled_from(TaskStatus),
        "unit": st.sampled_from(UNITS),
        "at": instants,
        "due_on": st.none() | days,
        "completed_at": st.none() | instants,
        "late_from": st.none() | days,
        "reported_at": st.none() | instants,
        "missed_by": st.none() | st.sampled_from(UNITS),
    }
)
drafts = st.fixed_dictionaries(
    {
        "plan": st.sampled_from(PLANS),
        "source": st.sampled_from(("", "Nghị quyết 76/NQ-CP", "Kế hoạch 313/KH-UBND")),
        "assigning_unit": st.sampled_from((CITY, "a")),
        "is_child": st.booleans(),
        "fanned_out": st.booleans(),
        "schedule": st.sampled_from((None, *SCHEDULES)),
        "roles": st.dictionaries(
            st.sampled_from(UNITS), st.sets(st.sampled_from(("lead", "coordinating")), min_size=1)
        ),
        "changes": st.lists(changes, min_size=1, max_size=5),
    }
)
queries = st.fixed_dictionaries(
    {
        "by": st.sampled_from(By),
        "unit": st.none() | st.sampled_from(UNITS),
        "plan": st.sampled_from(PLANS),
        "due_from": st.none() | days,
        "due_to": st.none() | days,
    }
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(found=st.lists(drafts, max_size=12), query=queries, reader=st.none() | st.sampled_from(UNITS), as_of=days)
def test_counts_are_those_of_a_plain_loop(
    database: Database, found: list[Any], query: dict[str, Any], reader: str | None, as_of: date
) -> None:
    if query["by"] is By.ROLE and not (query["unit"] or reader):
        query = query | {"unit": "a"}
    scope = repository.Scope(
        wanted=ProgressQuery(**query),
        reader=reader,
        day=as_of,
        end=CALENDAR.end_of_day(as_of),
        timezone=CALENDAR.timezone.key,
        due_soon_days=SOON,
        city=CITY,
    )
    found = [_placed(draft) for draft in found]

    async def look() -> tuple[Any, Any]:
        engine = create_engine(database.url("tasks"))
        async with engine.connect() as conn:  # nothing of an example stays
            await _store(conn, found)
            counted = await repository.counts(conn, scope), await repository.counts(conn, scope, grouped=False)
        await engine.dispose()
        return counted

    grouped, [(_, total)] = asyncio.run(look())
    expected, every = _loop(found, scope)
    assert dict(grouped) == expected
    assert total == every
    if scope.wanted.by is not By.ROLE:
        assert sum((counts for _, counts in grouped), Counts()) == total
    for counts in (*dict(grouped).values(), total):
        assert sum(getattr(counts, status) for status in TaskStatus) == counts.total


def _placed(draft: dict[str, Any]) -> dict[str, Any]:
    """The draft with its changes in order, and its local times as instants."""
    zone = CALENDAR.timezone

    def instant(local: datetime | None) -> datetime | None:
        return None if local is None else local.replace(tzinfo=zone)

    ordered = sorted(draft["changes"], key=lambda change: change["at"])
    return draft | {
        "changes": [
            change
            | {name: instant(change[name]) for name in ("at", "completed_at", "reported_at")}
            | {"late_from": change["late_from"] and CALENDAR.end_of_day(change["late_from"])}
            for change in ordered
        ]
    }


async def _store(conn: AsyncConnection, found: Sequence[dict[str, Any]]) -> None:
    for number, code in enumerate(PLANS[1:], 1):
        values = {
            "code": code,
            "identity": code,
            "document_no": code,
            "issued_year": 2024,
            "issued_on": FIRST,
            "title": "x",
        }
        values |= {
            "issuer": "x",
            "assigning_unit": CITY,
            "tasks": 1,
            "digest": b"",
            "imported_at": _now(),
            "version": 1,
        }
        await conn.execute(insert(plans).values(id=number, imported_by="x", **values))
    for id_, draft in enumerate([{"changes": []}, *found], 1):
        last = draft["changes"][-1] if draft["changes"] else {"status": "not_started", "unit": "a"}
        row = {name: draft.get(name) for name in ("plan", "source", "assigning_unit", "fanned_out", "schedule")}
        row = {"plan": None, "source": "", "assigning_unit": CITY, "fanned_out": False} | {
            name: value for name, value in row.items() if value is not None
        }
        row |= {"parent": "1" if draft.get("is_child") else None, "lead_unit": last["unit"], "status": last["status"]}
        row |= {"coordinating_units": [], "former_leads": [], "assigned_at": _now(), "due_text": "", "product": ""}
        row |= {"urgency": "normal", "approvals": 0, "extensions": 0, "handovers": 0, "version": 1, "title": "x"}
        await conn.execute(insert(tasks).values(id=id_, code=str(id_), **row))
        for version, change in enumerate(draft["changes"], 1):
            entry = {"task_id": id_, "version": version, "action": "x", "recorded_at": change["at"]}
            await conn.execute(insert(task_history).values(**entry, **change))
        for unit, roles in draft.get("roles", {}).items():
            await conn.execute(insert(task_parties).values(unit=unit, task_id=id_, roles=sorted(roles)))


def _now() -> datetime:
    return datetime.fromisoformat("2024-01-01T00:00:00Z")


def _loop(found: Sequence[dict[str, Any]], scope: repository.Scope) -> tuple[dict[repository.Key, Counts], Counts]:
    groups: dict[repository.Key, list[Snapshot]] = defaultdict(list)
    every: list[Snapshot] = []
    for draft in found:
        past = [change for change in draft["changes"] if change["at"] < scope.end]
        if past and _wanted(draft, past[-1], scope):
            snapshot = _snapshot(past)
            every.append(snapshot)
            for key in _keys(draft, past[-1], scope):
                groups[key].append(snapshot)
    return {key: _counted(each, scope) for key, each in groups.items()}, _counted(every, scope)


def _counted(snapshots: list[Snapshot], scope: repository.Scope) -> Counts:
    counts = asdict(progress(snapshots, scope.day, SOON))
    del counts["as_of"]
    return msgspec.convert(counts, Counts)


def _snapshot(past: Sequence[dict[str, Any]]) -> Snapshot:
    last, calendar = past[-1], CALENDAR
    completed, reported, late = last["completed_at"], last["reported_at"], last["late_from"]
    return Snapshot(
        last["status"],
        last["due_on"],
        completed_on=completed and calendar.local_date(completed),
        reported_on=reported and calendar.local_date(reported),
        late_after=late and last_day_before(late, calendar.timezone),
        missed=sum(change["missed_by"] is not None for change in past),
    )


def _wanted(draft: dict[str, Any], last: dict[str, Any], scope: repository.Scope) -> bool:
    wanted, due_on = scope.wanted, last["due_on"]
    return all(
        (
            not (draft["fanned_out"] or draft["schedule"] == RECURRING)
            if wanted.by in {By.UNIT, By.ROLE}
            else not draft["is_child"],
            wanted.unit is None or wanted.unit in draft["roles"],
            scope.reader is None or scope.reader in draft["roles"],
            wanted.plan in {None, draft["plan"]},
            wanted.due_from is None or (due_on is not None and due_on >= wanted.due_from),
            wanted.due_to is None or (due_on is not None and due_on <= wanted.due_to),
        )
    )


def _keys(draft: dict[str, Any], last: dict[str, Any], scope: repository.Scope) -> list[repository.Key]:
    match scope.wanted.by:
        case By.UNIT:
            return [(last["unit"],)]
        case By.PLAN:
            return [(draft["plan"],)]
        case By.MONTH:
            return [(last["due_on"] and f"{last['due_on']:%Y-%m}",)]
        case By.SOURCE:
            return [(draft["source"], draft["assigning_unit"] == CITY)]
        case By.ROLE:
            assert scope.along is not None
            return [(role,) for role in draft["roles"][scope.along]]
