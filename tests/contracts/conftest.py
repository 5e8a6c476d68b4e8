"""The two carriers, each with a database of its own for every test."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from cchc_shared.database import create_engine
from tests.contracts.harness import KafkaCarrier, PostgresCarrier, Producer, World, prepare, running
from tests.support.databases import Database


@pytest.fixture(params=["postgres", "kafka"])
def carrier_name(request: pytest.FixtureRequest) -> str:
    """Every test that wants a `world` runs once on each carrier."""
    return str(request.param)


@pytest.fixture
def broker(carrier_name: str, request: pytest.FixtureRequest) -> str | None:
    """The session's Kafka, where the test needs one."""
    return request.getfixturevalue("kafka") if carrier_name == "kafka" else None


@pytest.fixture
async def bare_world(database: Database, broker: str | None) -> AsyncIterator[World]:
    """A world whose relay, on Kafka, is not yet running."""
    async with AsyncExitStack() as stack:
        engines = {}
        for schema in ("tasks", "feedback", "scoring", "relay"):
            engines[schema] = create_engine(database.url(schema), pool_size=12)
            stack.push_async_callback(engines[schema].dispose)
        producers = {schema: engines[schema] for schema in ("tasks", "feedback")}
        await prepare(producers, engines["scoring"], engines["relay"])
        carrier: PostgresCarrier | KafkaCarrier = PostgresCarrier(engines["scoring"])
        if broker is not None:
            opened = KafkaCarrier(engines["scoring"], engines["relay"], broker).open()
            carrier = await stack.enter_async_context(opened)
        yield World(engines["scoring"], Producer(producers), carrier)


@pytest.fixture
async def world(bare_world: World) -> AsyncIterator[World]:
    """A world in which what is written is carried."""
    if isinstance(bare_world.carrier, KafkaCarrier):
        async with running(bare_world.carrier.relay()):
            yield bare_world
    else:
        yield bare_world
