"""What tasks cost to read among ten thousand of them, and among a million, assigned over the same thousand days."""

import asyncio
import statistics
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from functools import partial

from cchc_shared.contract.wording import unmarked
from cchc_shared.storage.database import create_engine
from tasks_api.tasks import repository
from tests.bench import lifecycles
from tests.bench.lists import (
    CALLERS,
    FEW,
    MANY,
    PLACES,
    TASK,
    UNIT,
    Connections,
    List,
    compare,
    compare_lists,
    insert_rows,
    pick,
    serving,
)
from tests.bench.results import Figure, Result
from tests.bench.stage import Stage
from tests.support.databases import Database

DAYS = 1000
PER_PLAN, CHILDREN = 200, 30
"""The first row of each plan has so many children, which follow it."""
PLAN, CODE, PARENT = "KH-20", TASK, "NV-4001"
"""All in the middle of the first ten thousand; the code is of a row of that plan, without children."""
_TODAY = datetime.now(UTC).date()
_WEEK = {"due_from": str(_TODAY - timedelta(days=400)), "due_to": str(_TODAY - timedelta(days=394))}
_of_tasks = partial(List, "/v1/tasks")
_of_officer = partial(_of_tasks, caller="officer")

LISTS = (
    _of_tasks({}),
    _of_tasks({}, deep=True),
    _of_tasks({"unit": UNIT}),
    _of_tasks({"unit": UNIT}, deep=True),
    _of_tasks({"unit": UNIT, "role": "lead"}),
    _of_tasks({"unit": UNIT, "role": "former_lead"}, limit=5),
    _of_tasks({"status": "in_progress"}),
    _of_tasks({"status": "in_progress"}, deep=True),
    _of_tasks({"status": "completed"}),
    _of_tasks({"plan": PLAN}),
    _of_tasks({"overdue": "true"}),
    _of_tasks({"overdue": "true"}, deep=True),
    _of_tasks({"overdue": "false"}),
    _of_tasks(_WEEK),
    _of_tasks({"due_from": _WEEK["due_from"]}),
    _of_tasks({"unit": UNIT, "status": "completed"}),
    _of_tasks({"unit": UNIT, "overdue": "true"}, limit=10),
    _of_tasks({"q": "Ba Đình"}),
    _of_tasks({"q": "Ba Đình"}, deep=True),
    _of_tasks({"q": "ba dinh"}),
    _of_tasks({"q": "137"}),
    _of_tasks({"q": "vt17"}),
    _of_tasks({"q": CODE}, limit=1),
    _of_officer({}),
    _of_officer({}, deep=True),
    _of_officer({"role": "lead"}),
    _of_officer({"role": "coordinating"}),
    _of_officer({"status": "completed"}),
    _of_officer({"status": "in_progress"}, limit=10),
    _of_officer({"plan": PLAN}, limit=2),
    _of_officer({"overdue": "true"}, limit=10),
    _of_officer({"overdue": "false"}),
    _of_officer({"due_from": _WEEK["due_from"]}),
    _of_officer({"q": "Ba Đình"}, limit=10),
)
THINGS = {
    "a task": f"/v1/tasks/{CODE}",
    "a task with thirty children": f"/v1/tasks/{PARENT}",
    "the history of a task": f"/v1/tasks/{CODE}/history",
    "progress of a plan of two hundred, today": f"/v1/plans/{PLAN}/progress",
    "progress of it, half a year ago": f"/v1/plans/{PLAN}/progress?as_of={_TODAY - timedelta(days=182)}",
}


def measure(stage: Stage) -> Iterator[Result]:
    """The same question over both databases in turn, as for lists of reports."""
    with ExitStack() as opened:
        connections: Connections = {}
        databases = {size: opened.enter_context(stage.database()) for size in (FEW, MANY)}
        for size, database in databases.items():
            asyncio.run(fill(database, size))
            connections[size] = opened.enter_context(serving(stage, "tasks", database))
        for one in LISTS:
            yield compare_lists(one, connections, stage.tokens(*CALLERS[one.caller]))
        for name, path in THINGS.items():
            targets = dict.fromkeys(connections, path)
            yield compare(name, targets, connections, stage.tokens(*CALLERS["coordinator"]))
        seconds = {size: asyncio.run(_count(database)) for size, database in databases.items()}
        figures = [Figure(f"{size:,} rows", 1000 * spent, " ms") for size, spent in seconds.items()]
        yield Result("open and overdue tasks, counted for the operators' gauges", figures)


async def _count(database: Database) -> float:
    """Seconds; what is asked for in the background, now and then."""
    engine = create_engine(database.url("tasks"), pool_size=1)
    spent = []
    async with engine.connect() as conn:
        for _ in range(5):
            began = time.perf_counter()
            await repository.count_open(conn, datetime.now(UTC))
            spent.append(time.perf_counter() - began)
    await engine.dispose()
    return statistics.median(spent)


