"""What the relay makes of records: messages in Kafka, but for those that no broker takes."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.stream import parked_rows
from cchc_shared.stream.classification import Parked, Reason
from cchc_shared.stream.inbox import Outcome
from cchc_shared.stream.kafka import KafkaSink
from cchc_shared.stream.record import Record
from relay import sql


class Publish:
    """Sends records to Kafka before the consumer stores their position.

    What the broker will never take is parked, and what follows it in its aggregate parks behind it: everything else
    goes on. No event that a producer writes is large enough for that, as long as topics are made as we make them.
    """

    def __init__(self, sink: KafkaSink) -> None:
        self._sink = sink

    async def process(self, conn: AsyncConnection, records: Sequence[Record], *, vouched: bool = False) -> Outcome:
        """Send them. What the broker refuses by itself is the record's fault: nothing else vouches for it."""
        del vouched
        aggregates = list({record.aggregate for record in records})
        blocked = set((await conn.execute(sql.BLOCKED, {"aggregates": aggregates})).scalars())
        parked = [Parked(record, "behind") for record in records if record.aggregate in blocked]
        parked += await self._sink.send([record for record in records if record.aggregate not in blocked])
        await _park(conn, parked)
        return Outcome(applied=len(records) - len(parked), parked=_parked(parked))

    async def retry(self, conn: AsyncConnection, *, started: bool = False) -> Outcome:
        """Send what operators asked for; what is refused again stays parked. A new start mends no refusal."""
        del started
        asked = list((await conn.execute(sql.ASKED)).scalars())
        if not asked:
            return Outcome()
        waiting = await parked_rows.load(conn, asked)
        records = [record for events in waiting.values() for record in sorted(events.values(), key=_version)]
        parked = await self._sink.send(records)
        await conn.execute(sql.DONE, {"aggregates": asked})
        await conn.execute(sql.RELEASE, {"ids": [key for events in waiting.values() for key in events]})
        await _park(conn, parked)
        return Outcome(released=len(records) - len(parked))


async def _park(conn: AsyncConnection, parked: Sequence[Parked]) -> None:
    if parked:
        await parked_rows.store(conn, parked)
        first = {one.record.aggregate: one.record.version for one in parked if one.reason == "failed"}
        versions = [(version or 1) - 1 for version in first.values()]
        await conn.execute(sql.BLOCK, {"aggregates": list(first), "versions": versions})


def _version(record: Record) -> int:
    return record.version or 0


def _parked(parked: Sequence[Parked]) -> list[tuple[str, Reason, str]]:
    return [(one.record.aggregate, one.reason, one.error or "") for one in parked]
