"""The units as this process knows them, read again every few seconds."""

import asyncio
import time

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from feedback_api.directory.domain import Unit, Units
from feedback_api.models import units

MAX_AGE = 5.0
FRESH = 0.5
"""Ask for units of this age before telling a caller that a unit does not exist."""


class Directory:
    """Keeps all units in memory: a report is routed without asking the database."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._units = Units(())
        self._read_at = float("-inf")
        self._reading = asyncio.Lock()

    async def units(self, max_age: float = MAX_AGE) -> Units:
        """The units, as they were at most `max_age` seconds ago."""
        if time.monotonic() - self._read_at > max_age:
            async with self._reading:
                if time.monotonic() - self._read_at > max_age:
                    await self._read()
        return self._units

    async def _read(self) -> None:
        columns = units.c
        async with self._engine.connect() as conn:
            rows = await conn.execute(select(columns.code, columns.valid_from, columns.valid_to))
            self._units = Units(Unit(*row) for row in rows)
        self._read_at = time.monotonic()
