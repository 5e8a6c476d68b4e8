"""What is done with a file of a stranger before a row may refer to it: scanned as it was sent, cleaned, stored.

Its objects are on the list of what is to be removed before they are stored, and are taken off it in the transaction of
the row (`Discarded.keep`): whatever crashes in between, no row points to nothing, and nothing is left for good.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final, NamedTuple

from anyio import CapacityLimiter
from prometheus_client import Counter
from sqlalchemy.ext.asyncio import AsyncEngine
from structlog import get_logger

from cchc_shared.calendar.clock import Clock
from cchc_shared.contract.provenance import Text
from cchc_shared.contract.rules import RuleBroken
from cchc_shared.files.discarded import Discarded
from cchc_shared.files.forms import Given, digest
from cchc_shared.files.images import Cleaned, Overdue, Read, Unfit, Wanted, clean, clean_apart
from cchc_shared.files.keys import key_of
from cchc_shared.files.objects import Objects
from cchc_shared.files.problems import SCANNER_UNAVAILABLE, infected, refused, unavailable
from cchc_shared.files.scanning import Scanner, Silent
from cchc_shared.http.problems import overloaded

log = get_logger()

LEFT_FOR: Final = timedelta(hours=1)
"""How long an object may wait for its row. A request is given up long before."""


class Kept(NamedTuple):
    """What a file became, whose objects are stored. Size (in bytes) and hash are of what is served."""

    cleaned: Cleaned
    size: int
    sha256: bytes
    thumbnail_sha256: bytes | None
    scanned: bool
    """Whether a scanner looked, and found no malware."""
    keys: frozenset[str]


@dataclass(frozen=True, slots=True)
class Keeping:
    """Keeps files. `places` bounds how many are read at once; `outcomes` counts those that were refused or infected.

    `read` says what is kept of a file, and runs in a process of its own.
    """

    engine: AsyncEngine
    clock: Clock
    objects: Objects
    scanner: Scanner | None
    places: CapacityLimiter
    discarded: Discarded
    outcomes: Counter
    wanted: Wanted
    read: Read = clean

    async def keep(self, folder: str, given: Given) -> Kept:
        """Have the file in the storage. A row must take its keys off the list within an hour.

        Raises 422 for what is not taken (`Infected` for malware), and 503 where it cannot be looked at or stored.
        """
        scanned = await self._scan(given)
        cleaned = await self._clean(given)
        names = ("clean", "thumbnail") if cleaned.has_thumbnail else ("clean",)
        made = [await digest(given.file.parent / name) for name in names]
        files = {key_of(folder, each.sha256): each.file for each in made}
        async with self.engine.begin() as conn:
            await self.discarded.add(conn, files, self.clock.now() + LEFT_FOR)
        for key, file in files.items():
            await self.objects.put(key, file)
        thumbnail = made[1].sha256 if cleaned.has_thumbnail else None
        return Kept(cleaned, made[0].size, made[0].sha256, thumbnail, scanned, frozenset(files))

    async def _scan(self, given: Given) -> bool:
        if self.scanner is None:
            return False
        try:
            found = await self.scanner.is_infected(given.file)
        except Silent as error:
            log.error("scanner of files", error=str(error))
            raise unavailable(SCANNER_UNAVAILABLE) from error
        if found:
            self.outcomes.labels("infected").inc()
            raise infected()
        return True

    async def _clean(self, given: Given) -> Cleaned:
        try:
            found = await clean_apart(given.file, given.file.parent, self.wanted, self.places, self.read)
        except Unfit as error:
            self.outcomes.labels("refused").inc()
            raise refused(error.fault, error.detail) from error
        except Overdue as error:
            raise overloaded() from error
        if isinstance(found, Text):
            self.outcomes.labels("refused").inc()
            raise RuleBroken("file", found.vi, found.en)
        return found
