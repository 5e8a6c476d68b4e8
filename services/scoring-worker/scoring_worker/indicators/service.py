"""Use cases of numbers that are entered: each moves the scores that read it, in the same transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cchc_shared.calendar.clock import Clock
from cchc_shared.http.access import Principal
from cchc_shared.http.field_errors import FieldError, field_path
from cchc_shared.http.problems import invalid, out_of_scope
from scoring_worker.catalogue.catalogue import Catalogue
from scoring_worker.counts.repository import Locks
from scoring_worker.indicators.domain import Fault, Known, faults
from scoring_worker.indicators.schemas import IndicatorResult
from scoring_worker.ledger import repository as ledger
from scoring_worker.periods import parse
from scoring_worker.scoring import recompute
from scoring_worker.units import repository as units_repository
from scoring_worker.units.domain import holder
from scoring_worker.values import repository
from scoring_worker.values.domain import Entered, Version


@dataclass(frozen=True)
class Indicators:
    """Versions are added, never changed. A number that is sent again as it stands makes none."""

    engine: AsyncEngine
    clock: Clock
    catalogue: Catalogue = field(default_factory=Catalogue)
    locks: Locks = field(default_factory=Locks)

    async def known(self) -> Mapping[str, Known]:
        """Every indicator that a loaded set reads, by code."""
        async with self.engine.connect() as conn:
            return await self._known(conn)

    async def enter(self, items: Sequence[Entered], caller: Principal) -> list[IndicatorResult]:
        """Take in numbers, all or none. Raises a 422 problem that names every fault, and 403 where a connected system
        speaks of a unit beyond its scope."""
        for index, item in enumerate(items):
            if not caller.may_speak_of(item.unit):
                raise out_of_scope(field=field_path("body", "items", index, "unit"))
        async with self.engine.begin() as conn:
            await recompute.begin(conn, redefines=False)
            await self._check(conn, items)
            taken = await recompute.enter(conn, self.catalogue, self.locks, items, caller.sub, self.clock.now())
        return [IndicatorResult(index=index, **each._asdict()) for index, each in enumerate(taken)]

    async def versions(
        self, unit: str, period: str, indicator: str | None, after: tuple[str, int], limit: int
    ) -> list[Version]:
        """What was entered for a unit and period, by indicator, the oldest version first."""
        async with self.engine.connect() as conn:
            return await repository.versions(
                conn, unit=unit, period=period, indicator=indicator, after=after, limit=limit
            )

    async def _check(self, conn: AsyncConnection, items: Sequence[Entered]) -> None:
        held_by = await units_repository.by_code(conn, {item.unit for item in items})
        known = await self._known(conn)
        there = {
            period: {
                unit: holder(held_by.get(unit, ()), parse(period)) is not None for unit in {each.unit for each in items}
            }
            for period in {each.period for each in items}
        }
        frozen = await ledger.frozen(conn, [item.key for item in items])
        found = faults(items, known, there, frozen)
        if found:
            raise invalid([_error(fault) for fault in found])

    async def _known(self, conn: AsyncConnection) -> Mapping[str, Known]:
        await self.catalogue.refresh(conn)
        found: dict[str, Known] = {}
        for edition in self.catalogue.newest():
            index_set = edition.document.index_set
            for code, indicator in index_set.indicators.items():
                sets = found[code].sets if code in found else ()
                found[code] = Known(indicator, (*sets, index_set.code))
        return found


def _error(fault: Fault) -> FieldError:
    path = ("body", "items", fault.item, *(() if fault.field is None else (fault.field,)))
    return FieldError(field_path(*path), fault.message.vi, fault.message.en)
