"""The consumer of a worker: its transport is chosen by the settings; it lives as long as the app."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine

from cchc_shared.service import gc_tuning
from cchc_shared.service.health import READY, Health
from cchc_shared.service.settings import ServiceSettings
from cchc_shared.stream.consumer import Consumer
from cchc_shared.stream.postgres import PostgresSource
from cchc_shared.stream.record import Source


def source_factory(
    settings: ServiceSettings, engine: AsyncEngine, *, topics: Sequence[str], consumer: str
) -> Callable[[], Source]:
    """Makes sources on the transport that the settings name: Kafka if there is one, else the producers' outbox."""
    bootstrap = settings.kafka_bootstrap_servers
    if bootstrap is None:
        return outbox_source(engine, topics, settings.archive_dir)

    def kafka() -> Source:
        from cchc_shared.stream.kafka import KafkaSource  # services on the PostgreSQL transport never load it

        return KafkaSource(bootstrap, engine, topics, consumer)

    return kafka


def outbox_source(engine: AsyncEngine, topics: Sequence[str], archive: Path | None = None) -> Callable[[], Source]:
    """Makes sources that read the producers' archive and outbox, under a name no other process has."""
    member = f"{socket.gethostname()}-{os.getpid()}"
    return lambda: PostgresSource(engine, topics, member, archive=archive)


def health_of(consumer: Consumer) -> Health:
    """Whether the consumer makes progress, or has nothing to do."""
    if consumer.refusal is None:
        return READY
    return Health(ready=False, why=f"không xử lý được sự kiện · events are not applied: {consumer.refusal}")


@asynccontextmanager
async def consuming(consumer: Consumer) -> AsyncIterator[None]:
    """Run the consumer beside the application; at the end let it finish the batch at work."""
    gc_tuning.raise_threshold(gc_tuning.CONSUMING)
    task = asyncio.create_task(consumer.run())
    try:
        yield
    finally:
        consumer.stop()
        await task
