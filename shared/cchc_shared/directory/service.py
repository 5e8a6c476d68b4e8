"""The units as this process knows them: a copy in memory, so that a report is routed without asking the database."""

import asyncio
import time
from typing import Final

from sqlalchemy.ext.asyncio import AsyncEngine

from cchc_shared.directory import repository
from cchc_shared.directory.domain import Units

FRESH: Final = 0.5
"""Seconds. A copy that is older is read again before a caller is told that a unit does not exist."""
MISSED: Final = 10.0
"""Seconds. A copy that is older was never read, or its refresher failed."""


class Directory:
    """The copy, which a refresher renews every few seconds."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._units = Units(())
        self._read_at = float("-inf")
        self._reading = asyncio.Lock()

    @property
    def units(self) -> Units:
        """The copy as it is."""
        return self._units

    async def refresh(self, max_age: float = 0) -> Units:
        """The copy, read again if it is older than `max_age` seconds.

        It takes a connection of its own: a caller who holds one must not wait for another.
        """
        if time.monotonic() - self._read_at > max_age:
            async with self._reading:
                if time.monotonic() - self._read_at > max_age:
                    began = time.monotonic()
                    async with self._engine.connect() as conn:
                        self._units = await repository.every(conn)
                    self._read_at = began
        return self._units
