"""Reads through the public API what the system shows in the end, and holds it against the history and the recount."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tests.chaos.adding_up import SET, as_score
from tests.chaos.anomalies import check, check_items, check_reads, check_values
from tests.chaos.clients import Clients
from tests.chaos.history import Entry, Finding, Item, Operation, Read
from tests.chaos.recomputation import Fact, Json, Score, facts, measures_of, periods_of, scores, statistics
from tests.support.http import Query
from tests.support.system import System

CRITERIA = ("1.1.1", "2.1", "2.2", "3.1")
"""Each thing that is counted alone, and all of them together."""
PAGE = 100
"""Rows on a page: few enough that the lists of a run have several."""
DAYS = ("2024-06-30", "2025-02-15", "2025-06-15")
"""Days of other directories of units than today's."""


@dataclass(frozen=True)
class Stored:
    """What the system holds, as its lists show it. `units` by code: all that ever held it."""

    reports: Sequence[Json]
    tasks: Sequence[Json]
    units: Mapping[str, Sequence[Json]]


class Checker:
    """Reads as the officials who may see everything."""

    def __init__(self, system: System, clients: Clients, skew: timedelta) -> None:
        self._system = system
        self._clients = clients
        self._skew = skew
        self._token = system.bearer("checker", "coordinator", "inspector")
        self._turns = asyncio.Semaphore(12)

    async def stored(self) -> Stored:
        """All reports and tasks with their histories, and the units that they name."""
        reports = await self._in_full("/v1/feedback")
        tasks = await self._in_full("/v1/tasks")
        units: dict[str, dict[str, Json]] = {}
        for day in (*DAYS, datetime.now(UTC).date().isoformat()):
            for unit in await self._pages("/v1/units", as_of=day):
                units.setdefault(unit["code"], {})[unit["valid_from"] or ""] = unit
        return Stored(reports, tasks, {code: list(holders.values()) for code, holders in units.items()})

    async def findings(self, stored: Stored, operations: Iterable[Operation], reads: Iterable[Read]) -> list[Finding]:
        """Everything that is wrong. A deadline that passes while this reads is waited out."""
        there = items(stored)
        found = [*check(operations, there, self._skew), *check_reads(reads, there)]
        while True:
            before = datetime.now(UTC)
            shown = await self._derived(stored, before)
            if _expected(stored, before) == _expected(stored, datetime.now(UTC)):
                return sorted([*found, *shown])

    async def _derived(self, stored: Stored, now: datetime) -> list[Finding]:
        counted, expected = _expected(stored, now)
        found = await self._statistics(stored, now)
        for period, of_units in expected.items():
            found += await self._scores(period, of_units)
        wanted = {
            (unit, year, criterion)
            for fact in counted
            for criterion in CRITERIA
            if fact.measure in measures_of(criterion)
            for unit, year in [(fact.unit, periods_of(fact.month)[-1])]
        }
        pages = [self._evidence(counted, stored, *each) for each in sorted(wanted)]
        return found + [finding for page in await asyncio.gather(*pages) for finding in page]

    async def _statistics(self, stored: Stored, now: datetime) -> list[Finding]:
        page = await self._get("/v1/statistics/feedback", group_by="month,channel")
        names = ("received", "resolved", "on_time", "late", "overdue_open", "on_time_rate", "reopened")
        shown = {f"{row['month']} {row['channel']}": tuple(row[name] for name in names) for row in page["rows"]}
        return check_values("statistics", statistics(stored.reports, now), shown)

    async def _scores(self, period: str, expected: Mapping[str, Score]) -> list[Finding]:
        page = await self._get("/v1/scores", set=SET, period=period)
        # Units of which nothing is known stand in the list as well, without a point.
        known = [item for item in page["items"] if item["unit"] in expected or item["max"]]
        shown = {item["unit"]: as_score(item) for item in known}
        return check_values(f"scores {period}", expected, shown)

    async def _evidence(
        self, counted: Iterable[Fact], stored: Stored, unit: str, year: str, criterion: str
    ) -> list[Finding]:
        path = f"/v1/scores/{unit}/criteria/{criterion}/evidence"
        rows = await self._pages(path, set=SET, period=year)
        where, measures = f"evidence {unit} {year} {criterion}", measures_of(criterion)
        expected = [
            f"{fact.code} {fact.measure} {fact.state}"
            for fact in counted
            if fact.measure in measures and fact.unit == unit and fact.month.startswith(year)
        ]
        found = check_items(where, expected, [f"{row['code']} {row['measure']} {row['state']}" for row in rows])
        known = {item["code"]: item["version"] for item in (*stored.reports, *stored.tasks)}
        events = [(row["code"], event) for row in rows for event in row["events"]]
        named = {(event["id"], code, event["version"]) for code, event in events}
        found += check_items(where, {id_ for id_, _, _ in named}, [id_ for id_, _, _ in named])
        beyond = [event["id"] for code, event in events if not 1 <= event["version"] <= known.get(code, 0)]
        return found + check_items(where, (), beyond)

    async def _in_full(self, path: str) -> list[Json]:
        """Each as its list and its own page show it, with its history; a report as the unit reads it that holds it."""

        async def one(item: Json) -> Json:
            alone, token = f"{path}/{item['code']}", self._token
            if path == "/v1/feedback":
                token = self._system.bearer(f"{item['unit']}/0", "officer", "unit_head", unit=item["unit"])
                reporter = await self._get(f"{alone}/reporter", token)
                item = {**item, "reporter": reporter if any(reporter.values()) else None}
            history = (await self._get(f"{alone}/history"))["items"]
            return {**await self._get(alone, token), **item, "history": history}

        return list(await asyncio.gather(*map(one, await self._pages(path))))

    async def _pages(self, path: str, **query: Query) -> list[Json]:
        found: list[Json] = []
        while True:
            page = await self._get(path, None, **{"limit": PAGE, **query})
            found += page["items"]
            if page["next_cursor"] is None:
                return found
            query["cursor"] = page["next_cursor"]

    async def _get(self, path: str, token: Mapping[str, str] | None = None, **query: Query) -> Json:
        async with self._turns:
            return await self._clients.get(path, token or self._token, **query)


