"""The two transports, each with a database of its own for every test."""

from collections.abc import AsyncIterator

import pytest

from tests.contracts.harness import KafkaWorld, World, open_kafka_world, open_world
from tests.support.databases import Database


@pytest.fixture(params=["postgres", "kafka"])
def transport_name(request: pytest.FixtureRequest) -> str:
    """Every test that wants a `world` runs once on each transport."""
    return str(request.param)


@pytest.fixture
def broker(transport_name: str, request: pytest.FixtureRequest) -> str | None:
    """The session's Kafka, where the test needs one."""
    return str(request.getfixturevalue("kafka")) if transport_name == "kafka" else None


@pytest.fixture
async def world(database: Database, broker: str | None) -> AsyncIterator[World]:
    """A world in which what is written is carried."""
    async with open_world(database, broker) as opened:
        yield opened


@pytest.fixture
async def kafka_world(database: Database, kafka: str) -> AsyncIterator[KafkaWorld]:
    """A world on Kafka whose relay is not running."""
    async with open_kafka_world(database, kafka) as opened:
        yield opened
