"""Health of a process: one check for each thing it needs, with the reason if it does not hold."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import NamedTuple


class Health(NamedTuple):
    """The outcome of one check. `why` is a sentence for operators, Vietnamese · English, without personal data."""

    ready: bool
    why: str | None = None


Checks = Callable[[], Awaitable[Mapping[str, Health]]]
"""Looks at what a process needs: the outcome of each check by its name."""

READY = Health(ready=True)
STARTING = Health(ready=False, why="đang khởi động · starting")
DRAINING = Health(ready=False, why="đang dừng · stopping")
LOOK_SECONDS = 2.0


def bounded(checks: Checks, name: str) -> Checks:
    """The same checks with an answer in any case: what hangs for `LOOK_SECONDS`, or fails, is a `name` not ready.

    A look that hangs is not begun again before it has ended: whoever asks meanwhile waits for that one. Otherwise each
    probe would take one more connection from the pool.
    """
    looking: asyncio.Task[Mapping[str, Health]] | None = None

    async def look() -> Mapping[str, Health]:
        try:
            return await checks()
        except Exception as error:  # noqa: BLE001 - whatever it is, the process is not ready
            return {name: Health(ready=False, why=f"kiểm tra bị lỗi · the check failed: {type(error).__name__}")}

    async def answer() -> Mapping[str, Health]:
        nonlocal looking
        if looking is None or looking.done():
            looking = asyncio.create_task(look())
        done, _ = await asyncio.wait([looking], timeout=LOOK_SECONDS)
        if done:
            return looking.result()
        return {
            name: Health(
                ready=False, why=f"không trả lời trong {LOOK_SECONDS:.0f} s · no answer in {LOOK_SECONDS:.0f} s"
            )
        }

    return answer
