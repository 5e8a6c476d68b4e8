"""Concurrent writes joined into one statement and one commit.

While one group is being written, the next gathers: nobody waits for a timer, and the busier the service, the larger
the groups. A row that cannot be written fails alone.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context
from typing import Generic, TypeVar

from sqlalchemy.exc import DBAPIError

In = TypeVar("In")
Out = TypeVar("Out")


class Overloaded(Exception):
    """More items are waiting than can be written in time. Nothing was done; the caller may try again."""


class GroupCommit(Generic[In, Out]):
    """Joins the items of concurrent callers.

    `execute` writes a group in one transaction and returns, in order, a result or an exception for each item. If it
    raises because of the data, the group is halved until the culprit stands alone. A group that is not written within
    `seconds` is given up with `TimeoutError`: whether it was written is then unknown.
    """

    def __init__(
        self,
        execute: Callable[[Sequence[In]], Awaitable[Sequence[Out | Exception]]],
        *,
        max_batch: int = 200,
        max_waiting: int = 2000,
        seconds: float = 5.0,
    ) -> None:
        self._execute = execute
        self._max_batch = max_batch
        self._max_waiting = max_waiting
        self._waiting: deque[tuple[In, asyncio.Future[Out]]] = deque()
        self._seconds = seconds
        self._writer: asyncio.Task[None] | None = None
        self._since: float | None = None
        """When the group at work was begun."""

    async def submit(self, item: In) -> Out:
        """The result of this item, after the commit. Raises `Overloaded` when too many are waiting."""
        self.refuse_when_full()
        future: asyncio.Future[Out] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        if self._writer is None or self._writer.done():
            # In no caller's trace: the groups of many are not the work of the first.
            self._writer = asyncio.create_task(self._write_all(), context=Context())
        return await future

    def refuse_when_full(self) -> None:
        """Raise `Overloaded` when too many are waiting."""
        if len(self._waiting) >= self._max_waiting:
            raise Overloaded

    @property
    def stuck_seconds(self) -> float:
        """How long the group at work has been at it; 0 when there is none."""
        return 0 if self._since is None else time.monotonic() - self._since

    async def drain(self, seconds: float) -> None:
        """Wait until everything that was submitted is written, at most so long; what is left is given up."""
        if self._writer is not None and not self._writer.done():
            await asyncio.wait([self._writer], timeout=seconds)
            self._writer.cancel()

    async def _write_all(self) -> None:
        last = 0
        while waiting := len(self._waiting):
            # Callers who are answered together ask again together: a group of all of them would leave the process
            # without work while it is written. Two groups of one size take turns instead.
            size = waiting if waiting <= last else (waiting + last + 1) // 2
            group = [self._waiting.popleft() for _ in range(min(size, self._max_batch))]
            self._since = time.monotonic()
            await self._write(group)
            self._since = None
            last = len(group)
            # Take along what came in the turn of the loop that brought the result: each group has a cost of its own.
            await asyncio.sleep(0)

    async def _write(self, group: Sequence[tuple[In, asyncio.Future[Out]]]) -> None:
        try:
            async with asyncio.timeout(self._seconds):
                results: Sequence[Out | Exception] = await self._execute([item for item, _ in group])
            if len(results) != len(group):
                raise ValueError(f"{len(results)} results for {len(group)} items")
        except Exception as error:  # noqa: BLE001 - every waiting caller must hear of it
            if len(group) > 1 and is_data_error(error):
                middle = len(group) // 2
                await self._write(group[:middle])
                await self._write(group[middle:])
                return
            results = [error] * len(group)
        for (_, future), result in zip(group, results, strict=True):
            if future.done():  # the caller went away; the row is written all the same
                continue
            if isinstance(result, Exception):
                future.set_exception(result)
            else:
                future.set_result(result)


def is_data_error(error: Exception) -> bool:
    """Whether a database error speaks of the rows (SQLSTATE classes 22, 23) and not of the connection or the load."""
    if not isinstance(error, DBAPIError):
        return False
    state = str(getattr(error.orig, "sqlstate", None) or "")
    # asyncpg refuses some values before they reach the server; those carry no state.
    return state.startswith(("22", "23")) or (not state and not error.connection_invalidated and _is_encoding(error))


def _is_encoding(error: DBAPIError) -> bool:
    return "DataError" in type(error.orig).__name__ or "invalid input for query argument" in str(error.orig)
