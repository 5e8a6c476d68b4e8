"""Work that goes on beside something else, and ends with it."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, Final

AGAIN_SECONDS: Final = 1.0


@asynccontextmanager
async def beside(*work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Run these while inside; they have ended when it is left.

    They are cancelled until they have: a driver that is cancelled in the middle of a statement may raise an error of
    its own instead, and work that goes on after any error would not know that it is to end.
    """
    tasks = {asyncio.create_task(each) for each in work}
    try:
        yield
    finally:
        pending = tasks
        while pending:
            for task in pending:
                task.cancel()
            _, pending = await asyncio.wait(pending, timeout=AGAIN_SECONDS)
        await asyncio.gather(*tasks, return_exceptions=True)  # errors are looked at, or Python complains