_PLANS = f"""
    INSERT INTO plans (code, identity, document_no, issued_year, issued_on, title, issuer, assigning_unit, tasks,
                       digest, imported_at, imported_by, version)
    SELECT 'KH-' || n, n::text, n || '/KH-UBND', 2024, current_date - {DAYS}, 'Kế hoạch cải cách hành chính',
           'UBND Thành phố', 'U000', {PER_PLAN}, sha256(n::text::bytea), now(), 'office', 1
    FROM generate_series(0, $1::bigint / {PER_PLAN}) n"""

# A place stands in every eighth task, a number in every 150th, one word in a hundred tasks, among few and many. Of what
# should be done by now one in twelve is not; of what is due later, most is under way.
_TASKS = f"""
    INSERT INTO tasks (code, plan, number, parent, title, lead_unit, coordinating_units, former_leads, assigning_unit,
                       assigned_at, fanned_out, due_text, due_on, due_at, planned_due_on, product, source, urgency,
                       status, approvals, reported_at, completed_at, extensions, handovers, version, search)
    SELECT 'NV-' || n, 'KH-' || (n - 1) / {PER_PLAN}, place + 1,
           CASE WHEN place BETWEEN 1 AND {CHILDREN} THEN 'NV-' || n - place END,
           'Rà soát thủ tục ở ' || {pick(PLACES, 3)}, {pick(lifecycles.UNITS, 11)},
           ARRAY[{pick(lifecycles.UNITS, 17)}, {pick(lifecycles.UNITS, 23)}],
           CASE WHEN n % 10 = 3 THEN ARRAY[{pick(lifecycles.UNITS, 29)}] ELSE '{{}}' END, 'U000', at, place = 0,
           '', due_on, due_on + time '17:00' AT TIME ZONE 'UTC', due_on, 'Báo cáo số ' || n % 150,
           'vt' || n % ($1::bigint / 100), 'normal', status, 0,
           CASE status WHEN 'reported' THEN least(now(), at + n % 40 * interval '1 day') END,
           CASE status WHEN 'completed' THEN least(now(), at + (5 + n % 70) * interval '1 day') END,
           0, (n % 10 = 3)::int,
           CASE status WHEN 'not_started' THEN 1 WHEN 'in_progress' THEN 2 WHEN 'completed' THEN 5 ELSE 3 END,
           'nv ' || n || ' ra soat thu tuc o ' || {pick([unmarked(place) for place in PLACES], 3)} || ' bao cao so '
           || n % 150 || ' vt' || n % ($1::bigint / 100)
    FROM generate_series(1, $1::bigint) n,
         LATERAL (SELECT (n - 1) % {PER_PLAN} AS place,
                         now() - interval '{DAYS} days' + n * interval '{DAYS} days' / $1::bigint AS at) a,
         LATERAL (SELECT at::date + (10 + n * 7919 % 81)::int AS due_on) d,
         LATERAL (SELECT CASE WHEN n * 104729 % 100 >= CASE WHEN due_on < current_date THEN 92 ELSE 15 END
                              THEN {pick(("not_started", *["in_progress"] * 4, "reported", "extension_requested"), 5)}
                              WHEN n % 25 = 0 THEN 'closed' ELSE 'completed' END AS status) s"""

_PARTIES = """
    INSERT INTO task_parties (unit, task_id, roles, open_late_at)
    SELECT unit, id, array_agg(DISTINCT role),
           CASE WHEN status NOT IN ('completed', 'closed') AND (reported_at < due_at) IS NOT TRUE THEN due_at END
    FROM tasks, LATERAL (SELECT lead_unit AS unit, 'lead' AS role
                         UNION ALL SELECT unnest(coordinating_units), 'coordinating'
                         UNION ALL SELECT unnest(former_leads), 'former_lead'
                         UNION ALL SELECT assigning_unit, 'assigning') p
    WHERE $1::bigint > 0 GROUP BY unit, id"""

_HISTORY = """
    INSERT INTO task_history (task_id, version, action, from_status, status, from_unit, unit, actor, role, at,
                              recorded_at, due_on, completed_at, reported_at)
    SELECT id, v, (ARRAY['assign', 'start', 'report', 'approve', 'approve'])[v], lag(now) OVER w, now,
           CASE WHEN v > 1 THEN lead_unit END, lead_unit, 'someone', 'officer', happened, happened, due_on,
           CASE WHEN v = 5 THEN completed_at END, CASE WHEN v IN (3, 4) THEN coalesce(reported_at, completed_at) END
    FROM tasks, generate_series(1, version) v,
         LATERAL (SELECT CASE v WHEN version THEN status WHEN 1 THEN 'not_started' WHEN 2 THEN 'in_progress'
                                ELSE 'reported' END AS now,
                         least(now(), assigned_at + v * (coalesce(completed_at, now()) - assigned_at) / 5)
                             AS happened) h
    WHERE $1::bigint > 0 WINDOW w AS (PARTITION BY id ORDER BY v)"""


async def fill(database: Database, size: int) -> None:
    """Plans with tasks and their children, the units that take part, and what was done."""
    rows = {"plans": _PLANS, "tasks": _TASKS, "task_parties": _PARTIES, "task_history": _HISTORY}
    await insert_rows(database, "tasks", rows, size)
