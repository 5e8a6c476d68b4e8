"""A file is read in a process of its own, which may break without breaking anything else."""

import os
import resource
import time

import pytest
from anyio import CapacityLimiter

from cchc_shared.files import apart
from cchc_shared.files.apart import read_apart
from cchc_shared.files.unreadable import Unreadable
from cchc_shared.http import kinds
from cchc_shared.http.problems import Problem


def gives(number: int) -> tuple[int, int]:
    return number, os.getpid()


def refuses() -> None:
    raise Unreadable("không đọc được", "cannot be read")


def dies() -> None:
    os.kill(os.getpid(), 9)


def spins() -> None:
    while True:
        pass


def rests() -> None:
    time.sleep(60)


def bounds_the_processor() -> tuple[int, int]:
    return resource.getrlimit(resource.RLIMIT_CPU)[0], int(time.process_time())


def swells() -> int:
    return len(bytes(apart.MEMORY + 1))


async def test_what_is_read_and_what_is_refused_come_back() -> None:
    places = CapacityLimiter(1)
    number, process = await read_apart(gives, 7, places=places)
    assert (number, process != os.getpid()) == (7, True)
    with pytest.raises(Unreadable) as refused:
        await read_apart(refuses, places=places)
    assert refused.value.message.vi == "không đọc được"
    for broken in (dies, swells):
        with pytest.raises(Unreadable, match="within the bounds"):
            await read_apart(broken, places=places)
    assert (await read_apart(gives, 8, places=places))[0] == 8


async def test_each_file_has_its_own_share_of_the_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    places = CapacityLimiter(1)
    limit, used = await read_apart(bounds_the_processor, places=places)
    assert limit == used + apart.PROCESSOR_SECONDS
    monkeypatch.setattr(apart, "PATIENCE", 120.0)
    monkeypatch.setattr(apart, "PROCESSOR_SECONDS", 1)
    with pytest.raises(Unreadable, match="within the bounds"):
        await read_apart(spins, places=places)


async def test_a_machine_that_has_no_time_is_no_fault_of_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "PATIENCE", 0.2)
    with pytest.raises(Problem) as busy:
        await read_apart(rests, places=CapacityLimiter(1))
    assert busy.value.kind == kinds.OVERLOADED
