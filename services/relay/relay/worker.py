"""`python -m relay.worker`: publishes the outboxes of the services to Kafka, in order per partition, at least once.

After a crash between sending and storing the position it sends again; consumers recognise an event by its version and
drop the second. Several relays share the partitions by leases.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.applications import Starlette

from cchc_shared.contract.events import TOPIC_PREFIX, TOPICS
from cchc_shared.service.app import serve_worker
from cchc_shared.service.consuming import consuming, health_of, outbox_source
from cchc_shared.service.health import Health
from cchc_shared.service.operations import create_worker
from cchc_shared.service.settings import DatabaseSettings
from cchc_shared.storage.database import PUBLISHING, create_engine
from cchc_shared.stream.consumer import Consumer
from cchc_shared.stream.inbox import Outcome
from cchc_shared.stream.kafka import KafkaSink
from cchc_shared.stream.record import Record

BATCH = 8000


class Publish:
    """Sends records to Kafka before the consumer stores their position."""

    def __init__(self, sink: KafkaSink) -> None:
        self._sink = sink

    async def process(self, _: AsyncConnection, records: Sequence[Record]) -> Outcome:
        await self._sink.send(records)
        return Outcome(applied=len(records))

    async def retry(self, _: AsyncConnection) -> Outcome:
        return Outcome()


def application(settings: DatabaseSettings, *, prefix: str = TOPIC_PREFIX) -> Starlette:
    """The relay, which serves an operator's address and nothing else."""
    if settings.kafka_bootstrap_servers is None:
        raise SystemExit("KAFKA_BOOTSTRAP_SERVERS is not set: there is nothing to relay to")
    bootstrap = settings.kafka_bootstrap_servers

    @asynccontextmanager
    async def resources(app: Starlette) -> AsyncIterator[None]:
        engine = create_engine(settings.database_url, pool_size=2, application="relay", bounds=PUBLISHING)
        sink = KafkaSink(bootstrap, prefix=prefix)  # a producer belongs to the event loop it is made in
        source = outbox_source(engine, TOPICS, settings.archive_dir)
        app.state.consumer = consumer = Consumer(
            "relay", engine=engine, source=source, effect=Publish(sink), batch_size=BATCH
        )
        await sink.start()
        async with consuming(consumer):
            yield
        await sink.stop()
        await engine.dispose()

    async def checks() -> Mapping[str, Health]:
        return {"relay": health_of(app.state.consumer)}

    app = create_worker(name="relay", resources=resources, checks=checks)
    return app


if __name__ == "__main__":
    _settings = DatabaseSettings()
    serve_worker(application(_settings), _settings)
