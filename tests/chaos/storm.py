"""Kills every process in turn under load, waits until the system is at rest again, and audits it."""

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any

import asyncpg

from tests.chaos.audit import Auditor, Stored
from tests.chaos.clients import Clients
from tests.chaos.history import Fault, Finding, Operation
from tests.chaos.load import Load
from tests.support.broker import Broker
from tests.support.system import System

BROKER = "kafka"
BACK_SECONDS = 60.0
REST_SECONDS = 90.0
SENDERS, ASSIGNERS = 8, 3
CONSUMERS = ("feedback-worker", "scoring-worker")

# Events that a consumer has not taken to heart, and events that it parked.
_BEHIND = """
    SELECT count(*) FROM (
        SELECT aggregatetype || ':' || aggregateid AS aggregate, max(aggregateversion) AS version
        FROM {topic}.outbox_feed GROUP BY 1) AS newest
    LEFT JOIN stream_version AS done USING (aggregate)
    WHERE done.version IS DISTINCT FROM newest.version"""
_PARKED = "SELECT aggregate FROM parked_event WHERE resolution IS NULL"
TOPICS = {"feedback-worker": ("tasks",), "scoring-worker": ("tasks", "feedback")}


@dataclass(frozen=True)
class Kill:
    """A process that was killed, and how long it took until another stood in its place and was ready."""

    part: str
    seconds: float


@dataclass
class Outcome:
    """What a storm did and what it left behind."""

    carrier: str
    kills: list[Kill]
    load_seconds: float
    rest_seconds: float
    answers: dict[str, int]
    acknowledged: int
    unknown: int
    reports: int
    tasks: int
    findings: list[Finding] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """For the file that `python -m tests.chaos` writes."""
        return asdict(self)


async def until(condition: Callable[[], bool], complaint: str, system: System) -> None:
    """Returns once the condition holds; what the system said stands in the complaint that it does not."""
    end = time.monotonic() + BACK_SECONDS
    while not await asyncio.to_thread(condition):
        assert time.monotonic() < end, f"{complaint}\n{system.tail()}"
        await asyncio.sleep(0.05)


async def replaced(system: System, part: str, number: signal.Signals) -> None:
    """Send a signal to a part, and wait until another process stands in its place and is ready."""
    before = system.pid(part)
    assert before is not None, f"{part} does not run\n{system.tail()}"
    os.kill(before, number)
    await until(lambda: system.pid(part) not in {None, before}, f"{part} did not come back", system)
    await until(lambda: system.ready(part), f"{part} is not ready", system)


class Storm:
    """One system under load; `broker` is its Kafka where events travel over one."""

    def __init__(self, system: System, broker: Broker | None, seed: int) -> None:
        self._system = system
        self._broker = broker
        self._seed = seed
        self._operations: list[Operation] = []
        self._chance = random.Random(seed)  # noqa: S311 - a storm that can be repeated, no secret
        self.parts: Sequence[str] = (*system.parts, BROKER) if broker else system.parts

    async def run(self, *, kills: int, seconds: float) -> Outcome:
        """At least so many kills, over at least so many seconds of load; begins when the units are known everywhere."""
        await self._rest()
        async with self._clients() as clients:
            load = Load(self._system, clients, self._seed, name=f"storm{self._seed}")
            started = time.monotonic()
            async with asyncio.TaskGroup() as group:
                group.create_task(load.run(senders=SENDERS, assigners=ASSIGNERS))
                try:
                    done = await self._kill_in_turn(kills, started + seconds)
                finally:
                    load.stop()
            load_seconds = time.monotonic() - started
        rest_seconds = await self._rest()
        self._operations = clients.operations
        stored, findings = await self.audit()
        unknown = sum(not operation.told for operation in self._operations)
        return Outcome(
            carrier="kafka" if self._broker else "postgres",
            kills=done,
            load_seconds=load_seconds,
            rest_seconds=rest_seconds,
            answers=dict(sorted(clients.answers.items())),
            acknowledged=len(self._operations) - unknown,
            unknown=unknown,
            reports=len(stored.reports),
            tasks=len(stored.tasks),
            findings=[*findings, *(Finding(Fault.LOST, "refused", "answers", said) for said in clients.refusals)],
        )

    async def audit(self) -> tuple[Stored, list[Finding]]:
        """What the system holds now, and what is wrong with it after all that was asked of it."""
        async with self._clients() as clients:
            auditor = Auditor(self._system, clients)
            stored = await auditor.stored()
            findings = await auditor.findings(stored, self._operations)
        return stored, [*findings, *await self._parked(), *self._rebuilt()]

    @asynccontextmanager
    async def _clients(self) -> AsyncIterator[Clients]:
        clients = Clients(self._system.url, self._chance)
        try:
            yield clients
        finally:
            await clients.close()

    async def _kill_in_turn(self, kills: int, until: float) -> list[Kill]:
        done: list[Kill] = []
        pause = max(0.0, until - time.monotonic()) / (kills + 1)
        for part in self._turns(kills):
            await asyncio.sleep(self._chance.uniform(0.2, max(0.4, pause)))
            done.append(await self._kill(part))
        await asyncio.sleep(max(1.0, until - time.monotonic()))
        return done

    def _turns(self, kills: int) -> Iterator[str]:
        """Each part once before any comes again, in an order of chance."""
        turns: list[str] = []
        for _ in range(kills):
            if not turns:
                turns = self._chance.sample(self.parts, len(self.parts))
            yield turns.pop()

    async def _kill(self, part: str) -> Kill:
        started = time.monotonic()
        if part == BROKER:
            assert self._broker is not None
            self._broker.kill()
            self._broker.start()
            await until(self._broker.accepts, f"{part} did not come back", self._system)
        else:
            await replaced(self._system, part, signal.SIGKILL)
        return Kill(part, time.monotonic() - started)

    async def _rest(self) -> float:
        """Waits until every part is ready and every event has taken effect everywhere; how long that took."""
        started = time.monotonic()
        for part in self._system.parts:
            await until(partial(self._system.ready, part), f"{part} is not ready", self._system)
        while behind := await self._behind():
            assert time.monotonic() - started < REST_SECONDS, f"still behind: {behind}\n{self._system.tail()}"
            await asyncio.sleep(0.2)
        return time.monotonic() - started

    async def _behind(self) -> dict[str, int]:
        """How many reports, tasks and units each consumer does not know as they are now."""
        found: Counter[str] = Counter()
        for part in CONSUMERS:
            connection = await asyncpg.connect(self._database(part))
            try:
                for topic in TOPICS[part]:
                    found[f"{part} {topic}"] = await connection.fetchval(_BEHIND.format(topic=topic))
            finally:
                await connection.close()
        return {name: n for name, n in found.items() if n}

    async def _parked(self) -> list[Finding]:
        found = []
        for part in CONSUMERS:
            connection = await asyncpg.connect(self._database(part))
            try:
                rows = await connection.fetch(_PARKED)
            finally:
                await connection.close()
            found += [Finding(Fault.LOST, row["aggregate"], part, "an event of it is parked") for row in rows]
        return found

    def _database(self, part: str) -> str:
        return self._system.environment(part)["DATABASE_URL"].replace("+asyncpg", "")

    def _rebuilt(self) -> list[Finding]:
        """A rebuild from the log must come to the scores that are live."""
        result = subprocess.run(
            [sys.executable, "-m", "scoring_worker.rebuild"],
            env=self._system.environment("scoring-worker"),
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        said = f"{result.stdout}\n{result.stderr}".strip()
        return [Finding(Fault.DIFFERENT, "rebuild", "scores", said)] if result.returncode else []
