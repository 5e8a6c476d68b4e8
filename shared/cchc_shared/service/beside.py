"""Work that goes on beside something else, and ends with it."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, Final

AGAIN_SECONDS: Final = 1.0


async def ended(*tasks: asyncio.Task[Any]) -> None:
    """Cancel these until they have ended; what they end with is of no interest any more.

    Once is not enough. A driver that is cancelled in the middle of a statement may raise an error of its own instead,
    and work that goes on after any error would not know that it is to end. `asyncio.wait_for` of Python 3.11 drops a
    cancellation that comes together with what it waits for.
    """
    pending = {task for task in tasks if not task.done()}
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=AGAIN_SECONDS)
    await asyncio.gather(*tasks, return_exceptions=True)  # errors are looked at, or Python complains


@asynccontextmanager
async def beside(*work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Run these while inside; they have ended when it is left."""
    tasks = [asyncio.create_task(each) for each in work]
    try:
        yield
    finally:
        await ended(*tasks)
