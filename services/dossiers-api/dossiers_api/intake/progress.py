"""The use case of a one-stop system that says how far dossiers have come inside."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncEngine

from cchc_shared.calendar.clock import Clock
from cchc_shared.calendar.working_time import WorkingCalendar
from cchc_shared.contract import national_portal
from cchc_shared.contract.rules import RuleBroken
from cchc_shared.directory.domain import Units
from cchc_shared.directory.service import Directory
from cchc_shared.http.access import Principal
from cchc_shared.http.field_errors import FieldError
from cchc_shared.http.problems import Problem, invalid, out_of_scope
from dossiers_api.dossiers.rules import DossierRules
from dossiers_api.intake import vocabulary
from dossiers_api.intake.reading import broken, errors_of
from dossiers_api.intake.schemas import DossierResultStatus, NationalItem, ProgressIn
from dossiers_api.intake.service import Outcome
from dossiers_api.steps.domain import Row
from dossiers_api.steps.problems import NO_DOSSIER, PROGRESS_DIFFERS
from dossiers_api.steps.store import RowVerdict, SaidRow, Store

ProgressItem = ProgressIn | NationalItem | ValidationError | FieldError
"""A row that was read, or what keeps it from being one."""

_OURS: Final[Mapping[str, str]] = {}
_REFUSED: Final = {
    RowVerdict.DIFFERENT: Problem(PROGRESS_DIFFERS),
    RowVerdict.UNKNOWN: Problem(NO_DOSSIER),
    RowVerdict.FOREIGN: out_of_scope(field="unit"),
}


class _Read(NamedTuple):
    """A row as far as it could be read."""

    dossier: str | None
    said: SaidRow | None = None
    errors: tuple[FieldError, ...] = ()


@dataclass(frozen=True, slots=True)
class Progress:
    """Each row stands by itself; those that are right take effect together, in one transaction."""

    engine: AsyncEngine
    clock: Clock
    calendar: WorkingCalendar
    directory: Directory
    rules: DossierRules
    store: Store

    async def take(self, items: Sequence[ProgressItem], sent_by: Principal) -> list[Outcome]:
        """What became of each row, in their order."""
        now = self.clock.now()
        read = [self._read(item, now + self.rules.leeway) for item in items]
        said = [each.said for each in read if each.said is not None]
        async with self.engine.begin() as conn:
            verdicts = iter(await self.store.take(conn, said, sent_by=sent_by, now=now))
        return [
            Outcome(DossierResultStatus.REJECTED, each.dossier, invalid(each.errors))
            if each.said is None
            else _outcome(each.said.code, next(verdicts))
            for each in read
        ]

    def _read(self, item: ProgressItem, latest: datetime) -> _Read:
        if isinstance(item, FieldError):
            return _Read(None, errors=(item,))
        if isinstance(item, ValidationError):
            return _Read(None, errors=errors_of(item, _OURS))
        if isinstance(item, ProgressIn):
            return self._checked(item, latest, _OURS)
        code = item.fields.get(national_portal.CODE)
        name = code if isinstance(code, str) else None
        names = national_portal.PROGRESS_FIELDS
        try:
            ours = ProgressIn.model_validate(vocabulary.read_progress(item.fields, self.calendar.timezone))
        except RuleBroken as error:
            return _Read(name, errors=(broken(error, _OURS),))
        except ValidationError as error:
            return _Read(name, errors=errors_of(error, names))
        return self._checked(ours, latest, names)

    def _checked(self, item: ProgressIn, latest: datetime, names: Mapping[str, str]) -> _Read:
        row = Row(
            **{name: getattr(item, name) for name in Row.__struct_fields__ if name != "unit"},
            unit=_unit(self.directory.units, item.office, self.calendar, item.started_at),
        )
        try:
            _check(row, latest)
        except RuleBroken as error:
            return _Read(item.dossier, errors=(broken(error, names),))
        return _Read(item.dossier, SaidRow(item.dossier, row))


def _check(row: Row, latest: datetime) -> None:
    """Raise `RuleBroken` for what cannot be."""
    for name in ("at", "started_at", "ended_at"):
        at = getattr(row, name)
        if at is not None and at > latest:
            raise RuleBroken(name, "là thời điểm chưa đến", "is a time that has not come yet")
    if row.started_at > row.at:
        raise RuleBroken("started_at", "sau thời điểm của dòng tiến độ", "is later than the row")
    for name in ("due_at", "ended_at"):
        at = getattr(row, name)
        if at is not None and at < row.started_at:
            raise RuleBroken(name, "trước khi bắt đầu", "is before its beginning")


def _unit(units: Units, office: str, calendar: WorkingCalendar, at: datetime) -> str | None:
    """The unit that has the name of the office on that day; None: it is a part of the unit that handles the dossier."""
    day = calendar.local_date(at)
    meant = [unit.code for unit in units.meant(office, day) if unit.exists_on(day)]
    return meant[0] if len(meant) == 1 else None


def _outcome(code: str, verdict: RowVerdict) -> Outcome:
    if verdict is RowVerdict.NEW:
        return Outcome(DossierResultStatus.ACCEPTED, code)
    if verdict is RowVerdict.REPEATED:
        return Outcome(DossierResultStatus.DUPLICATE, code)
    return Outcome(DossierResultStatus.REJECTED, code, _REFUSED[verdict])
