"""The load: citizens and channels send reports, offices take them on, the city's office assigns tasks."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.chaos.clients import Act, Clients, Reply
from tests.support.system import System

CHANNELS = ("ihanoi", "hotline", "zalo", "email", "national_portal", "web", "counter", "open311")
KINDS = ("procedure", "conduct", "on_site", "voter_petition")
SEVERITIES = ("normal", "complex", "urgent")
UNITS = ("so-noi-vu", "so-xay-dung", "so-tai-chinh", "trung-tam-phuc-vu-hanh-chinh-cong-thanh-pho")
SINCE = datetime(2025, 8, 1, tzinfo=UTC)
"""Since when channels deliver late: all of `UNITS` are there from then on."""
PAUSE = 0.08
"""Seconds between two requests of one client: the load is to be steady, not to be all the machine can do."""


class Load:
    """Clients at work until they are told to stop; each finishes the report or task it has begun."""

    def __init__(self, system: System, clients: Clients, seed: int, *, name: str) -> None:
        self._clients = clients
        self._seed = seed
        self._name = name
        self._stopping = asyncio.Event()
        self._desk = system.bearer("desk", "coordinator")
        self._citizen = system.bearer("citizen", "citizen")
        self._channel = system.bearer("channel", "system")
        self._office = {unit: system.bearer(unit, "officer", "unit_head", unit=unit) for unit in UNITS}

    async def run(self, *, senders: int, assigners: int) -> None:
        """Runs until `stop`."""
        async with asyncio.TaskGroup() as group:
            for number in range(senders):
                group.create_task(self._keep_on(f"{self._name}-report-{number}", self._report))
            for number in range(assigners):
                group.create_task(self._keep_on(f"{self._name}-task-{number}", self._task))

    def stop(self) -> None:
        """Begin nothing new."""
        self._stopping.set()

    async def _keep_on(self, name: str, work: Callable[[str, random.Random], Awaitable[None]]) -> None:
        chance = random.Random(f"{self._seed} {name}")  # noqa: S311 - a load that can be repeated, no secret
        number = 0
        while not self._stopping.is_set():
            await work(f"{name}-{number}", chance)
            number += 1
            await asyncio.sleep(PAUSE)

    async def _report(self, id_: str, chance: random.Random) -> None:
        """A report from its intake as far as its office gets with it."""
        body: dict[str, Any] = {
            "channel": chance.choice(CHANNELS),
            "channel_ref": id_,
            "kind": chance.choice(KINDS),
            "severity": chance.choice(SEVERITIES),
            "content": "Nước ngập đường sau mưa",
        }
        if chance.random() < 0.5:
            body["unit"] = chance.choice(UNITS)
        token = self._citizen
        if chance.random() < 0.4:
            token = self._channel
            late = SINCE + chance.random() * (datetime.now(UTC) - timedelta(days=1) - SINCE)
            body["received_at"] = late.isoformat()
        reply = await self._clients.create(id_, "receive", "/v1/feedback", token, body)
        if reply.told:
            await self._take(reply, self._handling(chance)[: chance.randrange(8)])

    def _handling(self, chance: random.Random) -> Sequence[Act]:
        first, second = chance.sample(UNITS, 2)
        acts = [self._feedback("assign", first, {"unit": first}, desk=True), self._feedback("accept", first)]
        if chance.random() < 0.2:
            why = {"unit": second, "reason": "Thuộc thẩm quyền đơn vị khác"}
            acts += [self._feedback("transfer", first, why), self._feedback("accept", second)]
            first = second
        answer = {"answer": "Đã khơi thông cống", "outcome": "resolved"}
        return [
            *acts,
            self._feedback("draft_answer", first, answer),
            self._feedback("approve_answer", first),
            self._feedback("publish", first),
        ]

    def _feedback(self, action: str, unit: str, body: object = None, *, desk: bool = False) -> Act:
        return Act("/v1/feedback", action, self._desk if desk else self._office[unit], body)

    async def _task(self, id_: str, chance: random.Random) -> None:
        """A task from its assignment as far as its lead unit gets with it."""
        first, second = chance.sample(UNITS, 2)
        due_on = datetime.now(UTC).date() + timedelta(days=chance.randrange(5, 200))
        body = {"title": id_, "lead_unit": first, "coordinating_units": [second], "due_on": due_on.isoformat()}
        reply = await self._clients.create(id_, "assign", "/v1/tasks", self._desk, body)
        if reply.told:
            acts = [self._on_task("start", first)]
            if chance.random() < 0.2:
                why = {"unit": second, "reason": "Đúng chức năng hơn"}
                acts += [
                    self._on_task("transfer", first, why),
                    self._on_task("start", second),
                ]
                first = second
            acts += [
                self._on_task("report", first),
                self._on_task("approve", first),
                Act("/v1/tasks", "approve", self._desk, keyed=True),
            ]
            await self._take(reply, acts[: chance.randrange(7)])

    def _on_task(self, action: str, unit: str, body: object = None) -> Act:
        return Act("/v1/tasks", action, self._office[unit], body, keyed=True)

    async def _take(self, created: Reply, acts: Sequence[Act]) -> None:
        code, version = created.told[0]
        for act in acts:
            await asyncio.sleep(PAUSE)
            reply = await self._clients.act(code, version, act)
            if not reply.told:
                return
            version = reply.version
