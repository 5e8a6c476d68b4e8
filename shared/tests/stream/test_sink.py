"""What is sent to Kafka is acknowledged in time, or sent again: a transaction waits for it."""

import asyncio
from collections.abc import Sequence

import pytest

from cchc_shared.storage.database import PUBLISHING
from cchc_shared.stream.kafka import KafkaSink, sink
from cchc_shared.stream.record import Record


class Silent(KafkaSink):
    """Its broker acknowledges nothing."""

    async def _send_all(self, _: Sequence[Record]) -> None:
        await asyncio.Event().wait()


async def test_a_broker_that_says_nothing_is_waited_for_within_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sink, "SEND_SECONDS", 0.1)
    with pytest.raises(TimeoutError):
        await Silent("localhost:1").send([])


def test_the_relays_session_outlives_the_longest_wait_for_a_broker() -> None:
    assert PUBLISHING.idle > sink.SEND_SECONDS + sink.CLOSE_SECONDS
