"""How many reports a second are acknowledged after their commit: directly, through the gateway, and by the batch."""

import asyncio
import base64
import json
import os
import statistics
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack

from msgspec.structs import replace

from cchc_shared.contract.codes import Role
from tests.bench import lifecycles
from tests.bench.load import REFERENCE, Answers, Load, drive
from tests.bench.results import Bound, Figure, Result
from tests.bench.stage import Stage, in_every_place
from tests.support.databases import Database

CONNECTIONS = (32, 128)
"""Callers at once. The second is judged: the more wait, the larger the groups that are written together."""
SECONDS = 1.5
ROUNDS = 8
BATCH, SENDERS = 100, 4
"""Reports in one request of a channel's software, and how many such requests are under way."""


def body(unit: str, received_at: str | None = None) -> str:
    """A report as the city's app sends it, some 600 bytes."""
    report = {
        "channel": "ihanoi",
        "channel_ref": REFERENCE,
        "kind": "on_site",
        "title": "Đèn đường hỏng ở ngõ 12",
        "content": "Đèn chiếu sáng trước số nhà 12 không hoạt động ba đêm liền, " * 3,
        "location": {"lat": 21.0278, "lon": 105.8342, "address": "Ngõ 12, phố Huế"},
        "unit": unit,
        "reporter": {"name": "Nguyễn Văn A", "phone": "0912345678"},
    }
    return json.dumps(report | ({"received_at": received_at} if received_at else {}), ensure_ascii=False)


def batch(unit: str) -> str:
    """As many such reports in one request, each with a reference of its own."""
    report = json.loads(body(unit))
    items = [report | {"channel_ref": f"{REFERENCE}-{number}"} for number in range(BATCH)]
    return json.dumps({"items": items}, ensure_ascii=False)


def measure(stage: Stage) -> Iterator[Result]:
    """One worker each, the client on the same cores; every stack in turn, several times."""
    with stage.database() as database, ExitStack() as services:
        asyncio.run(lifecycles.publish(database, lifecycles.units()))
        ports = _start(stage, database, services)
        rounds = [
            {(name, callers): _drive(stage, ports[name], callers) for callers in CONNECTIONS for name in order}
            for order in _orders(list(ports))
        ]
        alone, batched = zip(*(_alternately(stage, ports["direct"]) for _ in range(ROUNDS)), strict=True)
    by_batch = statistics.median(each.rate for each in batched) * BATCH
    yield Result(
        f"intake by batch of {BATCH} / one by one, {SENDERS} and {CONNECTIONS[0]} connections",
        [
            Figure("by batch", by_batch, "/s"),
            Figure("one by one", statistics.median(each.rate for each in alone), "/s"),
            Figure("p99 of a batch", statistics.median(each.p99_ms for each in batched), " ms"),
        ],
        statistics.median(many.rate * BATCH / one.rate for one, many in zip(alone, batched, strict=True)),
    )
    for name, title in (("direct", "intake direct"), ("gateway", "intake through the gateway")):
        for callers in CONNECTIONS:
            answers = [(one[name, callers], one["validating", callers], one["same path", callers]) for one in rounds]
            same_path = statistics.median(ours.rate / same.rate for ours, _, same in answers)
            yield Result(
                f"{title} / a bare service that validates, {callers} connections",
                [
                    Figure("intake", statistics.median(ours.rate for ours, *_ in answers), "/s"),
                    Figure("bare", statistics.median(bare.rate for _, bare, _ in answers), "/s"),
                    Figure("validating on the same path", statistics.median(same.rate for *_, same in answers), "/s"),
                    Figure("ratio to that", same_path, ""),
                    Figure("p99", statistics.median(ours.p99_ms for ours, *_ in answers), " ms"),
                ],
                statistics.median(ours.rate / bare.rate for ours, bare, _ in answers),
                Bound("≥", 0.5) if callers == CONNECTIONS[-1] else None,
            )
    yield _beside_direct(rounds)


def _beside_direct(rounds: Sequence[Mapping[tuple[str, int], Answers]]) -> Result:
    """What the gateway leaves of the intake, in the same round."""
    callers = CONNECTIONS[0]
    both = [(each["gateway", callers].rate, each["direct", callers].rate) for each in rounds]
    return Result(
        f"intake through the gateway / direct, {callers} connections",
        [
            Figure("through the gateway", statistics.median(through for through, _ in both), "/s"),
            Figure("direct", statistics.median(direct for _, direct in both), "/s"),
        ],
        statistics.median(through / direct for through, direct in both),
        Bound("≥", 0.85),
    )


def _orders(names: list[str]) -> Iterator[list[str]]:
    """One order for each round, so that no stack always follows the same one and pays for what that left behind."""
    for number in range(ROUNDS):
        turned = names if number % 2 else names[::-1]
        start = number % len(names)
        yield turned[start:] + turned[:start]


def _alternately(stage: Stage, port: int) -> tuple[Answers, Answers]:
    """Reports of the same channel's software, one by one and by the batch."""
    token = stage.tokens("channel", [Role.SYSTEM])["Authorization"]
    bodies, batches = ([write(unit) for unit in lifecycles.UNITS] for write in (body, batch))
    one = Load(port=port, path="/v1/feedback", token=token, bodies=bodies, connections=CONNECTIONS[0], seconds=SECONDS)
    many = replace(one, path="/v1/feedback/batch", bodies=batches, connections=SENDERS, status=200)
    return _taken(one), _taken(many)


def _start(stage: Stage, database: Database, services: ExitStack) -> dict[str, int]:
    feedback = {
        "DATABASE_URL": database.url("feedback"),
        "CCHC_CONTACT_KEY": base64.b64encode(os.urandom(32)).decode(),
    }
    services.enter_context(stage.service("feedback_api.worker", **feedback))
    direct = services.enter_context(stage.service("feedback_api.api", **feedback))
    return {
        "validating": services.enter_context(stage.service("tests.bench.validating")),
        "same path": services.enter_context(stage.service("tests.bench.validating_fast", **feedback)),
        "direct": direct,
        "gateway": services.enter_context(stage.service("gateway.api", **in_every_place(direct))),
    }


def _drive(stage: Stage, port: int, connections: int) -> Answers:
    return _taken(
        Load(
            port=port,
            path="/v1/feedback",
            token=stage.tokens("citizen-1", [Role.CITIZEN])["Authorization"],
            bodies=[body(unit) for unit in lifecycles.UNITS],
            connections=connections,
            seconds=SECONDS,
        )
    )


def _taken(load: Load) -> Answers:
    answers = asyncio.run(drive(load))
    if answers.refused:
        raise RuntimeError(f"{answers.refused} reports were refused")
    return answers