def items(stored: Stored) -> list[Item]:
    """What the clients of the load may have made: every report, and every task that no plan brought."""
    return [*map(_report, stored.reports), *(_task(task) for task in stored.tasks if task["plan"] is None)]


def _report(report: Json) -> Item:
    names = ("channel", "kind", "severity", "title", "content", "location", "reporter", "answer", "outcome")
    return Item(
        code=report["code"],
        ref=report["channel_ref"],
        version=report["version"],
        entries=list(_entries(report["history"])),
        content={
            **{name: report.get(name) for name in names},
            "received_at": datetime.fromisoformat(report["received_at"]),
        },
    )


def _task(task: Json) -> Item:
    # The day that was sent: whoever gets the task later may have another.
    names = ("title", "product", "source", "planned_due_on")
    return Item(
        code=task["code"],
        ref=task["title"],
        version=task["version"],
        entries=list(_entries(task["history"])),
        content={name: task[name] for name in names},
    )


def _entries(history: Iterable[Json]) -> Iterator[Entry]:
    for line in history:
        yield Entry(
            line["version"],
            line["action"],
            datetime.fromisoformat(line["at"]),
            status=line["status"],
            by=line.get("actor"),
            content={"reason": line["note"], **(line.get("details") or {}), "unit": line["unit"]},
        )


def _expected(stored: Stored, now: datetime) -> tuple[list[Fact], dict[str, dict[str, Score]]]:
    counted = facts(stored.reports, stored.tasks, now)
    return counted, scores(counted, stored.units)


def summary(findings: Iterable[Finding]) -> dict[str, int]:
    """How many findings of each fault."""
    return dict(Counter(str(finding.anomaly) for finding in findings))
