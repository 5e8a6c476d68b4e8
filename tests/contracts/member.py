"""A member of the consumer under test as a process of its own, so that it can be killed or stopped for real.

`python -m tests.contracts.member '<JSON>'` prints `reading` once it is about to run, and consumes until it is killed.
"""

import asyncio
import sys
from collections.abc import Sequence

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.contract.events import Event
from cchc_shared.storage.database import CONSUMING, create_engine
from tests.contracts.harness import Producer, Recorder, World
from tests.contracts.transports import KafkaTransport, PostgresTransport


class Orders(msgspec.Struct):
    """What a member process is told."""

    database_url: str
    name: str
    bootstrap: str = ""
    prefix: str = ""
    seconds_a_batch: float = 0.0
    batch_size: int = 1000


class Slow(Recorder):
    """Takes its time inside the transaction, and says so."""

    def __init__(self, member: str, seconds: float) -> None:
        super().__init__(member)
        self._seconds = seconds

    async def apply(self, conn: AsyncConnection, events: Sequence[Event]) -> None:
        await super().apply(conn, events)
        print("applying", flush=True)
        await asyncio.sleep(self._seconds)


async def consume(orders: Orders) -> None:
    engine = create_engine(orders.database_url, bounds=CONSUMING)
    transport: PostgresTransport | KafkaTransport = PostgresTransport(engine)
    if orders.bootstrap:
        transport = KafkaTransport(engine, engine, orders.bootstrap, orders.prefix)
    world = World(engine, Producer({}), transport)
    print("reading", flush=True)
    await world.consumer(orders.name, Slow(orders.name, orders.seconds_a_batch), batch_size=orders.batch_size).run()


if __name__ == "__main__":
    asyncio.run(consume(msgspec.json.decode(sys.argv[1], type=Orders)))
