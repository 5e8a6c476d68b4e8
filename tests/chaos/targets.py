"""What a fault may strike: each process of the launcher, each second one, and the broker, under one shape."""

import contextlib
from collections.abc import Sequence
from typing import Protocol

import psutil

from tests.support.broker import Broker
from tests.support.seconds import Second, Seconds, port_of
from tests.support.system import System

BROKER = "kafka"
FIRST_GATEWAY, SECOND_GATEWAY = 0, 1


class Target(Protocol):
    """One process. `gateway`: through which of the gateways it is reached, if by one."""

    name: str
    part: str
    gateway: int | None

    def pid(self) -> int | None:
        """Its process, while it runs."""

    def health(self) -> tuple[bool, str]:
        """Whether it may be sent work now, and what it says of itself."""

    def revive(self) -> None:
        """Starts it after its end, where nobody else does."""

    def ports(self) -> set[int]:
        """Where the database sees its connections come from."""


class First:
    """A process of the launcher, which starts it again by itself."""

    gateway: int | None = FIRST_GATEWAY

    def __init__(self, system: System, part: str) -> None:
        self.name = self.part = part
        self._system = system

    def pid(self) -> int | None:
        return self._system.pid(self.part)

    def health(self) -> tuple[bool, str]:
        return self._system.health(self.part)

    def revive(self) -> None:
        """The launcher does it."""

    def ports(self) -> set[int]:
        database, pid = port_of(self._system.admin_url), self.pid()
        if pid is None:
            return set()
        with contextlib.suppress(psutil.Error):
            links = psutil.Process(pid).net_connections("tcp")
            return {link.laddr.port for link in links if link.raddr and link.raddr.port == database}
        return set()


class Another:
    """A second process."""

    gateway: int | None = SECOND_GATEWAY

    def __init__(self, second: Second) -> None:
        self.part = second.part
        self.name = f"{second.part} 2"
        self.second = second

    def pid(self) -> int | None:
        return self.second.pid

    def health(self) -> tuple[bool, str]:
        return self.second.health()

    def revive(self) -> None:
        self.second.start()

    def ports(self) -> set[int]:
        return self.second.wire.ports() if self.second.wire else set()


class TheBroker:
    """Kafka. It is at work when a relay is: `ports` are the relays'."""

    name = part = BROKER
    gateway: int | None = None

    def __init__(self, broker: Broker, relays: Sequence[Target]) -> None:
        self.broker = broker
        self._relays = relays

    def pid(self) -> int | None:
        return self.broker.pid

    def health(self) -> tuple[bool, str]:
        return self.broker.accepts(), ""

    def revive(self) -> None:
        self.broker.start()

    def ports(self) -> set[int]:
        return {port for relay in self._relays for port in relay.ports()}


def targets(system: System, seconds: Seconds, broker: Broker | None) -> list[Target]:
    """All that have something to do; the broker only where events travel over it."""
    found: list[Target] = [
        *(First(system, part) for part in system.parts if part not in IDLERS),
        *(Another(second) for second in seconds.all if second.part not in IDLERS),
    ]
    if broker is not None and "relay" in system.parts:
        found.append(TheBroker(broker, [each for each in found if each.part == "relay"]))
    return found


COLLECTIONS = {
    "gateway": {"tasks", "feedback", "scores", "statistics", "units"},
    "tasks-api": {"tasks", "units"},
    "feedback-api": {"feedback", "statistics"},
    "scoring-api": {"scores"},
}
"""API → what its requests are about, by the first part of their path after the version."""
IDLERS = frozenset({"tasks-worker", "dossiers-api", "dossiers-worker", "notify", "notify-worker"})
"""Parts that have nothing to do under this load, as no timer of theirs is due: a fault there proves nothing."""
