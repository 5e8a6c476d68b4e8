"""The numbers in the codes of reports: hi/lo allocation from a sequence of the database."""

import asyncio
from collections import deque

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from feedback_api.reports.models import CODES_PER_BLOCK, feedback_number


class CodeSequence:
    """Numbers taken from the database in blocks: a gap tells of a restart, or of a report that was sent twice.

    A block that does not come within `seconds` is given up with `TimeoutError`: the next caller asks anew.
    """

    def __init__(self, engine: AsyncEngine, seconds: float) -> None:
        self._engine = engine
        self._seconds = seconds
        self._free: deque[int] = deque()
        self._asking: asyncio.Task[None] | None = None

    async def next(self) -> int:
        """A number that nobody else has. All callers that wait for a block get the error when it cannot be had."""
        while not self._free:
            if self._asking is None or self._asking.done():
                self._asking = asyncio.create_task(self._ask())
            await asyncio.shield(self._asking)  # a caller who goes away does not end it for the others
        return self._free.popleft()

    async def _ask(self) -> None:
        async with asyncio.timeout(self._seconds), self._engine.begin() as conn:
            start = (await conn.execute(select(feedback_number.next_value()))).scalar_one()
        self._free.extend(range(start, start + CODES_PER_BLOCK))
