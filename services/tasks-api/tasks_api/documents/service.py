"""Use cases of documents: register one, read them, assign the tasks that come of one."""

from collections.abc import Sequence
from dataclasses import dataclass

from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cchc_shared.calendar.clock import Clock
from cchc_shared.calendar.working_time import WorkingCalendar
from cchc_shared.contract.rules import RuleBroken
from cchc_shared.http.access import Principal
from cchc_shared.http.etag import etag
from cchc_shared.http.idempotency import reply
from cchc_shared.http.paging import encode_cursor
from cchc_shared.http.problems import Problem, not_found
from cchc_shared.service.workflow import NOT_PERMITTED
from cchc_shared.storage.idempotency import Reply, once
from tasks_api.city import City
from tasks_api.cursors import id_before
from tasks_api.documents import repository
from tasks_api.documents.domain import Document, code_of, source_of
from tasks_api.documents.schemas import (
    DocumentIn,
    DocumentOut,
    DocumentPage,
    DocumentQuery,
    DocumentTaskIn,
    DocumentTasks,
)
from tasks_api.tasks.access import is_citys, reader, speaks_for
from tasks_api.tasks.assignment import Assigning


@dataclass(frozen=True)
class Documents:
    """Documents that tasks come from. Each method is one transaction."""

    engine: AsyncEngine
    reading: AsyncEngine
    clock: Clock
    calendar: WorkingCalendar
    city: City
    assigning: Assigning

    async def register(self, given: DocumentIn, *, caller: Principal, key: str | None, digest: bytes) -> Reply:
        """Register a document for the caller's unit, or for the city. Raises `RuleBroken` for days to come."""

        async def work(conn: AsyncConnection) -> Reply:
            now = self.clock.now()
            today = self.calendar.local_date(now)
            received_on = given.received_on or today
            for field, day in (("dated_on", given.dated_on), ("received_on", received_on)):
                if day > today:
                    raise RuleBroken(field, "ở tương lai", "lies in the future")
            if received_on < given.dated_on:
                raise RuleBroken("received_on", "trước ngày của văn bản", "is before the day of the document")
            id_ = await repository.new_id(conn)
            document = Document(
                id=id_,
                code=code_of(id_, today.year),
                unit=self.city.assigning_unit if is_citys(caller, self.city) else caller.unit or "",
                registered_at=now,
                registered_by=caller.sub,
                **given.model_dump(exclude={"received_on"}),
                received_on=received_on,
            )
            await repository.add(conn, document)
            headers = {"Location": f"/v1/documents/{document.code}", "ETag": etag(document.version)}
            return reply(201, DocumentOut.of(document, []), headers)

        return await once(self.engine, caller=caller.sub, key=key, digest=digest, work=work)

    async def page(self, wanted: DocumentQuery, caller: Principal) -> DocumentPage:
        """Documents that the caller may read, newest first."""
        before = id_before(wanted.cursor)
        async with self.reading.connect() as conn:
            found = await repository.page(conn, wanted, reader(caller), before)
            files = await repository.files_of(conn, *found[: wanted.limit])
        items = [DocumentOut.of(each, files[each.code]) for each in found[: wanted.limit]]
        more = len(found) > wanted.limit
        return DocumentPage(items=items, next_cursor=encode_cursor(found[wanted.limit - 1].id) if more else None)

    async def get(self, code: str, caller: Principal) -> DocumentOut:
        """The document. Raises a 404 problem."""
        async with self.reading.connect() as conn:
            document = await self.find(conn, code, caller)
            files = await repository.files_of(conn, document)
        return DocumentOut.of(document, files[document.code])

    async def assign(
        self,
        code: str,
        given: Sequence[DocumentTaskIn],
        *,
        caller: Principal,
        key: str | None,
        digest: bytes,
        language: str,
    ) -> Reply:
        """Assign the tasks that come of a document, all or none, from today.

        Raises 404, a 403 problem for a document that another unit registered, and `RuleBroken`, by task.
        """

        async def work(conn: AsyncConnection) -> Reply:
            document = await self.find_own(conn, code, caller)
            shown = []
            for index, each in enumerate(given):
                draft = replace(each.draft(), document=document.code, source=each.source or source_of(document))
                try:
                    task = await self.assigning.assign_in(
                        conn, draft, parent=each.parent, caller=caller, language=language
                    )
                    shown.append(task)
                except RuleBroken as error:
                    raise RuleBroken(f"tasks.{index}.{error.field}", error.message.vi, error.message.en) from error
            return reply(201, DocumentTasks(items=shown), {})

        return await once(self.engine, caller=caller.sub, key=key, digest=digest, work=work)

    async def find(self, conn: AsyncConnection, code: str, caller: Principal, *, lock: bool = False) -> Document:
        """The document. Raises 404 where the caller may not read it."""
        document = await repository.get(conn, code, reader(caller), lock=lock)
        if document is None:
            raise not_found("văn bản này", "this document")
        return document

    async def find_own(self, conn: AsyncConnection, code: str, caller: Principal, *, lock: bool = True) -> Document:
        """The document, locked, for whoever speaks for the unit that registered it. Raises 404 and 403."""
        document = await self.find(conn, code, caller, lock=lock)
        if not speaks_for(caller, document.unit, self.city):
            raise Problem(NOT_PERMITTED, extra={"by": [document.unit]})
        return document
