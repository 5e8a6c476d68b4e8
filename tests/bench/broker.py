"""A broker for the measurements, and the relay that fills it."""

import asyncio
from collections.abc import Sequence

from cchc_shared.contract.events import TOPICS
from cchc_shared.service import gc_tuning
from cchc_shared.service.consuming import outbox_source
from cchc_shared.storage.database import create_engine
from cchc_shared.stream.kafka import KafkaSink, ensure_topics
from relay.publish import Publish
from relay.worker import BATCH
from tests.bench.metered import metered_rate
from tests.support.databases import Database, execute


async def fill(database: Database, bootstrap: str, wanted: int) -> float:
    """Relay the outboxes from their beginning; events a second."""
    await asyncio.to_thread(execute, database.url("relay"), "TRUNCATE stream_position, stream_lease, stream_member")
    gc_tuning.raise_threshold(gc_tuning.CONSUMING)  # as in the processes of the services
    engine = create_engine(database.url("relay"), pool_size=2)
    sink = KafkaSink(bootstrap)
    await sink.start()
    try:
        source = outbox_source(engine, TOPICS)()
        return await metered_rate(engine, source, Publish(sink), wanted, batch_size=BATCH)
    finally:
        await sink.stop()
        await engine.dispose()


async def reachable(bootstrap: str, topics: Sequence[str]) -> None:
    """Wait for a broker that is starting, and create its topics."""
    async with asyncio.timeout(60):
        while True:
            try:
                await ensure_topics(bootstrap, topics)
            except Exception:  # noqa: BLE001 - what it answers while it starts differs
                await asyncio.sleep(0.2)
            else:
                return
