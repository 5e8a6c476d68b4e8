"""The use case of a vendor who wants to know what is wrong with a day's file before it is sent."""

import io
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Final, NamedTuple

from anyio import CapacityLimiter, WouldBlock, to_thread

from cchc_shared.calendar.clock import Clock
from cchc_shared.directory.domain import Units
from cchc_shared.directory.service import Directory
from cchc_shared.http.field_errors import FieldError
from cchc_shared.http.problems import overloaded
from dossiers_api.dossiers.domain import Weighed, weigh
from dossiers_api.dossiers.store import Said
from dossiers_api.intake.lines import Line, numbered
from dossiers_api.intake.reading import Read, Reader
from dossiers_api.intake.schemas import NationalItem, Section
from dossiers_api.intake.service import Outcome, refused, weighed

MOST_JUDGED: Final = 1000
"""Lines of one file."""
AT_ONCE: Final = 2
"""Files of one process: anybody may ask."""
_REST: Final = FieldError(
    "",
    f"quá {MOST_JUDGED} dòng: các dòng từ đây chưa được xem",
    f"more than {MOST_JUDGED} lines: those from here on are not looked at",
)


class Judged(NamedTuple):
    """What would become of a line, and where the guide says how it has to be."""

    line: int
    outcome: Outcome
    section: Section


@dataclass(frozen=True, slots=True)
class Checks:
    """Lines are read and weighed as the intake does it, as if nothing were known of their dossiers but what they say.
    Nothing is kept, and no dossier is looked at: the answer tells nothing of what is here."""

    clock: Clock
    directory: Directory
    reader: Reader
    places: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(AT_ONCE))

    async def judge(self, file: bytes) -> list[Judged]:
        """Of each line of a file that is not empty, in their order. Raises 503 while others are judged."""
        owner = object()
        try:
            self.places.acquire_on_behalf_of_nowait(owner)
        except WouldBlock as error:
            raise overloaded(retry_after=2) from error
        try:
            return await to_thread.run_sync(self._judge, file, self.directory.units, self.clock.now())
        finally:
            self.places.release_on_behalf_of(owner)

    def _judge(self, file: bytes, units: Units, now: datetime) -> list[Judged]:
        lines = list(islice(numbered(io.BytesIO(file)), MOST_JUDGED + 1))
        if len(lines) > MOST_JUDGED:
            lines[-1] = Line(lines[-1].number, _REST)
        read = [self.reader.read(each.item, units, now) for each in lines]
        verdicts = iter(self._weigh([each.said for each in read if each.said is not None]))
        outcomes = [refused(each) if each.said is None else weighed(each.said, next(verdicts)) for each in read]
        return [
            Judged(line.number, outcome, _section(line, one))
            for line, one, outcome in zip(lines, read, outcomes, strict=True)
        ]

    def _weigh(self, said: Sequence[Said]) -> list[Weighed]:
        """The verdict on each, in their order, dossier by dossier."""
        requests = self.reader.rules.requests_in_time.value
        places: dict[str, list[int]] = defaultdict(list)
        for place, each in enumerate(said):
            places[each.code].append(place)
        found: dict[int, Weighed] = {}
        for its in places.values():
            verdicts, _, _ = weigh({}, [said[place].delivery for place in its], requests)
            found |= dict(zip(its, verdicts, strict=True))
        return [found[place] for place in range(len(said))]


def _section(line: Line, read: Read) -> Section:
    if isinstance(line.item, NationalItem):
        return Section.NATIONAL
    whole = any(each.field == "" for each in read.errors)
    return Section.DAY if whole else Section.DELIVERY
