"""A file is read in a process of its own, which may break without breaking anything else."""

import os

import pytest
from anyio import CapacityLimiter

from cchc_shared.files import apart
from cchc_shared.files.apart import read_apart
from cchc_shared.files.unreadable import Unreadable


def gives(number: int) -> tuple[int, int]:
    return number, os.getpid()


def refuses() -> None:
    raise Unreadable("không đọc được", "cannot be read")


def dies() -> None:
    os.kill(os.getpid(), 9)


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
