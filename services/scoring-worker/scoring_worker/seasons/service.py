"""Use cases of seasons: opened, read, moved on, published."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cchc_shared.calendar.clock import Clock
from cchc_shared.calendar.working_time import WorkingCalendar
from cchc_shared.contract.provenance import Text
from cchc_shared.contract.rules import RuleBroken
from cchc_shared.contract.transitions import Change, Step
from cchc_shared.http.access import Principal
from cchc_shared.http.etag import etag
from cchc_shared.http.history import History, HistoryItem
from cchc_shared.http.idempotency import reply
from cchc_shared.http.paging import decode_cursor, encode_cursor
from cchc_shared.http.problems import Problem, not_found
from cchc_shared.service.workflow import NOT_PERMITTED, Command, Workflow, entry_of
from cchc_shared.storage.idempotency import Reply, once
from scoring_worker.catalogue.catalogue import Catalogue
from scoring_worker.catalogue.edition import Edition
from scoring_worker.ledger import repository as ledger
from scoring_worker.ledger.repository import StoredLink
from scoring_worker.periods import Period, parse
from scoring_worker.seasons import access, participants, publishing, repository, standing, views
from scoring_worker.seasons.domain import (
    DATES,
    UNTIL,
    Fault,
    Member,
    Season,
    code_of,
    faults_of_changes,
    faults_of_dates,
    newest,
)
from scoring_worker.seasons.domain import Step as Entered
from scoring_worker.seasons.participants import Scope
from scoring_worker.seasons.problems import refused
from scoring_worker.seasons.schemas import (
    PublishedCriteria,
    PublishedCriterion,
    SeasonFinding,
    SeasonFindings,
    SeasonFindingsQuery,
    SeasonIn,
    SeasonOut,
    SeasonPage,
    SeasonQuery,
    SeasonReasonIn,
    SeasonRescheduleIn,
    SeasonResult,
    SeasonResults,
    SeasonUnitsIn,
)
from scoring_worker.seasons.store import SeasonStore, head
from scoring_worker.seasons.transitions import Party, SeasonAction

OPEN: Final = "open"
"""The first action of a season, in its history."""
UNITS_AT_ONCE: Final = 100
"""Units of a published document that are read together."""
_NEWEST: Final = (1 << 63) - 1


@dataclass(frozen=True)
class Seasons:
    """Seasons. What was published is never changed: a correction is a further link."""

    engine: AsyncEngine
    reading: AsyncEngine
    clock: Clock
    calendar: WorkingCalendar
    store: SeasonStore
    workflow: Workflow[Season, Season]
    catalogue: Catalogue = field(default_factory=Catalogue)

    async def open(self, given: SeasonIn, caller: Principal, key: str | None, digest: bytes) -> Reply:
        """Open a season. Raises a 403 problem, and a 422 problem that names every fault."""
        role = access.runs(caller, given.owner)
        if role is None:
            raise Problem(NOT_PERMITTED, extra={"by": [Party.BOARD]})

        async def work(conn: AsyncConnection) -> Reply:
            await repository.hold_set(conn, given.set, given.period)
            now = self.clock.now()
            edition, members = await self._checked(conn, given, now)
            id_ = await repository.new_id(conn)
            season = Season(
                id=id_,
                code=code_of(id_, self.calendar.local_date(now).year),
                title=given.title,
                owner=given.owner,
                set_code=given.set,
                set_version=edition.document.index_set.version,
                set_sha256=edition.document.sha256,
                period=given.period,
                appraisers=given.appraisers,
                findings_below=given.findings_below,
                opened_at=now,
                **_dates(given),
            )
            await repository.add(conn, season, members)
            change: Change[Season] = Change(season, None)
            entry = entry_of(None, change, action=OPEN, at=now, recorded_at=now, actor=caller.sub, role=role)
            await repository.add_history(conn, season, entry)
            shown = await self.store.show(conn, season, caller)
            return reply(201, shown, {"Location": f"/v1/seasons/{season.code}", "ETag": etag(season.version)})

        return await once(self.engine, caller=caller.namespace, key=key, digest=digest, work=work)

    async def page(self, wanted: SeasonQuery, caller: Principal) -> SeasonPage:
        """Seasons, the newest first."""
        before = decode_cursor(wanted.cursor, int)[0] if wanted.cursor else _NEWEST
        async with self.reading.connect() as conn:
            found = await repository.page(
                conn,
                set_code=wanted.set,
                period=wanted.period,
                unit=wanted.unit,
                before=before,
                limit=wanted.limit + 1,
            )
        now, shown = self.clock.now(), found[: wanted.limit]
        more = encode_cursor(shown[-1].id) if len(found) > wanted.limit else None
        return SeasonPage(items=[head(each.at(now), caller) for each in shown], next_cursor=more)

    async def get(self, code: str, caller: Principal) -> SeasonOut:
        """A season with its units. Raises a 404 problem."""
        async with self.reading.connect() as conn:
            return await self.store.show(conn, await self.find(conn, code), caller)

    async def history(self, code: str) -> History:
        """Every change of a season. Raises a 404 problem."""
        async with self.reading.connect() as conn:
            rows = await repository.history(conn, await self.find(conn, code))
        return History(items=[HistoryItem.model_validate(row) for row in rows])

    async def results(self, code: str, caller: Principal) -> SeasonResults:
        """How the units stand, the best first: all of them once it is published, or for whoever sees all; else what the
        caller may see, without ranks. Raises a 404 problem."""
        async with self._snapshot().connect() as conn:
            season = await self.find(conn, code)
            found = await standing.units(conn, self.catalogue, season, self.clock.now())
            template = (await standing.edition_of(conn, self.catalogue, season)).document.index_set.template
        items = [
            SeasonResult.model_validate({**each, "template": template})
            for each in found
            if access.sees(caller, season, each["unit"])
        ]
        if season.published_at is None and not access.sees_all(caller, season):
            items = [each.model_copy(update={"rank": None}) for each in items]
        return SeasonResults(items=sorted(items, key=lambda one: (one.rank is None, -(one.percent or 0), one.unit)))

    async def publication(self, code: str, number: int | None) -> tuple[StoredLink, str]:
        """A link of a season as it was published, byte for byte: the newest, or the one that is named. Raises 404."""
        async with self.reading.connect() as conn:
            season = await self.find(conn, code)
            links = await ledger.of_season(conn, season.code)
            chosen = [link for link in links if number in {None, link.number}]
            if not chosen:
                raise not_found("bản công bố", "the publication")
            return chosen[-1], await ledger.document(conn, chosen[-1])

    async def links(self, code: str) -> Sequence[StoredLink]:
        """The links of a season, oldest first. Raises a 404 problem."""
        async with self.reading.connect() as conn:
            return await ledger.of_season(conn, (await self.find(conn, code)).code)

    async def published_rows(self, code: str, cursor: str | None, limit: int) -> PublishedCriteria:
        """Every criterion of every unit, as published last. Raises a 404 problem."""
        since, place = decode_cursor(cursor, str, int) if cursor else ("", 0)
        async with self.reading.connect() as conn:
            season, link = await self._published(conn, code)
            template = (await standing.edition_of(conn, self.catalogue, season)).document.index_set.template
            parts = await ledger.parts(conn, link, since=since, limit=limit + 1)
        rows = [
            (part["unit"], number, {**row, "unit": part["unit"], "unit_name": part["name"], "template": template})
            for part in parts
            for number, row in enumerate(part["criteria"])
            if (part["unit"], number) >= (since, place)
        ]
        more = encode_cursor(*rows[limit][:2]) if len(rows) > limit else None
        items = [PublishedCriterion.model_validate(row) for _, _, row in rows[:limit]]
        return PublishedCriteria(items=items, next_cursor=more)

    async def findings(self, code: str, wanted: SeasonFindingsQuery) -> SeasonFindings:
        """What is to be mended, as published last, with what the units said of it since. Raises a 404 problem."""
        since, place = decode_cursor(wanted.cursor, str, int) if wanted.cursor else (wanted.unit or "", 0)
        rows: list[tuple[str, int, SeasonFinding]] = []
        async with self._snapshot().connect() as conn:
            season, link = await self._published(conn, code)
            said = newest(await repository.entries(conn, season, wanted.unit, step=Entered.FINDING))
            first, more = since, True
            while more and len(rows) <= wanted.limit:
                parts = await ledger.parts(conn, link, since=first, limit=UNITS_AT_ONCE + 1)
                rows += [
                    (part["unit"], number, finding)
                    for part in parts[:UNITS_AT_ONCE]
                    if wanted.unit in {None, part["unit"]}
                    for number, finding in views.findings(part, said.get(part["unit"], {}))
                    if (part["unit"], number) >= (since, place) and wanted.complete in {None, finding.complete}
                ]
                more = len(parts) > UNITS_AT_ONCE and wanted.unit is None
                first = parts[-1]["unit"] if parts else first
        shown = rows[: wanted.limit]
        after = encode_cursor(*rows[wanted.limit][:2]) if len(rows) > wanted.limit else None
        return SeasonFindings(items=[finding for _, _, finding in shown], next_cursor=after)

    async def advance(self, command: Command, given: SeasonReasonIn) -> Reply:
        """End the present stage now."""

        async def effect(_: AsyncConnection, step: Step[Season]) -> Change[Season]:
            name = UNTIL[step.before.status]
            return Change(msgspec.structs.replace(step.after, **{name: step.at}), None, given.reason)

        return await self.workflow.run(command, SeasonAction.ADVANCE, effect)

    async def reschedule(self, command: Command, given: SeasonRescheduleIn) -> Reply:
        """Set dates that lie ahead."""

        async def effect(_: AsyncConnection, step: Step[Season]) -> Change[Season]:
            changes = given.changes()
            if not changes:
                raise RuleBroken("", "phải nêu ít nhất một hạn", "at least one date must be named")
            _refuse(faults_of_changes(step.before, changes, step.at))
            told = {name: until.isoformat() for name, until in changes.items()}
            return Change(msgspec.structs.replace(step.after, **changes), None, given.reason, told)

        return await self.workflow.run(command, SeasonAction.RESCHEDULE, effect)

    async def add_units(self, command: Command, given: SeasonUnitsIn) -> Reply:
        """Let further units take part. Raises a 422 problem that names every fault."""

        async def effect(conn: AsyncConnection, step: Step[Season]) -> Change[Season]:
            season = step.before
            await repository.hold_set(conn, season.set_code, season.period)
            edition = await standing.edition_of(conn, self.catalogue, season)
            scope = Scope(edition.document.index_set, parse(season.period), season.owner)
            members, wrong = await participants.named(conn, scope, given.units)
            _refuse(wrong)
            await repository.add_members(conn, season, members)
            return Change(step.after, None, given.reason, {"units": [each.unit for each in members]})

        return await self.workflow.run(command, SeasonAction.ADD_UNITS, effect)

    async def cancel(self, command: Command, given: SeasonReasonIn) -> Reply:
        """End a season without a result."""

        async def effect(_: AsyncConnection, step: Step[Season]) -> Change[Season]:
            return Change(msgspec.structs.replace(step.after, cancelled_at=step.at), None, given.reason)

        return await self.workflow.run(command, SeasonAction.CANCEL, effect)

    async def publish(self, command: Command) -> Reply:
        """Freeze every unit's part, and add it to the chain."""

        async def effect(conn: AsyncConnection, step: Step[Season]) -> Change[Season]:
            if step.before.objections_until <= step.at:
                vi = "hạn phản hồi đã qua; đặt hạn mới bằng `reschedule` trước khi công bố"
                en = "the time for objections has passed; set a later one by reschedule before publishing"
                raise RuleBroken("objections_until", vi, en)
            link = await publishing.publish(conn, self.catalogue, step.before, step.at, command.caller.sub)
            after = msgspec.structs.replace(step.after, published_at=step.at)
            return Change(after, None, None, {"link": link.number, "sha256": link.sha256})

        return await self.workflow.run(command, SeasonAction.PUBLISH, effect)

    async def find(self, conn: AsyncConnection, code: str) -> Season:
        """The season in the stage that it is in now. Raises a 404 problem."""
        found = await repository.get(conn, code)
        if found is None:
            raise not_found("đợt chấm điểm", "the season")
        return found.at(self.clock.now())

    async def _published(self, conn: AsyncConnection, code: str) -> tuple[Season, StoredLink]:
        """A published season with its newest link. Raises a 404 problem."""
        season = await self.find(conn, code)
        link = await standing.published(conn, season)
        if link is None:
            raise not_found("bản công bố", "the publication")
        return season, link

    def _snapshot(self) -> AsyncEngine:
        return self.engine.execution_options(isolation_level="REPEATABLE READ")

    async def _checked(self, conn: AsyncConnection, given: SeasonIn, now: datetime) -> tuple[Edition, list[Member]]:
        found = faults_of_dates(_dates(given), now)
        period = parse(given.period)
        edition = await self._edition(conn, given, period)
        if edition is None:
            named = "set" if given.version is None else "version"
            found.append(Fault(named, Text("không có bộ chỉ số như vậy cho kỳ này", "is no index set of this period")))
            raise refused(found)
        scope = Scope(edition.document.index_set, period, given.owner)
        found += participants.faults_of_kinds(scope, given.kinds)
        if given.units and given.kinds:
            found.append(Fault("kinds", Text("không dùng cùng `units`", "does not go together with units")))
        if given.units:
            members, wrong = await participants.named(conn, scope, given.units)
        else:
            members, wrong = await participants.of_kinds(conn, scope, given.kinds)
        found += wrong
        found += await participants.faults_of_appraisers(conn, scope, given.appraisers)
        _refuse(found)
        return edition, members

    async def _edition(self, conn: AsyncConnection, given: SeasonIn, period: Period) -> Edition | None:
        await self.catalogue.refresh(conn)
        if given.version is None:
            return self.catalogue.find(given.set, period)
        found = self.catalogue.version(given.set, given.version, period)
        return None if found is None or found.is_over(period) else found


def _dates(given: SeasonIn) -> dict[str, Any]:
    return {name: getattr(given, name) for name in DATES}


def _refuse(found: Sequence[Fault]) -> None:
    if found:
        raise refused(found)
