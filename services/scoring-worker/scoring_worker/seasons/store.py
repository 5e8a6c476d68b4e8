"""Seasons as the workflow kit loads, stores and shows them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.calendar.clock import Clock
from cchc_shared.contract.codes import Role
from cchc_shared.contract.transitions import Change
from cchc_shared.http.access import Principal
from cchc_shared.storage.history import HistoryEntry
from scoring_worker.seasons import access, repository
from scoring_worker.seasons.domain import Season
from scoring_worker.seasons.schemas import SeasonHead, SeasonOut, SeasonUnit
from scoring_worker.seasons.transitions import TABLE, SeasonAction


@dataclass(frozen=True)
class SeasonStore:
    clock: Clock

    async def load(self, conn: AsyncConnection, code: str, caller: Principal) -> Season | None:
        """The season, locked, in the stage that it is in now. That there is one is no secret among officials."""
        found = await repository.get(conn, code, lock=True)
        return None if found is None else found.at(self.clock.now())

    def state(self, record: Season) -> Season:
        return record

    def parties(self, caller: Principal, record: Season) -> Mapping[StrEnum, Role]:
        return access.parties(caller, record)

    async def save(self, conn: AsyncConnection, record: Season, change: Change[Season], entry: HistoryEntry) -> Season:
        await repository.store(conn, change.after, entry)
        return change.after

    async def show(self, conn: AsyncConnection, record: Season, caller: Principal) -> SeasonOut:
        members = [SeasonUnit.model_validate(each) for each in await repository.members(conn, record)]
        more = {"appraisers": record.appraisers, "findings_below": record.findings_below, "units": members}
        return SeasonOut.of(record, possible(record, caller), **more)


def head(season: Season, caller: Principal) -> SeasonHead:
    """A season without its units."""
    return SeasonHead.of(season, possible(season, caller))


def possible(season: Season, caller: Principal) -> list[SeasonAction]:
    """What a caller can do with a season now."""
    return [SeasonAction(each) for each in TABLE.possible(season, access.parties(caller, season))]
