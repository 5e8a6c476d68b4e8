"""How many deliveries of dossiers a second are acknowledged after their commit, and what a page of a million costs."""

import asyncio
import json
import statistics
from collections.abc import Iterator
from contextlib import ExitStack

from msgspec.structs import replace

from cchc_shared.contract.codes import DossierChannel, DossierStatus, Role
from tests.bench import lifecycles
from tests.bench.lists import FEW, MANY, UNITS, Connections, List, compare_lists, insert_rows, pick, serving
from tests.bench.load import Load, drive
from tests.bench.results import Bound, Figure, Result
from tests.bench.stage import Stage, in_every_place
from tests.support.databases import Database

BATCH, SENDERS = 1_000, 4
"""Deliveries in one request, and how many requests are under way, single ones too."""
SECONDS = 3.0
ROUNDS = 5
DIGITS = (6, 8)
REFERENCE = "0" * (sum(DIGITS) + 1)
UNIT = lifecycles.UNITS[7]
LISTS = (
    List("/v1/dossiers", {}),
    List("/v1/dossiers", {}, deep=True),
    List("/v1/dossiers", {"unit": UNIT}),
    List("/v1/dossiers", {"unit": UNIT}, limit=20, deep=True),
    List("/v1/dossiers", {"status": "handled"}),
    List("/v1/dossiers", {"status": "withdrawal_requested"}),
    List("/v1/dossiers", {"unit": UNIT, "status": "returned"}, limit=10),
)


def body(unit: str, count: int) -> str:
    """A request with so many deliveries, each of a dossier that nobody has spoken of, some 300 bytes each."""
    said = {
        "status": "received",
        "at": "2026-03-02T09:00:00+07:00",
        "procedure": "1.001234",
        "unit": unit,
        "channel": "online",
        "field": "G01",
        "received_at": "2026-03-02T09:00:00+07:00",
        "appointment_at": "2026-03-09T17:00:00+07:00",
        "fee_charged": True,
    }
    return json.dumps({"items": [{"dossier": f"H26.33.{number:04}-{REFERENCE}", **said} for number in range(count)]})


def measure(stage: Stage) -> Iterator[Result]:
    """One worker each, the client on the same cores; batches, single deliveries and the bare service by turns."""
    with stage.database() as database, ExitStack() as services:
        asyncio.run(lifecycles.publish(database, lifecycles.units()))
        services.enter_context(stage.service("dossiers_api.worker", DATABASE_URL=database.url("dossiers")))
        direct = services.enter_context(stage.service("dossiers_api.api", DATABASE_URL=database.url("dossiers")))
        gateway = services.enter_context(stage.service("gateway.api", **in_every_place(direct)))
        bare = services.enter_context(stage.service("tests.bench.validating_dossiers"))
        many = Load(
            port=gateway,
            path="/v1/dossiers/events",
            token=stage.tokens("one-stop", [Role.SYSTEM])["Authorization"],
            bodies=[body(unit, BATCH) for unit in lifecycles.UNITS[:8]],
            connections=SENDERS,
            seconds=SECONDS,
            status=200,
            digits=DIGITS,
        )
        one = replace(many, bodies=[body(unit, 1) for unit in lifecycles.UNITS[:8]])
        rounds = [
            tuple(asyncio.run(drive(load)) for load in (many, one, replace(many, port=bare))) for _ in range(ROUNDS)
        ]
    by_batch = statistics.median(batch.rate * BATCH for batch, *_ in rounds)
    yield Result(
        f"dossiers in batches of {BATCH:,} / one by one, through the gateway, {SENDERS} connections",
        [
            Figure("by batch", by_batch, "/s"),
            Figure("one by one", statistics.median(single.rate for _, single, _ in rounds), "/s"),
            Figure("p99 of a batch", statistics.median(batch.p99_ms for batch, *_ in rounds), " ms"),
        ],
        statistics.median(batch.rate * BATCH / single.rate for batch, single, _ in rounds),
        Bound("≥", 20),
    )
    yield Result(
        f"dossiers in batches of {BATCH:,}, through the gateway / a bare service that validates them",
        [
            Figure("by batch", by_batch, "/s"),
            Figure("bare", statistics.median(bare.rate * BATCH for *_, bare in rounds), "/s"),
        ],
        statistics.median(batch.rate / bare.rate for batch, _, bare in rounds),
        Bound("≥", 0.3),
    )
    yield from _lists(stage)


def _lists(stage: Stage) -> Iterator[Result]:
    with ExitStack() as opened:
        connections: Connections = {}
        for size in (FEW, MANY):
            database = opened.enter_context(stage.database())
            asyncio.run(_fill(database, size))
            connections[size] = opened.enter_context(serving(stage, "dossiers", database))
        for one in LISTS:
            yield compare_lists(one, connections, stage.tokens("coordinator-1", [Role.COORDINATOR]))


_OVER = [DossierStatus.RETURNED] * 20
"""Beside one dossier in each status: most of a city's are over."""
_DOSSIERS = f"""
    INSERT INTO dossier (code, version, procedure, unit, channel, status, at, received_at, appointment_at, due_at,
                         requests, fee_charged, emitted, sort_at)
    SELECT 'H26.33-' || to_char(at, 'YYMMDD') || '-' || n, 1, '1.00' || n % 2000, {pick(lifecycles.UNITS, 11)},
           {pick(DossierChannel, 13)}, {pick([*DossierStatus, *_OVER], 5)}, at + interval '3 days', at,
           at + interval '15 days', at + interval '15 days', 0, false, 0, at
    FROM generate_series(1, $1::bigint) n,
         LATERAL (SELECT timestamptz '2026-01-01' + n * interval '15 seconds' AS at)"""


async def _fill(database: Database, size: int) -> None:
    await insert_rows(database, "dossiers", {"dossier": _DOSSIERS, "units": UNITS}, size)
