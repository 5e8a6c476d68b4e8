"""Reports led every way that the model knows, over HTTP; after each request the service is compared with the model."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import httpx
from sqlalchemy import select, text

from cchc_shared.calendar.clock import FixedClock
from feedback_api.metadata import outbox
from feedback_api.pauses.service import Pauses
from tests.support.tokens import TestTokens

from ..conftest import CENTRE, HOME_AFFAIRS, JUSTICE, Headers, Service
from .actions import ACTIONS, FOLLOW, GO_ON, WAIT, WORDS, Step, after, possible, target
from .clocks import Clocks
from .replay import replayed
from .stands import BEGINNINGS, CALLERS, Stand, parties, reads, relation
from .ways import Attempt, Map, attempts, ends_late

HANOI: Final = ZoneInfo("Asia/Ho_Chi_Minh")
LONG: Final = timedelta(days=31)
"""Past every limit of these reports: five working days and an extension, and fifteen days to open it again."""
PAUSE_DAYS: Final = 10
READ: Final = "read"
ONE_BY_ONE: Final = frozenset({FOLLOW, "split", "supplement", "rate", "reopen"})
"""Actions that nobody takes on many reports at once."""
_EVERYTHING: Final = text(
    """SELECT (SELECT f::text FROM feedback f WHERE code = :code),
              (SELECT string_agg(h::text, ' ' ORDER BY version) FROM feedback_history h WHERE code = :code),
              (SELECT count(*) FROM feedback_history), (SELECT count(*) FROM outbox),
              (SELECT count(*) FROM idempotency)"""
)
"""What a refused request could have changed."""


@dataclass
class Report:
    """A report of the service, and what the model knows of it beside how it stands."""

    code: str
    secret: str
    stand: Stand
    received: Mapping[str, Any]
    entries: list[dict[str, Any]]
    version: int = 1
    clocks: Clocks = field(default_factory=Clocks.of_new)
    handovers: list[int] = field(default_factory=list)
    judged: set[int] = field(default_factory=set)
    missed: list[str] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    """Units that were given a part."""
    followers: set[str] = field(default_factory=set)
    reopenings: int = 0
    satisfied: bool | None = None

    @property
    def path(self) -> str:
        return f"/v1/feedback/{self.code}"

    def body_of(self, action: str, name: str, original: str) -> dict[str, Any]:
        """What this caller sends with an action."""
        body = dict(ACTIONS[action].body)
        match action:
            case "assign" if self.stand.unit == CENTRE:
                body["unit"] = target(self.stand, action)
            case "transfer":
                body["unit"] = target(self.stand, action)
            case "split":
                body["parts"] = [{"unit": target(self.stand, action), "task": WORDS}]
            case "follow":
                body["following"] = name not in self.followers
            case "classify":
                body["category"] = "trees" if self.version % 2 else "lighting"
            case "rate":
                body["satisfied"] = self.reopenings % 2 == 0
            case "mark_duplicate":
                body["original"] = original
            case "mark_unjustified":
                handover = self.handovers[-1] if self.handovers else 2
                body |= {"handover": handover, "unjustified": handover not in self.judged}
        return body

    def happen(self, step: Step, body: Mapping[str, Any]) -> str | None:
        """The model takes the step that the service took; the unit whose duty to answer ended unmet with it."""
        action, name = step
        before, self.version = self.stand, self.version + 1
        missed = before.holder if self.clocks.missed(action) else None
        if missed is not None:
            self.missed.append(missed)
        if action in {"transfer", "return"} and name is not None and "staff" in parties(name, before):
            self.handovers.append(self.version)
        match action:
            case "mark_unjustified":
                self.judged ^= {body["handover"]}
            case "split":
                self.parts.append(target(before, action))
            case "rate":
                self.satisfied = body["satisfied"]
            case "reopen":
                self.reopenings, self.satisfied = self.reopenings + 1, None
        self.pass_time(step)
        return missed

    def pass_time(self, step: Step) -> None:
        self.clocks.happen(step.action)
        self.stand = after(self.stand, step)


class Walk:
    """Tries every kind of request that the model knows, and keeps what it tried."""

    def __init__(self, ways: Map, service: Service, clock: FixedClock, tokens: TestTokens) -> None:
        self.service, self.clock = service, clock
        self.headers: dict[str, Headers] = {
            name: tokens(sub=name, roles=caller.roles, unit=caller.unit) if caller.roles else {}
            for name, caller in CALLERS.items()
        }
        self.map = ways
        self.tried: set[Attempt] = set()
        self.compared: set[tuple[Stand, Step]] = set()
        self.reports: list[Report] = []

    async def everything(self) -> None:
        """Until nothing is left that could be tried."""
        self.original = (await self.receive(Stand("citizen"))).code
        await self.refuse()
        report, done = await self.receive(BEGINNINGS[0]), set[frozenset[Attempt]]()
        while True:
            await self.try_here(report)
            done |= {each for each in self.map.kinds - done if each <= self.tried}
            if done == self.map.kinds:
                return
            place = self.map.nearest((report.stand, *BEGINNINGS), done)
            if place.begin != report.stand:
                report = await self.receive(place.begin)
            for step in place.way:
                await self.take(report, step)

    async def refuse(self) -> None:
        """What is refused wherever reports stand, asked for of all of them in one request: there are thousands of
        kinds, and it is the request, not what is decided in it, that takes the time."""
        there = list[Report]()
        for place in self.map.crowd():
            there.append(await self.receive(place.begin))
            for step in place.way:
                await self.take(there[-1], step)
        asked: dict[tuple[str, str], dict[Attempt, Report]] = {}
        for report in there:
            for each, name in attempts(report.stand).items():
                if each.outcome != "200" and each not in self.tried:
                    asked.setdefault((each.action, name), {}).setdefault(each, report)
        before = [await self.all_of(report) for report in there]
        for (action, name), of in asked.items():
            await self.refuse_many(action, name, of)
        assert [await self.all_of(report) for report in there] == before, "something refused was done"

    async def refuse_many(self, action: str, name: str, of: Mapping[Attempt, Report]) -> None:
        if action in ONE_BY_ONE or name == "secret":  # a secret is one report's own
            for each, report in of.items():
                answer = await self.send(report, action, name, report.body_of(action, name, self.original))
                self.judge(report, each, name, answer.status_code, answer.json())
            return
        items = [
            {**report.body_of(action, name, self.original), "code": report.code, "version": report.version}
            for report in of.values()
        ]
        answer = await self.service.act_on_many(action, self.headers[name], items)
        whole = {"status": answer.status_code, "problem": answer.json()}
        results = answer.json()["results"] if answer.status_code == 200 else [whole] * len(of)
        for (each, report), result in zip(of.items(), results, strict=True):
            self.judge(report, each, name, result["status"], result["problem"] or {})

    async def receive(self, stand: Stand) -> Report:
        """A new report."""
        answer = await self.service.post({"kind": "conduct", "unit": HOME_AFFAIRS}, **self.headers[stand.sent_by])
        assert answer.status_code == 201, answer.text
        code, secret = answer.json()["code"], answer.json()["tracking_secret"]
        received = await self.get(f"/v1/feedback/{code}")
        report = Report(code, secret, stand, received, (await self.get(f"/v1/feedback/{code}/history"))["items"])
        self.reports.append(report)
        return report

    async def try_here(self, report: Report) -> None:
        """All that is refused here, and then what is taken, as far as it was not tried before."""
        found = {each: name for each, name in attempts(report.stand).items() if each not in self.tried}
        refused = {each: name for each, name in found.items() if each.outcome != "200"}
        before = await self.all_of(report)
        for each, name in refused.items():
            answer = await self.send(report, each.action, name, report.body_of(each.action, name, self.original))
            self.judge(report, each, name, answer.status_code, answer.json())
        await self.try_forms(report)
        await self.read_as_everyone(report)
        assert await self.all_of(report) == before, f"something refused was done: {report.stand}"
        for each in found:
            if each.outcome == "200" and (able := attempts(report.stand).get(each)):
                await self.take(report, Step(each.action, able))

    async def try_forms(self, report: Report) -> None:
        """What is wrong in its form, or was not seen."""
        for action, known in ACTIONS.items():
            if action == FOLLOW:  # the co-ordinator does not come so far
                continue
            for outcome in ("428", "412", "422 form"):
                status = report.stand.status if outcome == "412" else ""  # the others do not depend on it
                each = Attempt(status, action, "coordinator", outcome)
                if each in self.tried:
                    continue
                body = known.bad[0] if outcome == "422 form" else report.body_of(action, "coordinator", self.original)
                version = {"428": None, "412": report.version + 1}.get(outcome, report.version)
                answer = await self.send(report, action, "coordinator", body, version)
                assert answer.status_code == int(outcome[:3]), (each, answer.text)
                if outcome == "422 form":
                    assert [error["field"] for error in answer.json()["errors"]] == [known.bad[1]], each
                if outcome == "412":
                    assert answer.headers["etag"] == f'"{report.version}"'
                self.tried.add(each)

    async def read_as_everyone(self, report: Report) -> None:
        """Who may read it, and what they are told that they can do."""
        for name in CALLERS:
            stand, readable = report.stand, reads(name, report.stand)
            each = Attempt(stand.status, READ, relation(name, stand), "200" if readable else "404")
            if each in self.tried:
                continue
            self.tried.add(each)
            answer = await self.service.client.get(report.path, headers=self.known_by(report, name))
            assert answer.status_code == int(each.outcome), each
            if readable:
                assert set(answer.json()["possible"]) == possible(name, stand), (each, stand)

    def judge(self, report: Report, each: Attempt, name: str, status: int, problem: Mapping[str, Any]) -> None:
        """A refusal says what it is for."""
        stand = report.stand
        assert status == int(each.outcome[:3]), (each, name, stand, problem)
        if each.outcome.startswith("403"):
            assert problem["code"] == each.outcome[4:], (each, name, stand)
        if each.outcome == "409":
            assert (problem["state"], set(problem["possible"])) == (stand.status, possible(name, stand)), (each, stand)
        self.tried.add(each)

    async def take(self, report: Report, step: Step) -> None:
        """A step that leads on, and everything that is then as the model says."""
        before, action, name = report.stand, step.action, step.name
        if action == WAIT:
            self.clock.advance(LONG)
            report.pass_time(step)
            return
        if name is None:
            await self.go_on(report)
            await self.compare(report, step, before, report.happen(step, {}))
            return
        self.clock.advance(timedelta(seconds=1))
        late = ends_late(before, action, "200")
        self.tried.add(Attempt(before.status, action, relation(name, before), "200", late))
        body = report.body_of(action, name, self.original)
        merged = await self.duplicate_for(report) if action == "merge" else None
        if merged is not None:
            body["duplicates"] = [merged.code]
        answer = await self.send(report, action, name, body)
        assert answer.status_code == 200, (step, before, answer.text)
        if action == FOLLOW:
            await self.followed(report, name, answer)
            return
        assert answer.headers["etag"] == f'"{report.version + 1}"'
        assert set(answer.json()["possible"]) == possible(name, after(before, step)), (step, before)
        await self.compare(report, step, before, report.happen(step, body))
        if merged is not None:
            merged.happen(Step("mark_duplicate", name), {})
            assert (await self.get(merged.path))["duplicate_of"] == report.code

    async def duplicate_for(self, report: Report) -> Report:
        """Another report that whoever holds this one holds too."""
        found = await self.receive(Stand("citizen"))
        if report.stand.holder != CENTRE:
            await self.take(found, Step("assign", "coordinator"))
        if report.stand.holder == JUSTICE:
            await self.take(found, Step("transfer", "coordinator"))
        return found

    async def followed(self, report: Report, name: str, answer: httpx.Response) -> None:
        """The report, its history and its version are as they were."""
        report.followers ^= {name}
        assert answer.headers["etag"] == f'"{report.version}"'
        assert answer.json()["following"] == (name in report.followers)
        assert (await self.get(report.path))["version"] == report.version
        entries = (await self.get(f"{report.path}/history"))["items"]
        assert (len(entries), entries[: len(report.entries)]) == (report.version, report.entries)

    async def go_on(self, report: Report) -> None:
        """The pause ends when the last of its days does; and so do those of reports that were left waiting before."""
        today = self.clock.now().astimezone(HANOI).replace(hour=0, minute=0, second=0, microsecond=0)
        self.clock.advance(today + timedelta(days=PAUSE_DAYS + 1) - self.clock.now())
        async with self.service.here.engine.begin() as conn:
            await self.service.here.use(Pauses).run(conn, self.clock.now())
        for other in self.reports:
            if other is not report and other.stand.paused:
                other.happen(Step(GO_ON, None), {})

    async def compare(self, report: Report, step: Step, before: Stand, missed: str | None) -> None:
        """The report, its history, its clocks and its event after a step. Where the same step was compared before, the
        next one tells what this one did."""
        if (before, step) in self.compared:
            return
        self.compared.add((before, step))
        stand, shown = report.stand, await self.get(report.path)
        expected = {
            "status": stand.status,
            "version": report.version,
            "unit": stand.unit,
            "held_by": CENTRE if stand.at_desk else None,
            "former_units": sorted(stand.former),
            "paused": stand.paused,
            "answered": stand.answered,
            "satisfied": report.satisfied,
            "reopenings": report.reopenings,
            "handovers": len(report.handovers),
            "unjustified": sorted(report.judged),
            "refusal": "out_of_scope" if stand.status == "refused" else None,
            "duplicate_of": self.original if stand.status == "duplicate" else None,
        }
        found = shown | {
            "former_units": sorted(shown["former_units"]),
            "paused": shown["paused_since"] is not None,
            "answered": shown["answered_at"] is not None,
        }
        assert {name: found[name] for name in expected} == expected, (step, before)
        if stand.is_open:
            accepted = report.clocks.promised.acceptance in {"met", "missed"}
            assert (shown["accepted_at"] is not None) == accepted, (step, before)
        await self.compare_clocks(report, step)
        await self.compare_history(report, step, before, missed)
        told = replayed(report.received, report.entries)
        assert {name: shown[name] for name in told} == told, "the history tells another report"
        await self.compare_event(report, step)

    async def compare_clocks(self, report: Report, step: Step) -> None:
        shown = await self.get(f"{report.path}/clocks")
        for own, pair in ((shown, report.clocks.promised), (shown["own"], report.clocks.own)):
            states = None if own is None else (own["acceptance"]["state"], own["resolution"]["state"])
            assert states == (pair and (pair.acceptance, pair.resolution)), (step, report.stand)
        if shown["own"] is not None:
            assert shown["own"]["unit"] == report.stand.holder

    async def compare_history(self, report: Report, step: Step, before: Stand, missed: str | None) -> None:
        """One entry for each version, and those that were seen before as they were."""
        *former, entry = entries = (await self.get(f"{report.path}/history"))["items"]
        assert former[: len(report.entries)] == report.entries, "an entry of the history changed"
        assert len(entries) == report.version
        report.entries = entries
        caller = CALLERS[step.name] if step.name else None
        expected = {
            "version": report.version,
            "action": step.action,
            "from_status": before.status,
            "status": report.stand.status,
            "from_unit": before.unit,
            "unit": report.stand.unit,
            "holder": report.stand.holder,
            "role": caller and caller.role,
            "missed_by": missed,
        }
        assert {name: entry[name] for name in expected} == expected, (step, before)
        assert entry.get("actor") == (None if step.name in {None, "secret", before.sent_by} else step.name)
        assert datetime.fromisoformat(entry["at"]) == self.clock.now()

    async def compare_event(self, report: Report, step: Step) -> None:
        """Exactly one for each version, without a word of what was written."""
        columns = outbox.c.aggregateversion, outbox.c.type, outbox.c.payload
        rows = await self.service.rows(select(*columns).where(outbox.c.aggregateid == report.code))
        events = {row.aggregateversion: row for row in rows}
        assert len(rows) == len(events) == report.version, "not one event for each version"
        event = events[report.version]
        name = "supplemented" if step.action == GO_ON else ACTIONS[step.action].event
        assert event.type.endswith(f".feedback.{name}.v1"), (step, event.type)
        assert (event.payload["status"], event.payload["unit"]) == (report.stand.status, report.stand.unit)
        assert WORDS not in str(event.payload)

    async def send(
        self, report: Report, action: str, name: str, body: Mapping[str, Any], version: int | None = -1
    ) -> httpx.Response:
        """An action by this caller on the version that it has, or on another one, or on none."""
        headers = self.known_by(report, name)
        if version is not None:
            headers |= {"If-Match": f'"{report.version if version < 0 else version}"'}
        return await self.service.client.post(f"{report.path}/actions/{action}", json=body, headers=headers)

    def known_by(self, report: Report, name: str) -> Headers:
        return {"X-Tracking-Secret": report.secret} if name == "secret" else dict(self.headers[name])

    async def get(self, path: str, name: str = "coordinator", **query: str) -> dict[str, Any]:
        answer = await self.service.client.get(path, params=query, headers=self.headers[name])
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def all_of(self, report: Report) -> tuple[Any, ...]:
        async with self.service.here.engine.connect() as conn:
            return tuple((await conn.execute(_EVERYTHING, {"code": report.code})).one())
