"""The part of a log that only its archive holds, as a reader of the outbox sees it: what comes before the outbox."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from cchc_shared.stream.archive import Archive, Section
from cchc_shared.stream.record import Position, Record, Slot


class ArchiveMissing(Exception):
    """The reader needs events that only the archive holds, and has no `ARCHIVE_DIR`."""


class Trimmed(NamedTuple):
    """The trimmed events of a partition: how many there are, and where the last of them stood in the outbox."""

    events: int
    last: Position

    def read(self, position: Position) -> int:
        """How many of them a reader at this position has read.

        A reader may be overtaken while it is in the middle of a month that is trimmed: it begins again with the
        archive, and what it has applied already is dropped there as a duplicate.
        """
        if position >= self.last:
            return self.events
        return position[1] if position[0] == 0 else 0


class ArchivedLog:
    """The trimmed events of `topics`, read from the files below `folder` if there is one."""

    def __init__(self, engine: AsyncEngine, topics: Sequence[str], folder: Path | None) -> None:
        self._engine = engine
        self._topics = topics
        self._folder = folder
        self._trimmed: dict[Slot, Trimmed] = {}
        self._reading: dict[Slot, tuple[int, Iterator[Record]]] = {}
        """Of each slot that is being read: how many were, and those that come."""

    async def refresh(self) -> None:
        """Look at what was trimmed since."""
        found: dict[Slot, Trimmed] = {}
        async with self._engine.connect() as conn:
            for topic in self._topics:
                for row in await conn.execute(text(f"SELECT * FROM {topic}.outbox_trimmed")):
                    found[topic, row.partition] = Trimmed(row.events, (row.major, row.minor))
        self._trimmed = found

    def left(self, slot: Slot, position: Position) -> int:
        """How many archived events a reader at this position has still to read."""
        trimmed = self._trimmed.get(slot)
        return trimmed.events - trimmed.read(position) if trimmed else 0

    async def next(self, positions: Mapping[Slot, Position], limit: int) -> list[Record]:
        """The next archived events of these slots, a share of each. Raises `ArchiveMissing` and `ArchiveDamaged`."""
        records: list[Record] = []
        for slot, position in positions.items():
            records += await self._next(slot, position, max(1, limit // len(positions)))
        return records

    async def _next(self, slot: Slot, position: Position, limit: int) -> list[Record]:
        trimmed = self._trimmed[slot]
        after = trimmed.read(position)
        at, records = self._reading.pop(slot, (-1, iter(())))
        if at != after:
            records = await self._records(slot, after)
        # Sections are read from the disk and unpacked as they are come to.
        found = await asyncio.to_thread(lambda: list(islice(records, limit)))
        if len(found) == limit:  # else nothing follows, or what was trimmed since: it is looked for anew
            self._reading[slot] = after + limit, records
        if found and found[-1].position == (0, trimmed.events):
            # Who has read all of them stands where those stand who read the same in the outbox, and later nothing.
            found[-1] = msgspec.structs.replace(found[-1], position=trimmed.last)
        return found

    async def _records(self, slot: Slot, after: int) -> Iterator[Record]:
        topic, partition = slot
        if self._folder is None:
            raise ArchiveMissing(
                f"events of {topic} before the oldest in its outbox are in the archive: set ARCHIVE_DIR"
            )
        archive = Archive(self._folder, topic)
        query = f"SELECT month, sections FROM {topic}.outbox_month WHERE trimmed_at IS NOT NULL ORDER BY month"
        async with self._engine.connect() as conn:
            rows = (await conn.execute(text(query))).all()
        wanted = [
            (row.month, section)
            for row in rows
            for section in msgspec.convert(row.sections, list[Section])
            if section.partition == partition and section.number + section.events - 1 > after
        ]
        return (record for month, section in wanted for record in archive.records(month, section, after))
