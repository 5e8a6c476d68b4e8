"""The short form of `make chaos`: every process is killed once under load, on each carrier."""

import asyncio
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.chaos.storm import Storm
from tests.support.broker import Broker
from tests.support.system import System

SECONDS = 20


@pytest.mark.timeout(300)
@pytest.mark.xdist_group("chaos")
@pytest.mark.parametrize("carrier", ["postgres", "kafka"])
def test_nothing_acknowledged_is_lost_and_nothing_counts_twice(carrier: str, tmp_path: Path) -> None:
    with ExitStack() as stack:
        broker = stack.enter_context(Broker(tmp_path / "kafka")) if carrier == "kafka" else None
        system = stack.enter_context(System(tmp_path / "data", broker.bootstrap_servers if broker else None))
        storm = Storm(system, broker, seed=1)
        outcome = asyncio.run(storm.run(kills=len(storm.parts), seconds=SECONDS))
        assert outcome.findings == []
        assert {kill.part for kill in outcome.kills} == set(storm.parts)
        assert outcome.acknowledged > 100
        assert system.stop() == 0
