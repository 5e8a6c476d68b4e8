"""What a page of fifty reports costs among ten thousand, and among a million."""

import asyncio
import base64
import http.client
import json
import os
import statistics
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from enum import StrEnum
from typing import Any, NamedTuple
from urllib.parse import urlencode

import asyncpg

from cchc_shared.contract.codes import Channel, FeedbackKind, FeedbackStatus, Role
from cchc_shared.contract.wording import unmarked
from feedback_api.reports.domain import ENDED
from tests.bench import lifecycles
from tests.bench.results import Bound, Figure, Result
from tests.bench.stage import Stage
from tests.support.databases import Database

FEW, MANY = 10_000, 1_000_000
REQUESTS = 200
PAGE = 50
LONGEST_WALK = 400
"""Pages: the middle is then ten thousand rows deep."""
PLACES = ("Ba Đình", "Hoàn Kiếm", "Tây Hồ", "Long Biên", "Cầu Giấy", "Đống Đa", "Hai Bà Trưng", "Hoàng Mai")


Connections = dict[int, http.client.HTTPConnection]
"""By the number of rows."""
Headers = dict[str, str]


class List(NamedTuple):
    """A list and one way to narrow it, as one kind of caller; `deep` asks for a page far from the first.

    `limit` rows are on the page, among few and among many alike: fewer than usual where there are but few to be found.
    """

    path: str
    narrowed: dict[str, str]
    deep: bool = False
    caller: str = "coordinator"
    limit: int = PAGE

    def __str__(self) -> str:
        by = f" by {self.what}" if self.narrowed else ""
        whose = "" if self.caller == "coordinator" else f", {self.caller}'s"
        return f"{self.path}{by}, {'deep' if self.deep else 'first page'}{whose}"

    @property
    def what(self) -> str:
        words = {
            "Ba Đình": "q, a common word",
            "ba dinh": "q, the same without marks",
            "137": "q, a less common word",
            "vt17": "q, a rare word",
            CODE: "q, code",
            TASK: "q, code",
            "lead": "role lead",
            "coordinating": "role coordinating",
            "former_lead": "role former_lead",
            "completed": "status completed",
            "false": "not overdue",
        }
        return ", ".join(words.get(value, name) for name, value in self.narrowed.items())


UNIT, CODE, TASK = lifecycles.UNITS[7], "PA-26-0000500", "NV-4150"
CALLERS = {
    "coordinator": ("coordinator-1", [Role.COORDINATOR], None),
    "officer": ("officer-1", [Role.OFFICER], UNIT),
    "citizen": ("citizen-7", [Role.CITIZEN], None),
}


def _of_reports(caller: str = "coordinator", limit: int = PAGE, *, deep: bool = False, **narrowed: str) -> List:
    return List("/v1/feedback", narrowed, deep, caller, limit)


LISTS = (
    _of_reports(unit=UNIT),
    _of_reports(status="accepted"),
    _of_reports(status="accepted", deep=True),
    _of_reports(),
    _of_reports(deep=True),
    _of_reports(channel="hotline"),
    _of_reports(kind="conduct"),
    _of_reports(category="trees"),
    _of_reports(routed="queue"),
    _of_reports(overdue="true"),
    _of_reports(own_overdue="true"),
    List("/v1/feedback", {"from": "2026-01-01", "to": "2026-01-01"}),
    _of_reports(unit=UNIT, overdue="true", limit=10),
    _of_reports(q="Ba Đình"),
    _of_reports(q="Ba Đình", deep=True),
    _of_reports(q="ba dinh"),
    _of_reports(q="137"),
    _of_reports(q="vt17"),
    _of_reports(q=CODE, limit=1),
    _of_reports("officer"),
    _of_reports("officer", limit=20, deep=True),
    _of_reports("officer", status="closed"),
    _of_reports("officer", q="Ba Đình", limit=5),
    _of_reports("citizen"),
    _of_reports("citizen", q="Ba Đình", limit=5),
)


def measure(stage: Stage) -> Iterator[Result]:
    """The same request to the same service over both databases in turn, on one connection each.

    Judged is the time that the fastest tenth keeps to: whatever else the machine does only adds, and not to both alike.
    What the slowest of a hundred takes among many rows stands beside it.
    """
    with ExitStack() as opened:
        connections: Connections = {}
        for size in (FEW, MANY):
            database = opened.enter_context(stage.database())
            asyncio.run(_fill(database, size))
            connections[size] = opened.enter_context(serving(stage, "feedback", database))
        for one in LISTS:
            yield compare_lists(one, connections, stage.tokens(*CALLERS[one.caller]))


@contextmanager
def serving(stage: Stage, schema: str, database: Database) -> Iterator[http.client.HTTPConnection]:
    """A connection to the API over that schema."""
    secret = base64.b64encode(os.urandom(32)).decode()
    service = stage.service(f"{schema}_api.api", DATABASE_URL=database.url(schema), CCHC_CONTACT_KEY=secret)
    with service as port, closing(http.client.HTTPConnection("127.0.0.1", port)) as connection:
        yield connection


def compare_lists(one: List, connections: Connections, headers: Headers) -> Result:
    """A page among few rows, and among many."""
    targets = {}
    for size, connection in connections.items():
        cursor = _middle(one, connection, headers) if one.deep else {}
        targets[size] = f"{one.path}?{urlencode(one.narrowed | {'limit': one.limit} | cursor)}"
    return compare(str(one), targets, connections, headers, rows=one.limit)


