"""The newest events in memory, for all streams of one process: one look at the database serves them all."""

import asyncio
from bisect import bisect_right
from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from notify.live import repository
from notify.live.domain import Told

KEPT: Final = 2000
"""So many are kept at least; readers that are further behind read the table, each at its own pace."""
PAGE: Final = 500
READING: Final = 2
"""So many of those read at once: the others of this process need connections too."""


class Feed:
    """What happened lately, by place. It looks at the table whenever it is asked to `renew`."""

    def __init__(self, reading: AsyncEngine) -> None:
        self._engine = reading
        self._events: list[Told] = []
        self._before: int | None = None
        """The place before the first that is kept; None until the table was looked at."""
        self._renewing = asyncio.Lock()
        self._reading = asyncio.Semaphore(READING)
        self._news = asyncio.Event()

    @property
    def head(self) -> Told | None:
        """The newest; None if there is none."""
        return self._events[-1] if self._events else None

    async def renew(self) -> None:
        """Look at the table, and wake everybody if there is something new."""
        async with self._renewing, self._engine.connect() as conn:
            if self._before is None:
                self._events = list(await repository.newest(conn, KEPT))
                self._before = self._events[0].place - 1 if self._events else 0
            found: Sequence[Told] = ()
            while page := await repository.after(conn, self._events[-1].place if self._events else self._before, PAGE):
                found = page
                self._events += page
                if len(self._events) > 2 * KEPT:
                    self._before = self._events[-KEPT - 1].place
                    del self._events[:-KEPT]
        if found:
            self._news.set()
            self._news = asyncio.Event()

    async def after(self, place: int, limit: int) -> Sequence[Told]:
        """What comes after a place, in order: from memory, or from the table for who is far behind."""
        if self._before is not None and place >= self._before:
            begin = bisect_right(self._events, place, key=lambda told: told.place)
            return self._events[begin : begin + limit]
        async with self._reading, self._engine.connect() as conn:
            return await repository.after(conn, place, limit)

    async def place_of(self, event_id: UUID) -> int | None:
        """The place of an event; None: it is forgotten, or never was one."""
        for told in reversed(self._events):
            if told.event_id == event_id:
                return told.place
        async with self._reading, self._engine.connect() as conn:
            return await repository.place_of(conn, event_id)

    async def news(self, seconds: float) -> None:
        """Wait until there is something new, and no longer than so many seconds."""
        try:
            async with asyncio.timeout(seconds):
                await self._news.wait()
        except TimeoutError:
            pass
