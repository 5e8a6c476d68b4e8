"""The faults do what they say: a wire that is cut, a process that stands still, a disk that is full, a part at work."""

import asyncio
import contextlib
import random
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
import pytest

from tests.chaos.faults import End, Fault, OfOne
from tests.chaos.nemesis import in_turns
from tests.chaos.targets import Target
from tests.support import waiting
from tests.support.disk import SmallDisk
from tests.support.wire import Wire

SOON = 0.3
"""Seconds in which nothing arrives by a wire that is cut: too short a wait can only miss a fault of the wire."""


@asynccontextmanager
async def echo() -> AsyncIterator[Wire]:
    """A wire to a server that says again what it is told."""

    answering = set()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answering.add(asyncio.current_task())
        with contextlib.suppress(ConnectionResetError), contextlib.closing(writer):
            while said := await reader.read(100):
                writer.write(said)

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    with Wire(lambda: server.sockets[0].getsockname()[1]) as wire:
        yield wire
    server.close()
    await asyncio.gather(*(task for task in answering if task is not None))
    await asyncio.sleep(0)


class Caller:
    """One connection through the wire."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self.port = writer.get_extra_info("sockname")[1]

    @classmethod
    async def by(cls, wire: Wire) -> "Caller":
        return cls(*await asyncio.open_connection("127.0.0.1", wire.port))

    async def says(self, word: bytes) -> bytes:
        self._writer.write(word)
        return await self.hears()

    async def hears(self) -> bytes:
        return await self._reader.read(100)

    async def hears_nothing(self) -> bool:
        try:
            await asyncio.wait_for(self.hears(), SOON)
        except TimeoutError:
            return True
        return False

    async def hang_up(self) -> None:
        self._writer.close()
        with contextlib.suppress(ConnectionResetError):
            await self._writer.wait_closed()


async def test_a_wire_passes_on_what_is_said_and_knows_its_ports() -> None:
    async with echo() as wire:
        caller = await Caller.by(wire)
        assert await caller.says(b"a") == b"a"
        assert len(wire.ports()) == 1
        await caller.hang_up()
        await waiting.until(lambda: _now(wire.ports()), lambda ports: not ports)


async def test_a_silent_wire_holds_open_connections_and_lets_new_ones_work() -> None:
    async with echo() as wire:
        old = await Caller.by(wire)
        await old.says(b"a")
        wire.silence()
        old._writer.write(b"b")
        assert await old.hears_nothing()
        new = await Caller.by(wire)
        assert await new.says(b"c") == b"c"
        wire.mend()
        assert await old.hears() == b"b", "what was held back arrives late"
        await old.hang_up()
        await new.hang_up()


async def test_a_dark_wire_holds_new_connections_too() -> None:
    async with echo() as wire:
        wire.silence(dark=True)
        new = await Caller.by(wire)
        new._writer.write(b"a")
        assert await new.hears_nothing()
        wire.mend()
        assert await new.hears() == b"a"
        await new.hang_up()


async def test_a_wire_that_refuses_resets_the_open_and_refuses_the_new() -> None:
    async with echo() as wire:
        old = await Caller.by(wire)
        await old.says(b"a")
        wire.refuse()
        with pytest.raises(ConnectionResetError):
            await old.says(b"b")
        with pytest.raises(ConnectionRefusedError):
            await Caller.by(wire)
        wire.mend()
        again = await Caller.by(wire)
        assert await again.says(b"c") == b"c"
        await again.hang_up()
        await old.hang_up()


@pytest.mark.skipif(not SmallDisk.available(), reason="only root may mount a file system")
def test_a_full_disk_takes_nothing_until_it_is_freed(tmp_path: Path) -> None:
    with SmallDisk(tmp_path / "disk") as disk:
        kept = disk.folder / "kept"
        kept.write_bytes(b"before")
        disk.fill()
        with pytest.raises(OSError, match="No space left"):
            (disk.folder / "more").write_bytes(b"x" * 4096)
        assert kept.read_bytes() == b"before"
        disk.free()
        (disk.folder / "more").write_bytes(b"x" * 4096)


async def _now(value: object) -> object:
    return value


class Sleeper:
    """A process that does nothing, started again by hand."""

    gateway: int | None = None

    def __init__(self) -> None:
        self.name = self.part = "sleeper"
        self._process = self._started()
        self.revived = 0

    def pid(self) -> int | None:
        return self._process.pid if self._process.poll() is None else None

    def health(self) -> tuple[bool, str]:
        return self.pid() is not None, ""

    def revive(self) -> None:
        self._process = self._started()
        self.revived += 1

    def ports(self) -> set[int]:
        return set()

    def _started(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])


@pytest.fixture
def sleeper() -> Iterator[Sleeper]:
    here = Sleeper()
    yield here
    here._process.kill()
    here._process.wait()


async def test_an_end_is_healed_when_another_process_stands_there(sleeper: Sleeper) -> None:
    fault = End("kill", sleeper, signal.SIGKILL, str)
    before = sleeper.pid()
    assert before is not None
    await fault.inject()
    await fault.heal()
    assert sleeper.revived == 1
    assert sleeper.pid() not in {None, before}
    assert not psutil.pid_exists(before)


class Nothing(OfOne):
    """A fault in name only."""

    mode = ""
    sudden = True

    def __init__(self, kind: str, target: Target) -> None:
        super().__init__(target)
        self.kind = kind

    async def inject(self) -> None: ...

    async def heal(self) -> None: ...


class Part(Sleeper):
    """A target of that name, without a process."""

    def __init__(self, part: str, name: str) -> None:
        self.part, self.name = part, name


def test_the_order_is_of_chance_the_same_for_a_seed_and_fair() -> None:
    targets = [Part(part, f"{part} {number}") for part in "abc" for number in (1, 2)]
    decks: list[list[Fault]] = [[Nothing(kind, target) for target in targets] for kind in ("kill", "freeze")]

    def order(seed: int, many: int) -> list[tuple[str, str]]:
        turns = in_turns(decks, many, random.Random(seed))  # noqa: S311 - no secret
        return [(fault.kind, fault.target.name) for fault in turns]

    assert order(1, 12) == order(1, 12)
    assert order(1, 12) != order(2, 12)
    for seed in range(20):
        first, everything = order(seed, 6), order(seed, 12)
        assert Counter(kind for kind, _ in first) == {"kill": 3, "freeze": 3}
        assert Counter((kind, name[0]) for kind, name in first) == Counter(
            (k, p) for k in ("kill", "freeze") for p in "abc"
        )
        assert len(set(everything)) == 12
