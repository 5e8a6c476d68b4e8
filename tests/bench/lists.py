"""What a page of fifty costs among ten thousand rows, and among a million."""

import asyncio
import base64
import http.client
import json
import os
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from enum import StrEnum
from typing import Any, NamedTuple
from urllib.parse import urlencode

import asyncpg

from cchc_shared.contract.codes import Channel, FeedbackStatus, Role, TaskStatus
from tests.bench import lifecycles
from tests.bench.results import Bound, Figure, Result
from tests.bench.stage import Stage
from tests.support.databases import Database

FEW, MANY = 10_000, 1_000_000
REQUESTS = 300
PAGE, LONGEST_PAGE = 50, 200
LONGEST_WALK = 100
"""Pages: the middle is then ten thousand rows deep."""
PLACES = ("Ba Đình", "Hoàn Kiếm", "Tây Hồ", "Long Biên", "Cầu Giấy", "Đống Đa", "Hai Bà Trưng", "Hoàng Mai")


class List(NamedTuple):
    """A list and one way to narrow it; `deep` asks for a page far from the first."""

    service: str
    path: str
    narrowed: dict[str, str]
    deep: bool

    def __str__(self) -> str:
        return f"{self.path} by {', '.join(self.narrowed)}, {'deep' if self.deep else 'first page'}"


LISTS = (
    List("feedback", "/v1/feedback", {"unit": lifecycles.UNITS[7]}, deep=False),
    List("feedback", "/v1/feedback", {"status": "accepted"}, deep=False),
    List("feedback", "/v1/feedback", {"status": "accepted"}, deep=True),
    List("tasks", "/v1/tasks", {"unit": lifecycles.UNITS[7]}, deep=False),
    List("tasks", "/v1/tasks", {"status": "in_progress"}, deep=False),
    List("tasks", "/v1/tasks", {"status": "in_progress"}, deep=True),
)


def measure(stage: Stage) -> Iterator[Result]:
    """The same request to the same service over both databases in turn, on one connection each.

    The time that the fastest tenth keeps to: whatever else the machine does only adds, and not to both alike.
    """
    with ExitStack() as opened:
        connections: dict[int, dict[str, http.client.HTTPConnection]] = {}
        for size in (FEW, MANY):
            database = opened.enter_context(stage.database())
            asyncio.run(_fill(database, size))
            connections[size] = {
                service: opened.enter_context(closing(http.client.HTTPConnection("127.0.0.1", port)))
                for service, port in _serve(stage, database, opened)
            }
        headers = stage.tokens("coordinator-1", [Role.COORDINATOR])
        for one in LISTS:
            yield _compare(one, {size: connections[size][one.service] for size in connections}, headers)


def _serve(stage: Stage, database: Database, opened: ExitStack) -> Iterator[tuple[str, int]]:
    secret = base64.b64encode(os.urandom(32)).decode()
    for schema, module in (("feedback", "feedback_api.api"), ("tasks", "tasks_api.api")):
        service = stage.service(module, DATABASE_URL=database.url(schema), CCHC_CONTACT_KEY=secret)
        yield schema, opened.enter_context(service)


def _compare(one: List, connections: dict[int, http.client.HTTPConnection], headers: dict[str, str]) -> Result:
    targets = {}
    for size, connection in connections.items():
        cursor = _middle(one, connection, headers) if one.deep else {}
        targets[size] = f"{one.path}?{urlencode(one.narrowed | {'limit': PAGE} | cursor)}"
    times: dict[int, list[float]] = {size: [] for size in connections}
    for _ in range(REQUESTS):
        for size, connection in connections.items():
            began = time.perf_counter()
            found = _get(connection, targets[size], headers)
            times[size].append((time.perf_counter() - began) * 1000)
            if len(found["items"]) != PAGE:
                raise RuntimeError(f"{targets[size]} found {len(found['items'])} of {PAGE}")
    few, many = (statistics.quantiles(times[size], n=10)[0] for size in (FEW, MANY))
    figures = [Figure(f"{FEW:,} rows", few, " ms"), Figure(f"{MANY:,} rows", many, " ms")]
    return Result(f"{one}, {MANY:,} rows / {FEW:,}", figures, many / few, Bound("≤", 1.2))


