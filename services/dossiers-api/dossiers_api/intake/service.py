"""The use case of a one-stop system or a portal: it says what became of dossiers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cchc_shared.calendar.clock import Clock
from cchc_shared.directory.service import FRESH, Directory
from cchc_shared.http.access import Principal
from cchc_shared.http.field_errors import FieldError
from cchc_shared.http.problems import Problem, invalid, out_of_scope
from dossiers_api.dossiers import store
from dossiers_api.dossiers.domain import Verdict, Weighed, differing
from dossiers_api.dossiers.repository import AddedMeanwhile
from dossiers_api.intake.problems import BACKWARDS, DIFFERS
from dossiers_api.intake.reading import Item, Read, Reader
from dossiers_api.intake.schemas import DossierResultStatus
from dossiers_api.procedures.service import Procedures
from dossiers_api.steps.store import Store

_OUTCOMES: Final = {
    Verdict.NEW: DossierResultStatus.ACCEPTED,
    Verdict.REPEATED: DossierResultStatus.DUPLICATE,
    Verdict.DIFFERENT: DossierResultStatus.REJECTED,
    Verdict.BACKWARDS: DossierResultStatus.REJECTED,
    Verdict.FOREIGN: DossierResultStatus.REJECTED,
}
_BEYOND: Final = out_of_scope(field="unit")


class Outcome(NamedTuple):
    """What became of an item. Its problem names fields of the item itself."""

    status: DossierResultStatus
    dossier: str | None
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class Intake:
    """Each item stands by itself; those that are right take effect together, in one transaction."""

    engine: AsyncEngine
    clock: Clock
    directory: Directory
    reader: Reader
    procedures: Procedures
    steps: Store

    async def take(self, items: Sequence[Item], sent_by: Principal) -> list[Outcome]:
        """What became of each item, in their order."""
        now = self.clock.now()
        read = [self.reader.read(item, self.directory.units, now) for item in items]
        if any(each.names_no_unit for each in read):  # perhaps only not known yet
            units = await self.directory.refresh(FRESH)
            read = [self.reader.read(item, units, now) for item in items]
        read = [_within(each, sent_by) for each in read]
        said = [each.said for each in read if each.said is not None]
        verdicts = iter(await self._decided(said, sent_by, now) if said else ())
        return [refused(each) if each.said is None else weighed(each.said, next(verdicts)) for each in read]

    async def _decided(self, said: list[store.Said], sent_by: Principal, now: datetime) -> list[Weighed]:
        requests = self.reader.rules.requests_in_time.value
        while True:
            try:
                async with self.engine.begin() as conn:
                    dated = await self._allowed(conn, said)
                    weighed = await store.take(conn, dated, requests_in_time=requests, sent_by=sent_by, now=now)
                    new = (each.code for each, one in zip(dated, weighed, strict=True) if one.verdict is Verdict.NEW)
                    await self.steps.refresh(conn, set(new), now)
                    return weighed
            except AddedMeanwhile:
                continue

    async def _allowed(self, conn: AsyncConnection, said: list[store.Said]) -> list[store.Said]:
        """The same, each with the time that its procedure allows where no appointment was given."""
        open_ended = {
            (each.delivery.procedure, each.delivery.received_at)
            for each in said
            if each.delivery.appointment_at is None and each.delivery.received_at is not None
        }
        if not open_ended:
            return said
        found = await self.procedures.allowances(conn, open_ended)
        return [_until(each, found) for each in said]


def _until(said: store.Said, found: Mapping[tuple[str, datetime], datetime]) -> store.Said:
    each = said.delivery
    if each.appointment_at is not None or each.received_at is None:
        return said
    until = found.get((each.procedure, each.received_at))
    return said if until is None else store.Said(said.code, msgspec.structs.replace(each, allowed_until=until))


def _within(read: Read, sender: Principal) -> Read:
    """The item, refused where its sender may not speak of its unit."""
    if read.said is None or sender.may_speak_of(read.said.delivery.unit):
        return read
    return Read(read.dossier, beyond=True)


def refused(read: Read) -> Outcome:
    """What became of an item that could not be read, or that its sender may not say."""
    problem = _BEYOND if read.beyond else invalid(read.errors)
    return Outcome(DossierResultStatus.REJECTED, read.dossier, problem)


def weighed(said: store.Said, found: Weighed) -> Outcome:
    """What became of a delivery that could be read."""
    problem = None
    if found.verdict is Verdict.BACKWARDS:
        problem = Problem(BACKWARDS)
    elif found.verdict is Verdict.FOREIGN:
        problem = _BEYOND
    elif found.verdict is Verdict.DIFFERENT and found.known is not None:
        names = differing(found.known, said.delivery)
        wrong = [FieldError(name, "khác với lần gửi trước", "differs from what was sent before") for name in names]
        problem = Problem(DIFFERS, errors=wrong)
    return Outcome(_OUTCOMES[found.verdict], said.code, problem)
