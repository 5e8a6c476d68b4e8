"""Reads a file of a stranger in a process of its own, within bounds of memory and time."""

import asyncio
import sys
import time
from collections.abc import Callable
from typing import Final, TypeVar

from anyio import BrokenWorkerProcess, CapacityLimiter, to_process

from cchc_shared.contract.provenance import Text
from cchc_shared.files.unreadable import Unreadable
from cchc_shared.http.problems import overloaded

T = TypeVar("T")

AT_ONCE: Final = 2
"""Files that one process of the service has read at once."""
PATIENCE: Final = 25.0
"""Seconds that one may take, waiting included: less than a caller's patience."""
PROCESSOR_SECONDS: Final = 20
"""That reading one may take."""
MEMORY: Final = 1_500_000_000
"""Bytes of addresses that a reading process may have."""


async def read_apart(read: Callable[..., T], *given: object, places: CapacityLimiter) -> T:
    """What `read` makes of what is given, by another process, which ends with whatever breaks it. Raises `Unreadable`.

    A machine that has no time for it is no fault of the file: that is the problem 503. `read` stands at the top of a
    module; what it is given and what it gives are sent between the processes.
    """
    try:
        async with asyncio.timeout(PATIENCE):
            found = await to_process.run_sync(
                _bounded, PROCESSOR_SECONDS, read, given, cancellable=True, limiter=places
            )
    except TimeoutError as error:
        raise overloaded(retry_after=5) from error
    except (BrokenWorkerProcess, MemoryError) as error:
        raise Unreadable(
            "Không đọc được tệp trong giới hạn bộ nhớ và thời gian: hãy chỉ giữ bảng cần gửi trong tệp.",
            "The file could not be read within the bounds of memory and time: keep only the table in it that is meant.",
        ) from error
    if isinstance(found, Text):
        raise Unreadable(found.vi, found.en)
    return found


def _bounded(seconds: int, read: Callable[..., T], given: tuple[object, ...]) -> T | Text:
    if sys.platform == "linux":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, resource.getrlimit(resource.RLIMIT_AS)[1]))
        until = int(time.process_time()) + seconds  # the process has read other files before
        resource.setrlimit(resource.RLIMIT_CPU, (until, resource.getrlimit(resource.RLIMIT_CPU)[1]))
    try:
        return read(*given)
    except Unreadable as error:
        return error.message  # the error itself does not cross from one process to the other
