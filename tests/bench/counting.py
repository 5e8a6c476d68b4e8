"""What statistics cost over ten thousand reports, and over a million, received in the same twelve months."""

import asyncio
import base64
import http.client
import json
import os
import statistics
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from sqlalchemy import text

from cchc_shared.contract.codes import Channel, FeedbackKind, Role
from cchc_shared.storage.database import create_engine
from feedback_api.statistics import cells
from tests.bench import lifecycles
from tests.bench.lists import FEW, MANY, UNITS, insert_rows, pick
from tests.bench.results import Bound, Figure, Result
from tests.bench.stage import Stage
from tests.support.databases import Database

REQUESTS = 60
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
WHOLE = {"from": "2025-03-01", "to": "2025-08-31"}
GROUPINGS = ("", "month", "month,channel", "month,unit", "channel", "unit", "kind", "category")
CATEGORIES = tuple(f"category-{number}" for number in range(20))
AT_MOST = 1.5


def measure(stage: Stage) -> Iterator[Result]:
    """The same question to the same service over both databases in turn, as for lists."""
    secret = base64.b64encode(os.urandom(32)).decode()
    with ExitStack() as opened:
        connections: dict[int, http.client.HTTPConnection] = {}
        filled: dict[int, float] = {}
        for size in (FEW, MANY):
            database = opened.enter_context(stage.database())
            filled[size] = asyncio.run(_fill(database, size))
            settings = {"DATABASE_URL": database.url("feedback"), "CCHC_CONTACT_KEY": secret}
            port = opened.enter_context(stage.service("feedback_api.api", **settings))
            connections[size] = opened.enter_context(closing(http.client.HTTPConnection("127.0.0.1", port)))
        seconds = [Figure(f"{size:,} reports", spent, " s") for size, spent in filled.items()]
        yield Result("cells of twelve months from the reports that are there", seconds)
        everyone = stage.tokens("coordinator-1", [Role.COORDINATOR])
        head = stage.tokens("head-1", [Role.UNIT_HEAD], unit=lifecycles.UNITS[7])
        for period in ({}, WHOLE):
            for grouping in GROUPINGS:
                asked = period | ({"group_by": grouping} if grouping else {})
                yield _compare(_named("all", asked), asked, connections, everyone)
            for grouping in ("", "month", "month,channel"):
                asked = period | ({"group_by": grouping} if grouping else {})
                yield _compare(_named("a unit's own", asked), asked, connections, head)


def _named(whose: str, asked: dict[str, str]) -> str:
    return f"statistics, {whose}, by {asked.get('group_by', 'nothing')}{', six months' if 'from' in asked else ''}"


def _compare(
    name: str, asked: dict[str, str], connections: dict[int, http.client.HTTPConnection], headers: dict[str, str]
) -> Result:
    target = f"/v1/statistics/feedback?{urlencode(asked)}"
    times: dict[int, list[float]] = {size: [] for size in connections}
    for _ in range(REQUESTS):
        for size, connection in connections.items():
            began = time.perf_counter()
            connection.request("GET", target, headers=headers)
            answer = connection.getresponse()
            found = json.loads(answer.read())
            times[size].append((time.perf_counter() - began) * 1000)
            if answer.status != 200 or not found["rows"]:
                raise RuntimeError(f"{target}: {answer.status} {found}")
    few, many = (statistics.quantiles(times[size], n=10)[0] for size in (FEW, MANY))
    figures = [Figure(f"{FEW:,} reports", few, " ms"), Figure(f"{MANY:,} reports", many, " ms")]
    return Result(f"{name}, {MANY:,} reports / {FEW:,}", figures, many / few, Bound("≤", AT_MOST))


# A report in twenty is open, two thirds of those overdue; a third was handed over; some were asked about, or refused.
_FEEDBACK = f"""
    INSERT INTO feedback (code, version, channel, channel_ref, kind, category, severity, content, unit, held_by,
                          routing, status, secret_digest, received_at, recorded_at, accept_due_at, resolve_due_at,
                          own_resolve_due_at, answered_at, ended_at, paused_since, reopenings, satisfied)
    SELECT 'PA-25-' || lpad(n::text, 7, '0'), 1, {pick(Channel, 13)}, 'ref-' || n, {pick(FeedbackKind, 17)},
           {pick(CATEGORIES, 23)}, 'normal', 'Đèn chiếu sáng trước số nhà ' || n % 300 || ' không hoạt động',
           {pick(lifecycles.UNITS, 11)}, CASE WHEN n % 100 = 3 THEN 'U000' END, '[]', 'received',
           sha256(n::text::bytea), at, at, at + interval '1 day', at + interval '15 days',
           CASE WHEN n % 3 = 0 THEN at + interval '20 days' END,
           CASE WHEN n % 20 NOT IN (3, 4) THEN at + n % 18 * interval '1 day' END,
           CASE WHEN n % 20 = 4 THEN at + n % 19 * interval '1 day' END,
           CASE WHEN n % 60 = 3 THEN at + interval '5 days' END,
           (n % 50 = 0)::int, CASE n % 4 WHEN 0 THEN true WHEN 1 THEN false END
    FROM generate_series(1, $1::bigint) n,
         LATERAL (SELECT timestamptz '2025-01-01 00:00+07' + n * interval '365 days' / ($1::bigint + 1) AS at) t"""


async def _fill(database: Database, size: int) -> float:
    """Reports without cells, as an upgrade finds them; then what the worker does. Returns the seconds it took."""
    await insert_rows(database, "feedback", {"feedback": _FEEDBACK, "units": UNITS}, size)
    engine = create_engine(database.url("feedback"))
    async with engine.begin() as conn:
        await conn.execute(text("UPDATE statistics_state SET filled = false"))
    began = time.perf_counter()
    more = True
    while more:
        async with engine.begin() as conn:
            more = await cells.fill(conn, ZONE, datetime.now(UTC))
    spent = time.perf_counter() - began
    async with engine.connect() as conn:
        await (await conn.execution_options(isolation_level="AUTOCOMMIT")).execute(
            text("VACUUM ANALYZE statistics_cell, statistics_change")
        )
    await engine.dispose()
    return spent
