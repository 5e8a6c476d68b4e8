"""The load: citizens and channels send reports, offices take them on, the city's office assigns tasks.

Each report and task has words of its own. Some steps several people of an office take at once, of whom one may win;
after some steps the client reads what it has just been told.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.chaos.clients import Act, Clients, Reply
from tests.chaos.texts import some_text
from tests.support.system import System

CHANNELS = ("ihanoi", "hotline", "zalo", "email", "national_portal", "web", "counter", "open311")
OPEN_CHANNELS = ("ihanoi", "zalo", "web")
"""Through which a citizen may report."""
KINDS = ("procedure", "conduct", "on_site", "voter_petition")
SEVERITIES = ("normal", "complex", "urgent")
UNITS = ("so-noi-vu", "so-xay-dung", "so-tai-chinh", "trung-tam-phuc-vu-hanh-chinh-cong-thanh-pho")
SINCE = datetime(2025, 8, 1, tzinfo=UTC)
"""Since when channels deliver late: all of `UNITS` are there from then on."""
PAUSE = 0.08
"""Seconds between two requests of one client: the load is to be steady, not to be all the machine can do."""
RIVALS = 3
APPROVERS = RIVALS
"""The first of those who approve: nobody approves what they reported."""
CONTENDED, READ_AGAIN = 0.15, 0.3
"""Shares of steps that rivals take, and after which the client reads."""


class Load:
    """Clients at work until they are told to stop; each finishes the report or task it has begun."""

    def __init__(self, system: System, clients: Clients, seed: int, *, name: str) -> None:
        self._system = system
        self._clients = clients
        self._seed = seed
        self._name = name
        self._stopping = asyncio.Event()
        self._people = [
            *(self._person("desk", number, None) for number in range(2 * RIVALS)),
            *(self._person(unit, number, unit) for unit in UNITS for number in range(2 * RIVALS)),
        ]
        self._citizen = system.bearer("citizen", "citizen")
        self._channel = system.bearer("channel", "system")

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

    def _person(self, office: str, number: int, unit: str | None) -> dict[str, str]:
        roles = ("officer", "unit_head") if unit else ("coordinator",)
        return self._system.bearer(_name_of(office, number), *roles, unit=unit)

    async def _keep_on(self, name: str, work: Callable[[str, random.Random], Awaitable[None]]) -> None:
        chance = random.Random(f"{self._seed} {name}")  # noqa: S311 - a load that can be repeated, no secret
        number = 0
        while not self._stopping.is_set():
            await work(f"{name}-{number}", chance)
            number += 1
            await asyncio.sleep(PAUSE)

    async def _report(self, id_: str, chance: random.Random) -> None:
        """A report from its intake as far as its office gets with it."""
        by_channel = chance.random() < 0.4
        body: dict[str, Any] = {
            "channel": chance.choice(CHANNELS if by_channel else OPEN_CHANNELS),
            "kind": chance.choice(KINDS),
            "severity": chance.choice(SEVERITIES),
            "content": some_text(chance, id_),
        }
        if chance.random() < 0.5:
            body["title"] = some_text(chance, id_)[:300].rstrip()
            body["location"] = {
                "lat": round(chance.uniform(20.6, 21.4), 6),
                "lon": round(chance.uniform(105.3, 106.0), 6),
                "address": some_text(chance, id_)[:300].rstrip(),
            }
        if chance.random() < 0.3:
            phone = f"+849{chance.randrange(10**8):08}"
            name = some_text(chance, id_)[:200].rstrip()
            body["reporter"] = {"name": name, "phone": phone, "email": f"{id_}@vi.example", "anonymous": False}
        shown: dict[str, object] = dict(body)
        if not by_channel:
            shown["severity"] = "normal"  # what a citizen asks for is a wish
        if "reporter" in body:
            shown["reporter"] = body["reporter"] | {"account": None, "place": None}
        sent = {**body, "channel_ref": id_}
        if chance.random() < 0.5:
            sent["unit"] = chance.choice(UNITS)
        token = self._citizen
        if by_channel:
            token = self._channel
            late = SINCE + chance.random() * (datetime.now(UTC) - timedelta(days=1) - SINCE)
            sent["received_at"], shown["received_at"] = late.isoformat(), late
        act = Act("/v1/feedback", "receive", "", token, sent)
        reply = await self._clients.create(id_, "receive", "/v1/feedback", act, shown)
        if reply.told:
            await self._take(id_, chance, reply, self._handling(id_, chance)[: chance.randrange(8)])

    def _handling(self, id_: str, chance: random.Random) -> Sequence[Act]:
        first, second = chance.sample(UNITS, 2)
        acts = [self._feedback("assign", "desk", {"unit": first}), self._feedback("accept", first)]
        if chance.random() < 0.2:
            why = {"unit": second, "reason": some_text(chance, id_)[:2000].rstrip()}
            acts += [self._feedback("transfer", first, why), self._feedback("accept", second)]
            first = second
        answer = {"answer": some_text(chance, f"{id_}-answer"), "outcome": "resolved"}
        return [
            *acts,
            self._feedback("draft_answer", first, answer),
            self._feedback("approve_answer", first),
            self._feedback("publish", first),
        ]

    def _feedback(self, action: str, office: str, body: Mapping[str, Any] | None = None) -> Act:
        return self._of(Act("/v1/feedback", action, "", {}, body or {}), office)

    async def _task(self, id_: str, chance: random.Random) -> None:
        """A task from its assignment as far as its lead unit gets with it."""
        first, second = chance.sample(UNITS, 2)
        due_on = datetime.now(UTC).date() + timedelta(days=chance.randrange(5, 200))
        body = {
            "title": id_,
            "lead_unit": first,
            "coordinating_units": [second],
            "due_on": due_on.isoformat(),
            "product": some_text(chance, id_)[:2000].rstrip(),
            "source": some_text(chance, id_)[:2000].rstrip(),
        }
        shown = {name: body[name] for name in ("title", "product", "source")} | {"planned_due_on": body["due_on"]}
        act = self._of(Act("/v1/tasks", "assign", "", {}, body), "desk")
        reply = await self._clients.create(id_, "assign", "/v1/tasks", act, {**shown, "unit": first})
        if reply.told:
            done = {"content": some_text(chance, f"{id_}-done")}
            acts = [self._on_task("start", first, body=done)]
            if chance.random() < 0.2:
                why = {"unit": second, "reason": some_text(chance, id_)[:2000].rstrip()}
                acts += [
                    self._on_task("transfer", first, body=why),
                    self._on_task("start", second),
                ]
                first = second
            acts += [
                self._on_task("report", first, body=done),
                self._on_task("approve", first, APPROVERS),
                self._on_task("approve", "desk", APPROVERS),
            ]
            await self._take(id_, chance, reply, acts[: chance.randrange(7)])

    def _on_task(self, action: str, office: str, first: int = 0, body: Mapping[str, Any] | None = None) -> Act:
        return self._of(Act("/v1/tasks", action, "", {}, body or {}, keyed=True), office, first)

    def _of(self, act: Act, office: str, number: int = 0) -> Act:
        """The act as one person of an office takes it."""
        return replace(act, by=_name_of(office, number), token=self._person(office, number, _unit_of(office)))

    async def _take(self, client: str, chance: random.Random, created: Reply, acts: Sequence[Act]) -> None:
        code, version = created.told[0]
        for act in acts:
            await asyncio.sleep(PAUSE)
            if chance.random() < CONTENDED:
                office, _, first = act.by.rpartition("/")
                people = range(int(first), int(first) + RIVALS)
                rivals = [self._of(_in_other_words(act, number), office, number) for number in people]
                reply = await self._clients.contend(code, version, rivals)
            else:
                reply = await self._clients.act(code, version, act)
            if not reply.told:
                return
            version = reply.version
            if chance.random() < READ_AGAIN:
                await self._clients.read(client, act, code, version)


def _in_other_words(act: Act, number: int) -> Act:
    """The words of each rival are its own: whose they are shows who came first."""
    words = {name: f"{act.body[name]} {number}" for name in ("answer", "content") if name in act.body}
    return replace(act, body={**act.body, **words})


def _name_of(office: str, number: int) -> str:
    return f"{office}/{number}"


def _unit_of(office: str) -> str | None:
    return None if office == "desk" else office