def compare(
    name: str,
    targets: Mapping[int, str],
    connections: Connections,
    headers: Headers,
    *,
    rows: int | None = None,
) -> Result:
    """What is found there, so many rows of it: asked for by turns."""
    times: dict[int, list[float]] = {size: [] for size in connections}
    for _ in range(REQUESTS):
        for size, connection in connections.items():
            began = time.perf_counter()
            found = _get(connection, targets[size], headers)
            times[size].append((time.perf_counter() - began) * 1000)
            if rows is not None and len(found["items"]) != rows:
                raise RuntimeError(f"{targets[size]} found {len(found['items'])} of {rows}")
    few, many = (statistics.quantiles(times[size], n=10)[0] for size in (FEW, MANY))
    slowest = statistics.quantiles(times[MANY], n=100)[98]
    figures = [
        Figure(f"{FEW:,} rows", few, " ms"),
        Figure(f"{MANY:,} rows", many, " ms"),
        Figure("p99 of these", slowest, " ms"),
    ]
    return Result(f"{name}, {MANY:,} rows / {FEW:,}", figures, many / few, Bound("≤", 1.2))


def _middle(one: List, connection: http.client.HTTPConnection, headers: Headers) -> dict[str, str]:
    """The cursor of the page in the middle of the list, or of as much of it as can be walked in a few seconds."""
    cursors: list[dict[str, str]] = [{}]
    while True:
        found = _get(connection, f"{one.path}?{urlencode(one.narrowed | {'limit': one.limit} | cursors[-1])}", headers)
        if found["next_cursor"] is None or len(cursors) == LONGEST_WALK:
            if len(cursors) == 1:
                raise RuntimeError(f"{one} has but one page")
            return cursors[len(cursors) // 2]
        cursors.append({"cursor": found["next_cursor"]})


def _get(connection: http.client.HTTPConnection, target: str, headers: Headers) -> dict[str, Any]:
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


_CLOSED = [FeedbackStatus.CLOSED] * 30
"""Beside one report in each status: most reports of a city are over."""
_CATEGORIES = ("infrastructure", "sanitation", "security", "public_order", "trees", "lighting", "flooding", "other")
_OVER = f"status IN ({', '.join(repr(each.value) for each in ENDED)})"

# A house number stands in every 150th report, and one word in a hundred reports, among few and among many; so many
# are of one citizen.
_FEEDBACK = f"""
    INSERT INTO feedback (code, version, channel, channel_ref, kind, category, severity, title, content, unit, routing,
                          status, submitted_by, secret_digest, received_at, recorded_at, accept_due_at, resolve_due_at,
                          answered_at, ended_at, lat, lon, held_by, former_units, words)
    SELECT 'PA-26-' || lpad(n::text, 7, '0'), 1, {pick(Channel, 13)}, 'ref-' || n, {pick(FeedbackKind, 17)},
           {pick(_CATEGORIES, 19)}, 'normal', 'Đèn đường hỏng ở ' || {pick(PLACES, 3)},
           'Đèn chiếu sáng trước số nhà ' || n % 150 || ' không hoạt động, vt' || n % ($1::bigint / 100),
           {pick(lifecycles.UNITS, 11)}, jsonb_build_object('by', CASE n % 20 WHEN 0 THEN 'queue' ELSE 'sender' END),
           status, 'citizen-' || n % ($1::bigint / 100), sha256(n::text::bytea), at, at, at + interval '1 day',
           at + interval '15 days',
           CASE WHEN {_OVER} AND status NOT IN ('refused', 'duplicate') THEN at + interval '4 days' END,
           CASE WHEN status IN ('refused', 'duplicate') THEN at + interval '4 days' END,
           20.9 + n * 7919 % 2000 / 1e4, 105.7 + n * 104729 % 2000 / 1e4,
           CASE WHEN n % 20 = 0 THEN {pick(lifecycles.UNITS, 17)} END,
           CASE WHEN n % 10 = 1 THEN ARRAY[{pick(lifecycles.UNITS, 19)}] ELSE '{{}}' END,
           'den duong hong o ' || {pick([unmarked(place) for place in PLACES], 3)} || ' den chieu sang truoc so nha '
           || n % 150 || ' khong hoat dong vt' || n % ($1::bigint / 100) || ' ref ' || n
    FROM generate_series(1, $1::bigint) n,
         LATERAL (SELECT timestamptz '2026-01-01' + n * interval '15 seconds' AS at,
                         {pick([*FeedbackStatus, *_CLOSED], 5)} AS status) t"""

_FORMER_UNITS = """
    INSERT INTO feedback_former_unit (unit, received_at, code)
    SELECT u, received_at, code FROM feedback, unnest(former_units) u WHERE $1::bigint > 0"""

UNITS = f"""
    INSERT INTO units (subject, version, code)
    SELECT code, 1, code FROM unnest({array(lifecycles.UNITS)}) code WHERE $1::bigint > 0"""


async def _fill(database: Database, size: int) -> None:
    reports = {"feedback": _FEEDBACK, "feedback_former_unit": _FORMER_UNITS, "units": UNITS}
    await insert_rows(database, "feedback", reports, size)


async def insert_rows(database: Database, schema: str, statements: dict[str, str], size: int) -> None:
    """Rows first, indexes after: a fifth of the time. No trigger looks at them."""
    connection = await asyncpg.connect(database.url(schema), command_timeout=600)
    try:
        await connection.execute("SET maintenance_work_mem = '512MB'")
        for table, statement in statements.items():
            indexes = await connection.fetch(
                """SELECT c.relname, pg_get_indexdef(i.indexrelid) AS definition,
                          (SELECT attstattarget FROM pg_attribute WHERE attrelid = c.oid AND attnum = 1) AS target
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
                if index["target"] is not None:
                    await connection.execute(
                        f"ALTER INDEX {index['relname']} ALTER COLUMN 1 SET STATISTICS {index['target']}"
                    )
            await connection.execute(f"VACUUM ANALYZE {table}")
    finally:
        await connection.close()
