"""What a second instance of feedback-api behind the gateway adds, and whether the two are one to their callers."""

import asyncio
import base64
import os
import statistics
from collections.abc import Iterator
from contextlib import ExitStack

import asyncpg

from cchc_shared.contract.codes import Role
from tests.bench import lifecycles
from tests.bench.intake import body
from tests.bench.load import Answers, Load, drive
from tests.bench.results import Figure, Result
from tests.bench.stage import Stage, in_every_place
from tests.support.databases import Database

CONNECTIONS = 128
SECONDS = 2.0
ROUNDS = 8
_STORED = """SELECT (SELECT count(*) FROM feedback), (SELECT count(DISTINCT channel_ref) FROM feedback),
                    (SELECT count(*) FROM outbox), (SELECT count(DISTINCT aggregateid) FROM outbox)"""


def measure(stage: Stage) -> Iterator[Result]:
    """Two gateways before the same instances, in turn: one knows the first, the other knows both."""
    with stage.database() as database, ExitStack() as services:
        asyncio.run(lifecycles.publish(database, lifecycles.units()))
        gateways = _start(stage, database, services)
        before = asyncio.run(_stored(database))
        rounds = [
            {name: _drive(stage, gateways[name]) for name in (list(gateways) if number % 2 else [*gateways][::-1])}
            for number in range(ROUNDS)
        ]
        answered = sum(each.answered for one in rounds for each in one.values())
        after = asyncio.run(_stored(database))
    if {count - former for count, former in zip(after, before, strict=True)} != {answered}:
        raise RuntimeError(f"{answered} reports were acknowledged; stored before and after: {before}, {after}")
    yield Result(
        f"intake through the gateway by two instances / by one, {CONNECTIONS} connections, {os.cpu_count()} cores",
        [
            *(Figure(name, statistics.median(one[name].rate for one in rounds), "/s") for name in gateways),
            Figure("p99 of two", statistics.median(one["two"].p99_ms for one in rounds), " ms"),
            Figure("acknowledged and stored once", answered, ""),
        ],
        statistics.median(one["two"].rate / one["one"].rate for one in rounds),
    )


def _start(stage: Stage, database: Database, services: ExitStack) -> dict[str, int]:
    feedback = {
        "DATABASE_URL": database.url("feedback"),
        "CCHC_CONTACT_KEY": base64.b64encode(os.urandom(32)).decode(),
    }
    services.enter_context(stage.service("feedback_api.worker", **feedback))
    ports = [services.enter_context(stage.service("feedback_api.api", **feedback)) for _ in range(2)]
    addresses, others = [f"http://127.0.0.1:{port}" for port in ports], in_every_place(ports[0])
    return {
        name: services.enter_context(stage.service("gateway.api", **others | {"FEEDBACK_API_URL": ",".join(known)}))
        for name, known in (("one", addresses[:1]), ("two", addresses))
    }


def _drive(stage: Stage, port: int) -> Answers:
    load = Load(
        port=port,
        path="/v1/feedback",
        token=stage.tokens("citizen-1", [Role.CITIZEN])["Authorization"],
        bodies=[body(unit) for unit in lifecycles.UNITS],
        connections=CONNECTIONS,
        seconds=SECONDS,
    )
    answers = asyncio.run(drive(load))
    if answers.refused:
        raise RuntimeError(f"{answers.refused} reports were refused")
    return answers


async def _stored(database: Database) -> tuple[int, ...]:
    """Reports, their references, their events, and the reports that these are of."""
    connection = await asyncpg.connect(database.url("feedback"))
    try:
        return tuple(await connection.fetchrow(_STORED))
    finally:
        await connection.close()
