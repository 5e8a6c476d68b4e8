"""Use cases of a unit's card: read it, and enter what belongs to the stage."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cchc_shared.calendar.clock import Clock
from cchc_shared.contract.codes import Role
from cchc_shared.contract.provenance import Text
from cchc_shared.http.access import Principal
from cchc_shared.http.etag import SeenVersion, stale
from cchc_shared.http.paging import decode_cursor, encode_cursor
from cchc_shared.http.problems import Problem, not_found
from cchc_shared.service.workflow import NOT_PERMITTED, WRONG_STATE
from scoring_worker.catalogue.catalogue import Catalogue
from scoring_worker.catalogue.edition import Edition
from scoring_worker.ledger import repository as ledger
from scoring_worker.ledger.domain import Json
from scoring_worker.scorecards import views
from scoring_worker.scorecards.domain import Item, Place, changed_since, faults, is_new, surveyed
from scoring_worker.scorecards.schemas import (
    FormerFinding,
    Scorecard,
    ScorecardEntries,
    ScorecardEntriesQuery,
    ScorecardEntry,
)
from scoring_worker.seasons import access, publishing, repository, standing
from scoring_worker.seasons.domain import (
    WHEN,
    ByCriterion,
    Entry,
    Fault,
    Member,
    Season,
    Step,
    newest,
)
from scoring_worker.seasons.problems import refused
from scoring_worker.units import repository as units_repository


class Wish(NamedTuple):
    """Who wants to enter something on which card; `seen` are the versions of it that they saw."""

    season: str
    unit: str
    caller: Principal
    seen: SeenVersion


@dataclass(frozen=True)
class Scorecards:
    """Cards of units. Nothing on them is overwritten: the newest entry of a step holds.

    Who enters something on one card waits for the other, and is refused only where it is of the same criterion.
    """

    engine: AsyncEngine
    clock: Clock
    catalogue: Catalogue = field(default_factory=Catalogue)

    async def get(self, code: str, unit: str, caller: Principal) -> Scorecard:
        """A unit's card as it stands now. Raises a 404 problem."""
        async with self.engine.execution_options(isolation_level="REPEATABLE READ").connect() as conn:
            season, member = await self._find(conn, code, unit, caller)
            return await self._shown(conn, season, member, caller)

    async def entries(self, code: str, unit: str, wanted: ScorecardEntriesQuery, caller: Principal) -> ScorecardEntries:
        """All that was entered on a card, the oldest first. Raises a 404 problem."""
        after = decode_cursor(wanted.cursor, int)[0] if wanted.cursor else 0
        async with self.engine.connect() as conn:
            season, _ = await self._find(conn, code, unit, caller)
            found = await repository.entries_page(
                conn, season, unit, criterion=wanted.criterion, after=after, limit=wanted.limit + 1
            )
        shown = found[: wanted.limit]
        more = encode_cursor(shown[-1].id) if len(found) > wanted.limit else None
        items = [ScorecardEntry.of(each) for each in shown]
        return ScorecardEntries(season=code, unit=unit, items=items, next_cursor=more)

    async def enter(self, wish: Wish, steps: Sequence[Step], items: Sequence[Item]) -> Scorecard:
        """Enter all items or none, in whichever of the steps the stage is for; the card after it.

        Raises 404 for a card not to be seen, 412 when one of the criteria changed meanwhile, 409 in another stage, 403
        when that is for somebody else to do, and a 422 problem that names every fault.
        """
        async with self.engine.begin() as conn:
            season, member = await self._find(conn, wish.season, wish.unit, wish.caller, lock=True)
            at = self.clock.now()
            season = season.at(at)
            said = newest(await repository.entries(conn, season, wish.unit)).get(wish.unit, {})
            _check_seen(wish.seen, member, [each.criterion for each in items], said)
            step = next((each for each in steps if season.status in WHEN[each]), None)
            if step is None:
                raise _wrong_state(season, wish)
            mine = access.parties_of_unit(wish.caller, season, wish.unit)
            party = next((each for each in sorted(mine) if each in access.ENTERS[step]), None)
            if party is None:
                raise Problem(NOT_PERMITTED, extra={"by": sorted(access.ENTERS[step])})
            places = await self._places(conn, season, member, wish.caller)
            found = [*faults(step, items, places, said), *await _faults_of_units(conn, items)]
            if found:
                raise refused(found)
            new = [each for each in items if is_new(step, each, said.get(each.criterion, {}))]
            if new:
                await self._add(conn, season, member, step, new, wish, mine[party], at)
                member = await self._member(conn, season, wish.unit)
            return await self._shown(conn, season, member, wish.caller)

    async def _add(
        self,
        conn: AsyncConnection,
        season: Season,
        member: Member,
        step: Step,
        items: Sequence[Item],
        wish: Wish,
        role: Role,
        at: datetime,
    ) -> None:
        caller = wish.caller
        new = [
            Entry(
                unit=wish.unit,
                criterion=each.criterion,
                step=step,
                points=each.points,
                details=dict(each.details),
                actor=caller.sub,
                role=role,
                actor_unit=caller.unit,
                at=at,
            )
            for each in items
        ]
        await repository.enter(conn, season, member, new)
        ruled = {each.criterion: each.points for each in items if step is Step.RULING and each.points is not None}
        if ruled:
            reason = "; ".join(
                f"{each.criterion}: {each.details['reason']}" for each in items if each.points is not None
            )
            await publishing.correct(conn, self.catalogue, season, {wish.unit: ruled}, reason, at, caller.sub)

    async def _find(
        self, conn: AsyncConnection, code: str, unit: str, caller: Principal, *, lock: bool = False
    ) -> tuple[Season, Member]:
        found = await (repository.hold(conn, code) if lock else repository.get(conn, code))
        if found is None:
            raise not_found("đợt chấm điểm", "the season")
        season = found.at(self.clock.now())
        member = await repository.member(conn, season, unit, lock=lock)
        if member is None or not access.sees(caller, season, unit):
            raise not_found("đơn vị trong đợt chấm điểm", "the unit in the season")
        return season, member

    async def _member(self, conn: AsyncConnection, season: Season, unit: str) -> Member:
        found = await repository.member(conn, season, unit)
        assert found is not None  # noqa: S101 - it was there before
        return found

    async def _shown(self, conn: AsyncConnection, season: Season, member: Member, caller: Principal) -> Scorecard:
        unit = await standing.unit(conn, self.catalogue, season, self.clock.now(), member)
        said = newest(await repository.entries(conn, season, member.unit)).get(member.unit, {})
        former = await self._former(conn, season, member.unit)
        return views.card(season, member, unit, said, former, possible(season, caller, member.unit))

    async def _former(self, conn: AsyncConnection, season: Season, unit: str) -> list[FormerFinding]:
        before = await repository.last_published(conn, season, unit)
        link = None if before is None else await standing.published(conn, before)
        found = None if link is None else await ledger.part(conn, link, unit)
        if before is None or found is None:
            return []
        said: ByCriterion = newest(await repository.entries(conn, before, unit)).get(unit, {})
        return views.former_findings(before, found, said)

    async def _places(
        self, conn: AsyncConnection, season: Season, member: Member, caller: Principal
    ) -> Mapping[str, Place]:
        edition = await standing.edition_of(conn, self.catalogue, season)
        unit = await standing.unit(conn, self.catalogue, season, self.clock.now(), member)
        return {
            row["criterion"]: _place(row, edition, access.appraises(caller, season, member.unit, row["field"]))
            for row in unit["criteria"]
        }


