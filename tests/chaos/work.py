"""Sees what a process is doing, so that a fault strikes it at work. A fault that met an idle process proves nothing."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Self

import asyncpg

from tests.chaos.bookkeeping import BEHIND, CONSUMERS
from tests.chaos.targets import BROKER, COLLECTIONS, Target
from tests.support.system import System

PATIENCE = 8.0
"""Seconds that a process is watched for work before the fault comes all the same."""
LOOK_EVERY = 0.005

# Leases are renewed by those too that have nothing to do.
_WRITING = """
    SELECT client_port FROM pg_stat_activity
    WHERE backend_xid IS NOT NULL AND pid <> pg_backend_pid() AND query NOT SIMILAR TO '%stream_(lease|member)%'"""
_UNPUBLISHED = """
    SELECT count(*) FROM (
        SELECT 'tasks' AS topic, partition, xid, seq FROM tasks.outbox
        UNION ALL SELECT 'feedback', partition, xid, seq FROM feedback.outbox) AS event
    JOIN relay.stream_position AS at USING (topic, partition)
    WHERE (event.xid, event.seq) > (greatest(at.major, 0)::text::xid8, at.minor)"""


def _untaken(consumer: str) -> Sequence[str]:
    return [BEHIND.format(topic=topic, consumer=consumer) for topic in CONSUMERS[consumer]]


WAITING: Mapping[str, Sequence[str]] = {
    "scoring-worker": _untaken("scoring"),
    "feedback-worker": _untaken("feedback"),
    "relay": [_UNPUBLISHED],
    BROKER: [_UNPUBLISHED],
}
"""Part → questions for how many events are on their way to it."""


class Work:
    """Looks into the requests on their way and the transactions that have written and are not committed."""

    def __init__(self, system: System, in_flight: Mapping[tuple[int, str], int]) -> None:
        self._system = system
        self._in_flight = in_flight
        self._connection: asyncpg.Connection | None = None
        self._one_question_at_a_time = asyncio.Lock()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        if self._connection is not None:
            self._connection.terminate()

    async def of(self, target: Target) -> int:
        """How many requests it has at work now; of others, how many open transactions, or events on their way to it."""
        if target.part in COLLECTIONS:
            return sum(self._in_flight[target.gateway or 0, each] for each in COLLECTIONS[target.part])
        if found := await self.open_transactions(target):
            return found
        answers = [await self._rows(question) for question in WAITING.get(target.part, ())]
        return sum(rows[0]["count"] for rows in answers if rows)

    async def open_transactions(self, target: Target) -> int:
        """How many transactions of it have written something and are not committed."""
        writing = Counter(row["client_port"] for row in await self._rows(_WRITING))
        if target.part == "postgres":
            return writing.total()
        return sum(writing[port] for port in target.ports())

    async def wait_for(self, target: Target) -> int:
        """Returns as soon as it has something at work, with how much; 0 when it had nothing for long."""
        loop = asyncio.get_running_loop()
        end = loop.time() + PATIENCE
        while loop.time() < end:
            if found := await self.of(target):
                return found
            await asyncio.sleep(LOOK_EVERY)
        return 0

    async def _rows(self, statement: str) -> list[asyncpg.Record]:
        """None while the database is away."""
        async with self._one_question_at_a_time:
            try:
                if self._connection is None or self._connection.is_closed():
                    self._connection = await asyncpg.connect(self._system.admin_url, timeout=2, command_timeout=2)
                rows: list[asyncpg.Record] = await self._connection.fetch(statement)
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, TimeoutError):
                if self._connection is not None:
                    self._connection.terminate()
                    self._connection = None
                return []
            return rows
