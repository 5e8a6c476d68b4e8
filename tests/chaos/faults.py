"""The faults: each is injected, lasts for a while, and is healed. None of them is a fault of the services."""

import asyncio
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Final, Literal, Protocol

from tests.chaos.targets import BROKER, Another, Target, TheBroker
from tests.chaos.work import Work
from tests.support import waiting
from tests.support.disk import SmallDisk
from tests.support.wire import Wire

SHIFTS = ("PT2M", "-PT2M")
"""How far a clock is put on or back."""
SKEW = timedelta(minutes=4)
"""How far apart two clocks may be then."""
TRIES = 20


class Fault(Protocol):
    """`kind` and `mode` name it, `target` is the process it strikes; a sudden one is healed at once."""

    kind: str
    mode: str
    target: Target
    sudden: bool

    @property
    def touches(self) -> Sequence[Target]:
        """What no other fault may strike meanwhile."""

    async def inject(self) -> None:
        """It begins."""

    async def heal(self) -> None:
        """It ends; returns when what it struck may be sent work again."""


class OfOne:
    """A fault that touches its target alone."""

    def __init__(self, target: Target) -> None:
        self.target = target

    @property
    def touches(self) -> Sequence[Target]:
        return (self.target,)


async def back(target: Target, explain: Callable[[], str], *, unlike: int | None = None) -> None:
    """Returns once the target is ready, in another process than `unlike`.

    One that ends while it waits is started again, as whoever supervises would: a relay ends where it finds no broker.
    """

    async def look() -> tuple[int | None, tuple[bool, str]]:
        if target.pid() is None:
            await asyncio.to_thread(target.revive)
        return target.pid(), await asyncio.to_thread(target.health)

    try:
        await waiting.until(look, lambda seen: seen[0] not in {None, unlike} and seen[1][0])
    except AssertionError as error:
        raise AssertionError(f"{target.name} did not come back: {error}\n{explain()}") from error


class End(OfOne):
    """The process ends by a signal, and another one takes its place."""

    sudden = True

    def __init__(self, kind: str, target: Target, number: signal.Signals, explain: Callable[[], str]) -> None:
        super().__init__(target)
        self.kind, self.mode = kind, number.name
        self._number = number
        self._explain = explain
        self._before: int | None = None

    async def inject(self) -> None:
        self._before = self.target.pid()
        assert self._before is not None, f"{self.target.name} does not run\n{self._explain()}"
        os.kill(self._before, self._number)

    async def heal(self) -> None:
        await waiting.until(self._ended)
        self.target.revive()
        await back(self.target, self._explain, unlike=self._before)

    async def _ended(self) -> bool:
        return self.target.pid() != self._before


class Freeze(OfOne):
    """The process stands still (SIGSTOP), inside a transaction if it can be caught there, and goes on later."""

    kind = "freeze"
    sudden = False

    def __init__(self, target: Target, work: Work, explain: Callable[[], str]) -> None:
        super().__init__(target)
        self.mode = ""
        self._work = work
        self._explain = explain
        self._pid: int | None = None

    async def inject(self) -> None:
        self._pid = self.target.pid()
        assert self._pid is not None, f"{self.target.name} does not run\n{self._explain()}"
        self.mode = "outside"
        for _ in range(TRIES):
            os.kill(self._pid, signal.SIGSTOP)
            if await self._work.open_transactions(self.target):
                self.mode = "in transaction"
                return
            os.kill(self._pid, signal.SIGCONT)
            if not await self._work.wait_for(self.target):
                break
        os.kill(self._pid, signal.SIGSTOP)

    async def heal(self) -> None:
        assert self._pid is not None
        os.kill(self._pid, signal.SIGCONT)
        await back(self.target, self._explain)


Cutting = Literal["silent", "dark", "refused"]


class Cut(OfOne):
    """A wire is cut: open connections fall silent, or new ones too, or all are refused."""

    sudden = False

    def __init__(self, kind: str, target: Target, wire: Wire, mode: Cutting, explain: Callable[[], str]) -> None:
        super().__init__(target)
        self.kind = kind
        self.mode: str = mode
        self._wire = wire
        self._explain = explain

    async def inject(self) -> None:
        if self.mode == "refused":
            self._wire.refuse()
        else:
            self._wire.silence(dark=self.mode == "dark")

    async def heal(self) -> None:
        self._wire.mend()
        await back(self.target, self._explain)


class FullDisk:
    """Nothing more can be written where the installation keeps its data and its logs."""

    kind, mode = "disk", "full"
    sudden = False

    def __init__(self, target: Target, everyone: Sequence[Target], disk: SmallDisk, explain: Callable[[], str]) -> None:
        self.target = target
        self.touches = everyone
        self._disk = disk
        self._explain = explain

    async def inject(self) -> None:
        await asyncio.to_thread(self._disk.fill)

    async def heal(self) -> None:
        self._disk.free()
        for target in self.touches:
            await back(target, self._explain)


class StepClock(OfOne):
    """A second process is started anew with its clock put on or back: the others' clocks stay as they are."""

    kind = "clock"
    sudden = False

    def __init__(self, target: Another, shift: str) -> None:
        super().__init__(target)
        self.mode = shift
        self._second = target.second

    async def inject(self) -> None:
        self._second.kill()
        self._second.start(CCHC_CLOCK_SHIFT=self.mode)
        await back(self.target, self._second.tail)

    async def heal(self) -> None:
        self._second.kill()
        self._second.start()
        await back(self.target, self._second.tail)


KINDS: Final = ("kill", "stop", "immediate", "freeze", "database", "broker", "disk", "clock")
"""SIGKILL, SIGTERM, PostgreSQL's immediate stop, SIGSTOP, a cut to the database, a cut to the broker, a full disk, a
clock that steps."""
CUTS: Final[Sequence[Cutting]] = ("silent", "dark", "refused")


def arsenal(
    kinds: Sequence[str], everyone: Sequence[Target], work: Work, explain: Callable[[], str], disk: SmallDisk | None
) -> dict[str, list[Fault]]:
    """By kind, every fault that can strike them. `explain` is what the system has to say when it does not get well."""
    services = [each for each in everyone if each.part not in {"postgres", BROKER}]
    postgres = [each for each in everyone if each.part == "postgres"]
    seconds = [each for each in everyone if isinstance(each, Another) and each.second.wire is not None]
    made: dict[str, Iterator[Fault]] = {
        "kill": (End("kill", each, signal.SIGKILL, explain) for each in everyone),
        "stop": (End("stop", each, signal.SIGTERM, explain) for each in services),
        "immediate": (End("immediate", each, signal.SIGQUIT, explain) for each in postgres),
        "freeze": (Freeze(each, work, explain) for each in everyone if each not in postgres),
        "database": (cut for each in seconds for cut in _cuts("database", each, each.second.wire, explain)),
        "broker": (
            cut
            for each in everyone
            if isinstance(each, TheBroker)
            for cut in _cuts("broker", each, each.broker.wire, explain)
        ),
        "disk": (FullDisk(each, everyone, disk, explain) for each in postgres if disk is not None),
        "clock": (StepClock(each, shift) for each in seconds for shift in SHIFTS),
    }
    return {kind: found for kind in kinds if (found := list(made[kind]))}


def _cuts(kind: str, target: Target, wire: Wire | None, explain: Callable[[], str]) -> Iterator[Fault]:
    if wire is not None:
        yield from (Cut(kind, target, wire, mode, explain) for mode in CUTS)
