"""`python -m relay.worker`: publishes the outboxes of the services to Kafka, in order per partition, at least once.

After a crash between sending and storing the position it sends again; consumers recognise an event by its version and
drop the second. Several relays share the partitions by leases.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from starlette.applications import Starlette

from cchc_shared.contract.events import TOPIC_PREFIX, TOPICS
from cchc_shared.service.app import serve_worker
from cchc_shared.service.consuming import consuming, health_of, outbox_source
from cchc_shared.service.health import Health
from cchc_shared.service.http_settings import read
from cchc_shared.service.operations import create_worker
from cchc_shared.service.settings import DatabaseSettings
from cchc_shared.service.watching import health_of_stream, looked_at
from cchc_shared.storage.database import PUBLISHING, create_engine
from cchc_shared.stream.consumer import Consumer
from cchc_shared.stream.kafka import KafkaSink
from cchc_shared.stream.postgres import OutboxLog
from cchc_shared.stream.watch import LagWatch
from relay.publish import Publish

BATCH = 8000


def application(settings: DatabaseSettings, *, prefix: str = TOPIC_PREFIX) -> Starlette:
    """The relay, which serves an operator's address and nothing else."""
    if settings.kafka_bootstrap_servers is None:
        raise SystemExit("KAFKA_BOOTSTRAP_SERVERS is not set: there is nothing to relay to")
    bootstrap = settings.kafka_bootstrap_servers

    @asynccontextmanager
    async def resources(app: Starlette) -> AsyncIterator[None]:
        engine = create_engine(settings.database_url, pool_size=3, application="relay", bounds=PUBLISHING)
        sink = KafkaSink(bootstrap, prefix=prefix)  # a producer belongs to the event loop it is made in
        source = outbox_source(engine, TOPICS, settings.archive_dir)
        app.state.consumer = consumer = Consumer(
            "relay", engine=engine, source=source, effect=Publish(sink), batch_size=BATCH
        )
        app.state.watch = watch = LagWatch(engine, "relay", OutboxLog(engine, TOPICS), settings.clock)
        await sink.start()
        async with looked_at(watch), consuming(consumer):
            yield
        await sink.stop()
        await engine.dispose()

    async def checks() -> Mapping[str, Health]:
        return {"relay": health_of(app.state.consumer), "stream": health_of_stream(app.state.watch)}

    app = create_worker(name="relay", resources=resources, checks=checks)
    return app


if __name__ == "__main__":
    _settings = read(DatabaseSettings)
    serve_worker(application(_settings), _settings)
