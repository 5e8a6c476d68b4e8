"""Keeps the outbox of a producing service small: ends, archives and trims its months."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from prometheus_client import Gauge
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection
from structlog import get_logger

from cchc_shared.service.context import Context
from cchc_shared.service.feature import Feature
from cchc_shared.service.timers import EPOCH, Sweep, Swept, Tick
from cchc_shared.storage.database import is_lock_timeout
from cchc_shared.stream import months, trimming
from cchc_shared.stream.archive import ArchiveDamaged

log = get_logger()

OUTBOX_BYTES = Gauge("cchc_outbox_bytes", "Size of the outbox in the database, with its indexes", ["topic"])
UNARCHIVED = Gauge("cchc_outbox_unarchived_months", "Months that have ended and are not in the archive", ["topic"])
TRIM_EVERY: Final = timedelta(minutes=5)


class _Outbox:
    """The timed work on the outbox of one topic."""

    def __init__(self, topic: str) -> None:
        self._topic = topic
        self._trim_at = EPOCH
        self._damage: ArchiveDamaged | None = None

    async def prepare(self, here: Context) -> None:
        """Show how it stands, and say so where nothing will ever be removed."""
        async with here.engine.begin() as conn:
            await self._show(conn)
        if here.settings.archive_dir is None:
            log.warning("the outbox grows for ever: ARCHIVE_DIR is not set", topic=self._topic)

    async def turn(self, conn: AsyncConnection, slot: datetime, here: Context) -> None:
        """End the month that is over."""
        month = slot.astimezone(here.calendar.timezone).date().replace(day=1)
        try:
            async with conn.begin_nested():
                if await months.turn(conn, month, here.clock.now()):
                    log.info("month ended", topic=self._topic, begun=str(month))
        except DBAPIError as error:
            # In the next slot, and not at once: whoever waits for this lock holds up those who write.
            if not is_lock_timeout(error):
                raise
            log.info("month not ended, the table is in use", topic=self._topic)
        await self._show(conn)

    async def archive(self, _: AsyncConnection, now: datetime, here: Context) -> Swept:
        """Take the next step of archiving what has ended."""
        folder: Path | None = here.settings.archive_dir
        return Swept(0 if folder is None else await trimming.archive_some(here.engine, folder, self._topic, now))

    async def trim(self, conn: AsyncConnection, now: datetime, here: Context) -> Swept:
        """Remove the oldest month, if it may go; looked at every few minutes.

        No tick: the transaction of its slot would stay open while the file is verified. A file that is damaged stays an
        error until it is looked at again: to verify one takes seconds.
        """
        folder, kept = here.settings.archive_dir, timedelta(days=here.settings.outbox_kept_days)
        if folder is None:
            return Swept(0)
        if now < self._trim_at:
            if self._damage is not None:
                raise self._damage
            return Swept(0)
        self._trim_at, self._damage = now + TRIM_EVERY, None
        relayed = here.settings.kafka_bootstrap_servers is not None
        try:
            await trimming.trim(here.engine, folder, self._topic, now, kept=kept, relayed=relayed)
        except DBAPIError as error:
            if not is_lock_timeout(error):
                raise
            log.info("month not trimmed, the table is in use", topic=self._topic)
        except ArchiveDamaged as error:
            self._damage = error
            raise
        await self._show(conn)
        return Swept(0)

    async def _show(self, conn: AsyncConnection) -> None:
        size, unarchived = await months.sizes(conn)
        OUTBOX_BYTES.labels(self._topic).set(size)
        UNARCHIVED.labels(self._topic).set(unarchived)


def retention(topic: str) -> Feature:
    """The feature of a service that produces `topic`."""
    outbox = _Outbox(topic)
    return Feature(
        "retention",
        prepare=outbox.prepare,
        sweeps=(Sweep("outbox.archive", outbox.archive), Sweep("outbox.trim", outbox.trim)),
        ticks=(Tick("outbox.month", timedelta(minutes=5), outbox.turn),),
    )
