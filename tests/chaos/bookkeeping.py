"""What only the database tells: which events are on their way, how far each consumer has come, what is parked."""

import subprocess
import sys
from collections import defaultdict
from collections.abc import Collection, Mapping

import asyncpg

from tests.chaos.anomalies import check_versions
from tests.chaos.history import Anomaly, Finding
from tests.support.system import System

CONSUMERS = {"feedback": ("tasks",), "scoring": ("tasks", "feedback")}
"""Schema of a consumer → the topics it follows."""
KINDS = {"tasks": "task", "feedback": "feedback"}
"""Topic → the kind of aggregate that has a version in a table. Units and plans have none: their events must be complete
in themselves."""

BEHIND = """
    SELECT count(*) FROM (
        SELECT aggregatetype || ':' || aggregateid AS aggregate, max(aggregateversion) AS version
        FROM {topic}.outbox_feed GROUP BY 1) AS newest
    LEFT JOIN {consumer}.stream_version AS done USING (aggregate)
    WHERE coalesce(done.version, 0) < newest.version"""
_PARKED = "SELECT aggregate, reason FROM {consumer}.parked_event WHERE resolution IS NULL"
_STATES = {
    "tasks": "SELECT 'task:' || code AS aggregate, version FROM tasks.tasks",
    "feedback": "SELECT 'feedback:' || code AS aggregate, version FROM feedback.feedback",
}
_EVENTS = """
    SELECT aggregatetype || ':' || aggregateid AS aggregate, aggregateversion AS version
    FROM {topic}.outbox ORDER BY 1, 2"""
_TAKEN = "SELECT aggregate, version FROM {consumer}.stream_version"


class Bookkeeping:
    """Looks into the database as its administrator."""

    def __init__(self, system: System) -> None:
        self._system = system

    async def behind(self) -> Mapping[str, int]:
        """How many reports, tasks and units each consumer does not yet know as they are; nothing when all is taken."""
        questions = {
            f"{consumer} {topic}": (consumer, topic) for consumer in CONSUMERS for topic in CONSUMERS[consumer]
        }
        found = {
            name: (await self._rows(BEHIND.format(consumer=consumer, topic=topic)))[0]["count"]
            for name, (consumer, topic) in questions.items()
        }
        return {name: n for name, n in found.items() if n}

    async def findings(self) -> list[Finding]:
        """Versions that differ between state, outbox and consumers; parked events; a rebuild that differs."""
        return [*await self._versions(), *await self._parked(), *self._rebuilt()]

    async def _versions(self) -> list[Finding]:
        found: list[Finding] = []
        for topic, kind in KINDS.items():
            events: dict[str, list[int]] = defaultdict(list)
            for row in await self._rows(_EVENTS.format(topic=topic)):
                events[row["aggregate"]].append(row["version"])
            stored = {row["aggregate"]: row["version"] for row in await self._rows(_STATES[topic])}
            others = {each: versions[-1] for each, versions in events.items() if _kind(each) != kind}
            kinds = {kind, *map(_kind, others)}
            taken = {
                consumer: await self._taken(consumer, kinds) for consumer in CONSUMERS if topic in CONSUMERS[consumer]
            }
            found += check_versions(stored | others, events, taken)
        return found

    async def _taken(self, consumer: str, kinds: Collection[str]) -> dict[str, int]:
        rows = await self._rows(_TAKEN.format(consumer=consumer))
        return {row["aggregate"]: row["version"] for row in rows if _kind(row["aggregate"]) in kinds}

    async def _parked(self) -> list[Finding]:
        return [
            Finding(Anomaly.LOST, row["aggregate"], consumer, f"an event of it is parked: {row['reason']}")
            for consumer in CONSUMERS
            for row in await self._rows(_PARKED.format(consumer=consumer))
        ]

    def _rebuilt(self) -> list[Finding]:
        """A rebuild from the log must come to the scores that are live."""
        result = subprocess.run(
            [sys.executable, "-m", "scoring_worker.rebuild"],
            env=self._system.environment("scoring-worker"),
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        said = f"{result.stdout}\n{result.stderr}".strip()
        return [Finding(Anomaly.DIFFERENT, "rebuild", "scores", said)] if result.returncode else []

    async def _rows(self, statement: str) -> list[asyncpg.Record]:
        connection = await asyncpg.connect(self._system.admin_url)
        try:
            rows: list[asyncpg.Record] = await connection.fetch(statement)
            return rows
        finally:
            await connection.close()


def _kind(aggregate: str) -> str:
    return aggregate.partition(":")[0]