def _middle(one: List, connection: http.client.HTTPConnection, headers: dict[str, str]) -> dict[str, str]:
    """The cursor of the page in the middle of the list, or of as much of it as can be walked in a few seconds."""
    cursors: list[dict[str, str]] = [{}]
    while True:
        found = _get(
            connection, f"{one.path}?{urlencode(one.narrowed | {'limit': LONGEST_PAGE} | cursors[-1])}", headers
        )
        if found["next_cursor"] is None or len(cursors) == LONGEST_WALK:
            return cursors[len(cursors) // 2]
        cursors.append({"cursor": found["next_cursor"]})


def _get(connection: http.client.HTTPConnection, target: str, headers: dict[str, str]) -> dict[str, Any]:
    connection.request("GET", target, headers=headers)
    answer = connection.getresponse()
    content = answer.read()
    if answer.status != 200:
        raise RuntimeError(f"{target}: {answer.status} {content[:500]!r}")
    return dict(json.loads(content))


def array(values: type[StrEnum] | Sequence[str]) -> str:
    return f"(ARRAY[{', '.join(repr(str(value)) for value in values)}])"


def pick(values: type[StrEnum] | Sequence[str], salt: int) -> str:
    """One of the values for row `n`, spread evenly and not in step with other columns."""
    return f"{array(values)}[1 + ((n * 7919 + n / {salt}) % {len(values)})::int]"


_FEEDBACK = f"""
    INSERT INTO feedback (code, version, channel, channel_ref, kind, severity, title, content, unit, routing, status,
                          submitted_by, secret_digest, received_at, recorded_at, accept_due_at, resolve_due_at)
    SELECT 'PA-26-' || lpad(n::text, 7, '0'), 1, {pick(Channel, 13)}, 'ref-' || n, 'on_site', 'normal',
           'Đèn đường hỏng ở ' || {pick(PLACES, 3)}, 'Đèn chiếu sáng trước số nhà ' || n % 300 || ' không hoạt động',
           {pick(lifecycles.UNITS, 11)}, '[]', {pick(FeedbackStatus, 5)}, 'citizen-' || n % 5000,
           sha256(n::text::bytea), at, at, at + interval '1 day', at + interval '15 days'
    FROM generate_series(1, $1::bigint) n,
         LATERAL (SELECT timestamptz '2026-01-01' + n * interval '15 seconds' AS at) t"""

_TASKS = f"""
    INSERT INTO tasks (code, title, lead_unit, coordinating_units, former_leads, assigning_unit, assigned_at,
                       fanned_out, due_text, due_on, due_at, product, source, urgency, status, approvals, extensions,
                       handovers, version)
    SELECT 'NV-' || n, 'Rà soát thủ tục hành chính ở ' || {pick(PLACES, 3)}, {pick(lifecycles.UNITS, 11)},
           '{{}}', '{{}}', 'U000', at, false, 'Trong năm 2026', '2026-12-31', '2026-12-31 17:00Z', 'Báo cáo',
           'KH 313/KH-UBND', 'normal', {pick(TaskStatus, 5)}, 0, 0, 0, 1
    FROM generate_series(1, $1::bigint) n,
         LATERAL (SELECT timestamptz '2026-01-01' + n * interval '15 seconds' AS at) t"""

_PARTIES = """
    INSERT INTO task_parties (unit, task_id, roles) SELECT lead_unit, id, '{lead}' FROM tasks WHERE $1::bigint > 0"""


UNITS = f"""
    INSERT INTO units (subject, version, code)
    SELECT code, 1, code FROM unnest({array(lifecycles.UNITS)}) code WHERE $1::bigint > 0"""


async def _fill(database: Database, size: int) -> None:
    await insert_rows(database, "feedback", {"feedback": _FEEDBACK, "units": UNITS}, size)
    await insert_rows(database, "tasks", {"tasks": _TASKS, "task_parties": _PARTIES}, size)


async def insert_rows(database: Database, schema: str, statements: dict[str, str], size: int) -> None:
    """Rows first, indexes after: a fifth of the time. No trigger looks at them."""
    connection = await asyncpg.connect(database.url(schema), command_timeout=180)
    try:
        await connection.execute("SET maintenance_work_mem = '512MB'")
        for table, statement in statements.items():
            indexes = await connection.fetch(
                """SELECT c.relname, pg_get_indexdef(i.indexrelid) AS definition
                   FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
                   WHERE i.indrelid = $1::regclass
                     AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = c.oid)""",
                table,
            )
            for index in indexes:
                await connection.execute(f"DROP INDEX {index['relname']}")
            await connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            await connection.execute(statement, size)
            await connection.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
            for index in indexes:
                await connection.execute(index["definition"])
            await connection.execute(f"VACUUM ANALYZE {table}")
    finally:
        await connection.close()
