"""Where a run takes place: a system, second processes beside it, a broker and a small disk, as its transport asks."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.support.broker import Broker
from tests.support.disk import SmallDisk
from tests.support.seconds import Seconds
from tests.support.system import System

TRANSPORTS: Final = ("postgres", "kafka", "change")
"""What events travel over; `change`: over PostgreSQL at first, and over Kafka after half of the run."""

POOL_SIZE: Final = "3"
"""PostgreSQL of `make run` has room for the processes of the launcher. Here are twice as many, and connections of those
that were killed behind a silent wire are still there when others have taken their place."""


@dataclass(frozen=True)
class Stage:
    """All that runs. `disk` is absent where the machine lets nobody mount one."""

    transport: str
    system: System
    seconds: Seconds
    broker: Broker | None
    disk: SmallDisk | None

    @property
    def gateways(self) -> Sequence[str]:
        """The gateways: the launcher's and the second one."""
        return self.system.url, self.seconds.url

    def acts(self, kills: int) -> Sequence[int]:
        """How many sudden faults come before each change of transport, and after it."""
        return (kills - kills // 2, kills // 2) if self.transport == "change" else (kills,)

    async def change_transport(self) -> None:
        """As the operator's guide has it: everything stops, and starts again with the other transport."""
        assert self.broker is not None
        ended = await asyncio.to_thread(self.seconds.stop)
        ended["launcher"] = await asyncio.to_thread(self.system.stop)
        assert not any(ended.values()), f"ended badly: {ended}"
        self.system.carried_by(self.broker.bootstrap_servers).launch()
        await asyncio.to_thread(self.system.wait_ready)
        self.seconds.launch()
        await asyncio.to_thread(self.seconds.wait_ready)


@contextmanager
def staged(transport: str, folder: Path, *, disk: bool, opening: Callable[..., System] = System) -> Iterator[Stage]:
    """Everything that a run over `transport` needs, in `folder`; nothing of it is left running afterwards.

    `opening` makes the system; by default one that begins with nothing.
    """
    with ExitStack() as stack:
        small = stack.enter_context(SmallDisk(folder / "disk")) if disk and SmallDisk.available() else None
        data = (small.folder if small else folder) / "data"
        broker = stack.enter_context(Broker(folder / "kafka")) if transport != "postgres" else None
        system = stack.enter_context(
            opening(data, broker.bootstrap_servers if broker and transport == "kafka" else None, POOL_SIZE=POOL_SIZE)
        )
        seconds = stack.enter_context(Seconds(system, broker))
        yield Stage(transport, system, seconds, broker, small)