def possible(season: Season, caller: Principal, unit: str) -> list[Step]:
    """What a caller can enter on a unit's card now."""
    mine = access.parties_of_unit(caller, season, unit)
    return [step for step in Step if season.status in WHEN[step] and not access.ENTERS[step].isdisjoint(mine)]


def _place(row: Json, edition: Edition, is_mine: bool) -> Place:
    index_set = edition.document.index_set
    points = row["points"]
    return Place(
        field=row["field"],
        max=Decimal(row["max"]),
        points=None if points is None else Decimal(points),
        places=index_set.places.criteria,
        applies=row["state"] != "not_applicable",
        is_surveyed=row["criterion"] in surveyed(index_set),
        is_finding=row["finding"],
        is_mine=is_mine,
    )


def _check_seen(seen: SeenVersion, member: Member, codes: Sequence[str], said: ByCriterion) -> None:
    """Raise a 412 problem that names the criteria that were entered by others since the caller looked."""
    version = seen.newest(member.version)
    changed = [] if version is None else changed_since(version, codes, said)
    if version is None or changed:
        raise replace(stale(member.version), extra={"criteria": changed})


async def _faults_of_units(conn: AsyncConnection, items: Sequence[Item]) -> list[Fault]:
    """Units that are to answer for findings, and that no directory knows."""
    named = {number: unit for number, each in enumerate(items) if (unit := each.details.get("accountable_unit"))}
    known = await units_repository.by_code(conn, set(named.values())) if named else {}
    words = Text("không có đơn vị này", "there is no such unit")
    return [Fault(f"items.{number}.accountable_unit", words) for number, unit in named.items() if not known.get(unit)]


def _wrong_state(season: Season, wish: Wish) -> Problem:
    return Problem(
        WRONG_STATE,
        vi="Không nhập được việc này ở bước hiện tại của đợt chấm điểm.",
        en=f"This cannot be entered now: the season is {season.status}.",
        extra={"state": season.status, "possible": possible(season, wish.caller, wish.unit)},
    )
