"""The use cases of standard replies."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from uuid_utils.compat import uuid7

from cchc_shared.calendar.clock import Clock
from cchc_shared.calendar.working_time import WorkingCalendar
from cchc_shared.contract.codes import Role
from cchc_shared.contract.rules import RuleBroken
from cchc_shared.contract.wording import unmarked
from cchc_shared.directory.service import FRESH, MISSED, Directory
from cchc_shared.http.access import Principal
from cchc_shared.http.etag import SeenVersion, etag, stale
from cchc_shared.http.idempotency import Asked, reply
from cchc_shared.http.paging import decode_cursor, encode_cursor
from cchc_shared.http.problems import Problem, not_found
from cchc_shared.storage.idempotency import Reply, once
from feedback_api.reports.domain import Feedback
from feedback_api.reports.repository import load_for_official
from feedback_api.standard_replies import repository
from feedback_api.standard_replies.access import may_read, writing_as
from feedback_api.standard_replies.domain import Blank, StandardReply, check_blanks, filled
from feedback_api.standard_replies.problems import REPLY_OF_OTHERS, REPLY_RETIRED
from feedback_api.standard_replies.rules import ReplyRules
from feedback_api.standard_replies.schemas import (
    FilledReply,
    StandardReplyHistory,
    StandardReplyIn,
    StandardReplyOut,
    StandardReplyPage,
    StandardReplyQuery,
)

COMPARED: Final = 200
"""With so many replies a draft is compared, newest first."""
Work = Callable[[AsyncConnection], Awaitable[Reply]]


@dataclass(frozen=True, slots=True)
class StandardReplies:
    """Each change is a new version, in one transaction."""

    engine: AsyncEngine
    reading: AsyncEngine
    clock: Clock
    calendar: WorkingCalendar
    rules: ReplyRules
    directory: Directory

    async def page(self, query: StandardReplyQuery, caller: Principal) -> StandardReplyPage:
        """Those that the caller may read, the last created first."""
        before = None if query.cursor is None else decode_cursor(query.cursor, UUID)[0]
        conditions = [
            repository.readable_by(caller),
            *repository.matching(unit=query.unit, kind=query.kind, category=query.category, retired=query.retired),
        ]
        async with self.reading.connect() as conn:
            found = await repository.page(conn, conditions, before, query.limit + 1)
        items = [StandardReplyOut.model_validate(each) for each in found[: query.limit]]
        more = len(found) > query.limit
        return StandardReplyPage(items=items, next_cursor=encode_cursor(str(items[-1].id)) if more else None)

    async def get(self, id_: UUID, caller: Principal) -> StandardReply:
        """The newest version. Raises a 404 problem."""
        async with self.reading.connect() as conn:
            return await self._load(conn, id_, caller)

    async def history(self, id_: UUID, caller: Principal) -> StandardReplyHistory:
        """Every version. Raises a 404 problem."""
        async with self.reading.connect() as conn:
            await self._load(conn, id_, caller)
            versions = await repository.history(conn, id_)
        return StandardReplyHistory(items=[StandardReplyOut.model_validate(each) for each in versions])

    async def create(self, given: StandardReplyIn, asked: Asked) -> Reply:
        """A new one. Raises `RuleBroken`, and 403 for a unit that is not the caller's."""
        given = _by(asked.caller, given)
        await self._look_up(given.unit)

        async def work(conn: AsyncConnection) -> Reply:
            role = _role(asked.caller, given.unit)
            self._check(given)
            created = _version(uuid7(), 1, given, asked.caller, role, self.clock.now())
            await repository.add(conn, created)
            return _shown(created, 201, {"Location": f"/v1/standard-replies/{created.id}"})

        return await self._once(asked, work)

    async def change(self, id_: UUID, given: StandardReplyIn, seen: SeenVersion, asked: Asked) -> Reply:
        """All of it is as given from now on. Raises `RuleBroken`, and 403, 404, 409 and 412 problems."""
        given = _by(asked.caller, given)
        await self._look_up(given.unit)

        async def work(conn: AsyncConnection) -> Reply:
            before = await self._to_change(conn, id_, seen, asked.caller)
            role = _role(asked.caller, given.unit)
            self._check(given)
            after = _version(id_, before.version + 1, given, asked.caller, role, self.clock.now())
            return await _added(conn, after)

        return await self._once(asked, work)

    async def retire(self, id_: UUID, seen: SeenVersion, asked: Asked) -> Reply:
        """It is used no more; its versions stay. Raises 403, 404, 409 and 412 problems."""

        async def work(conn: AsyncConnection) -> Reply:
            before = await self._to_change(conn, id_, seen, asked.caller)
            after = replace(
                before,
                version=before.version + 1,
                retired=True,
                actor=asked.caller.sub,
                role=_role(asked.caller, before.unit),
                at=self.clock.now(),
            )
            return await _added(conn, after)

        return await self._once(asked, work)

    async def preview(self, code: str, id_: UUID, caller: Principal) -> FilledReply:
        """The text filled in for one report, for its officials. Raises 404 problems."""
        await self.directory.refresh(MISSED)
        async with self.reading.connect() as conn:
            report = await load_for_official(conn, code, caller)
            found = await self._load(conn, id_, caller)
        text = filled(found.text, self._values(report))
        return FilledReply(id=found.id, version=found.version, code=code, text=text.text, left=list(text.left))

    async def equal_to(self, conn: AsyncConnection, report: Feedback, answer: str) -> StandardReply | None:
        """The reply whose text, filled in for this report, the answer is, with nothing added."""
        said, values = unmarked(answer), self._values(report)
        fitting = await repository.fitting(conn, report, COMPARED)
        return next((each for each in fitting if unmarked(filled(each.text, values).text) == said), None)

    def _values(self, report: Feedback) -> Mapping[Blank, str | None]:
        unit = self.directory.units.at(report.holder, self.calendar.local_date(self.clock.now()))
        category = self.rules.categories.names.get(report.category or "")
        return {
            Blank.CODE: report.code,
            Blank.UNIT: None if unit is None else unit.name or None,
            Blank.CATEGORY: None if category is None else category.vi,
            Blank.RECEIVED_ON: self._day(report.received_at),
            Blank.ANSWER_BY: self._day(report.resolve_due_at),
        }

    def _day(self, at: datetime) -> str:
        return f"{self.calendar.local_date(at):%d/%m/%Y}"

    def _check(self, given: StandardReplyIn) -> None:
        check_blanks(given.text)
        known = self.rules.categories.names
        if given.category is not None and given.category not in known:
            codes = ", ".join(known)
            raise RuleBroken("category", f"phải là một trong: `{codes}`", f"must be one of: {codes}")
        if given.unit is not None and not self._exists(given.unit):
            raise RuleBroken("unit", "hiện không có đơn vị này", "is no unit today")

    async def _look_up(self, unit: str | None) -> None:
        """Read the units again if this one is not among them: before the transaction, which holds a connection."""
        if unit is not None and not self._exists(unit):
            await self.directory.refresh(FRESH)

    def _exists(self, unit: str) -> bool:
        return self.directory.units.exists(unit, self.calendar.local_date(self.clock.now()))

    async def _load(self, conn: AsyncConnection, id_: UUID, caller: Principal) -> StandardReply:
        found = await repository.get(conn, id_)
        if found is None or not may_read(caller, found.unit):
            raise not_found("mẫu trả lời này", "this standard reply")
        return found

    async def _to_change(self, conn: AsyncConnection, id_: UUID, seen: SeenVersion, caller: Principal) -> StandardReply:
        found = await self._load(conn, id_, caller)
        if found.version not in seen:
            raise stale(found.version)
        if found.retired:
            raise Problem(REPLY_RETIRED)
        _role(caller, found.unit)
        return found

    async def _once(self, asked: Asked, work: Work) -> Reply:
        return await once(self.engine, caller=asked.caller.sub, key=asked.key, digest=asked.digest, work=work)


def _by(caller: Principal, given: StandardReplyIn) -> StandardReplyIn:
    """A head who names no unit means their own: what is every unit's is not theirs to write."""
    if given.unit is None and not caller.has(Role.COORDINATOR):
        return given.model_copy(update={"unit": caller.unit})
    return given


def _role(caller: Principal, unit: str | None) -> Role:
    role = writing_as(caller, unit)
    if role is None:
        raise Problem(REPLY_OF_OTHERS)
    return role


def _version(
    id_: UUID, version: int, given: StandardReplyIn, caller: Principal, role: Role, at: datetime
) -> StandardReply:
    return StandardReply(id=id_, version=version, **given.model_dump(), actor=caller.sub, role=role, at=at)


async def _added(conn: AsyncConnection, after: StandardReply) -> Reply:
    if not await repository.add(conn, after):  # another transaction was first
        raise stale(after.version)
    return _shown(after, 200)


def _shown(found: StandardReply, status: int, headers: Mapping[str, str] | None = None) -> Reply:
    return reply(status, StandardReplyOut.model_validate(found), {"ETag": etag(found.version), **(headers or {})})
