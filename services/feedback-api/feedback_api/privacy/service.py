"""Reading contact data, which is written down, and what the person they speak of may do."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, NamedTuple

from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cchc_shared.calendar.clock import Clock
from cchc_shared.http.access import Principal
from cchc_shared.http.etag import SeenVersion, etag, stale
from cchc_shared.http.field_errors import FieldError
from cchc_shared.http.idempotency import reply
from cchc_shared.http.paging import decode_cursor, encode_cursor, invalid_cursor
from cchc_shared.http.problems import Problem, invalid
from cchc_shared.storage.idempotency import Reply, once
from feedback_api.deadlines.domain import Deadlines
from feedback_api.privacy import repository, views
from feedback_api.privacy.access import reader_of, sender_of
from feedback_api.privacy.domain import SENDER, AccessAction, Reader, shown_to, tells_something
from feedback_api.privacy.problems import PERSONAL_DATA_FORBIDDEN, SEAL_UNREADABLE
from feedback_api.privacy.repository import Kept
from feedback_api.privacy.rules import PrivacyRules
from feedback_api.privacy.schemas import (
    AccessQuery,
    ContactAccessPage,
    MyDataQuery,
    PersonalData,
    PersonalDataPage,
    ReporterVersion,
)
from feedback_api.reports.access import READ_ALL, is_sender
from feedback_api.reports.contacts import BrokenSeal, Contact, ContactCipher
from feedback_api.reports.domain import Feedback
from feedback_api.reports.repository import load_for
from feedback_api.reports.rules import RetentionRules
from feedback_api.reports.schemas import ReporterOut

LAST_ACCESSES: Final = 200
"""So many accesses to one report's contact data stand in what its sender is given."""


Work = Callable[[AsyncConnection], Awaitable[Reply]]


class Asked(NamedTuple):
    """Who asks: with a token, a tracking secret, or both."""

    caller: Principal | None
    secret: str | None


class Change(NamedTuple):
    """A request for a change, and what makes a repeated one the same."""

    asked: Asked
    key: str | None
    digest: bytes


class VersionedReporter(NamedTuple):
    """Contact data as a reader sees them, with their version: 0 where none were left."""

    version: int
    reporter: ReporterOut


@dataclass(frozen=True, slots=True)
class Privacy:
    """The use cases. A reading is committed with its entry in the list of accesses before anything is answered."""

    engine: AsyncEngine
    clock: Clock
    rules: PrivacyRules
    retention: RetentionRules
    deadlines: Deadlines
    cipher: ContactCipher

    async def reporter(self, code: str, asked: Asked, purpose: str | None) -> VersionedReporter:
        """Who sent the report. Raises 404 and 403 problems, and 409 where the seal cannot be opened."""
        self._check_purpose(purpose)
        async with self.engine.begin() as conn:
            report = await load_for(conn, code, *asked)
            reader = reader_of(*asked, report)
            kept = (await repository.kept(conn, [code])).get(code)
            contact = None if kept is None else shown_to(reader, self._opened(code, kept))
            if contact is not None and tells_something(contact):
                await self._write_down(conn, [code], reader, AccessAction.READ, purpose)
        return VersionedReporter(0 if kept is None else kept.version, views.reporter(contact))

    async def accesses(self, code: str, asked: Asked, query: AccessQuery) -> ContactAccessPage:
        """Who read the contact data, newest first; the sender is told roles and units. Raises 404 and 403 problems."""
        before = None if query.cursor is None else decode_cursor(query.cursor, int)[0]
        async with self.engine.connect() as conn:
            report = await load_for(conn, code, *asked)
            overseeing = asked.caller is not None and asked.caller.has(*READ_ALL)
            if not overseeing and not is_sender(*asked, report):
                raise Problem(PERSONAL_DATA_FORBIDDEN)
            rows = await repository.accesses_of(conn, code, before, query.limit + 1)
        shown = rows[: query.limit]
        cursor = encode_cursor(shown[-1]["id"]) if len(rows) > query.limit else None
        return ContactAccessPage(items=[views.access(row, named=overseeing) for row in shown], next_cursor=cursor)

    async def my_data(self, code: str, asked: Asked) -> PersonalData:
        """All that is kept of a report, for its sender. Raises 404, 403 and 409 problems."""
        async with self.engine.begin() as conn:
            report = await load_for(conn, code, *asked)
            (data,) = await self._personal_data(conn, [report], sender_of(*asked, report), asked.caller)
        return data

    async def all_my_data(self, caller: Principal, query: MyDataQuery) -> PersonalDataPage:
        """The same of all reports that this citizen sent, newest first."""
        after = None if query.cursor is None else _position(query.cursor)
        async with self.engine.begin() as conn:
            found = await repository.reports_of(conn, caller.sub, after, query.limit + 1)
            reports = found[: query.limit]
            items = await self._personal_data(conn, reports, Reader(SENDER), caller)
        more = len(found) > query.limit
        cursor = encode_cursor(reports[-1].received_at.isoformat(), reports[-1].code) if more else None
        return PersonalDataPage(items=items, next_cursor=cursor)

    async def correct(self, code: str, change: Change, seen: SeenVersion, contact: Contact) -> Reply:
        """The sender's contact data are these from now on. Raises 404, 403 and 412 problems."""

        async def work(conn: AsyncConnection) -> Reply:
            reader, kept = await self._locked(conn, code, change.asked)
            version = 0 if kept is None else kept.version
            if version not in seen:
                raise stale(version)
            return await self._keep(conn, code, version + 1, contact, reader, AccessAction.CORRECTED)

        return await self._once(code, change, work)

    async def anonymize(self, code: str, change: Change) -> Reply:
        """No official sees who sent the report from now on. Done again, it changes nothing."""

        async def work(conn: AsyncConnection) -> Reply:
            reader, kept = await self._locked(conn, code, change.asked)
            contact = Contact() if kept is None else self._opened(code, kept)
            version = 0 if kept is None else kept.version
            if contact.anonymous:
                return _acknowledged(code, version)
            hidden = replace(contact, anonymous=True)
            return await self._keep(conn, code, version + 1, hidden, reader, AccessAction.ANONYMIZED)

        return await self._once(code, change, work)

    async def _once(self, code: str, change: Change, work: Work) -> Reply:
        # Whoever has no token is told apart by the report: two who choose one key do not meet.
        caller = f"tracking secret of {code}" if change.asked.caller is None else change.asked.caller.sub
        return await once(self.engine, caller=caller, key=change.key, digest=change.digest, work=work, about=code)

    async def _locked(self, conn: AsyncConnection, code: str, asked: Asked) -> tuple[Reader, Kept | None]:
        report = await load_for(conn, code, *asked, lock=True)
        return sender_of(*asked, report), (await repository.kept(conn, [code])).get(code)

    async def _keep(
        self, conn: AsyncConnection, code: str, version: int, contact: Contact, reader: Reader, action: AccessAction
    ) -> Reply:
        await repository.keep(conn, code, version, self.cipher.seal(code, contact), self.clock.now())
        await self._write_down(conn, [code], reader, action)
        return _acknowledged(code, version)

    async def _personal_data(
        self, conn: AsyncConnection, reports: Sequence[Feedback], reader: Reader, caller: Principal | None
    ) -> list[PersonalData]:
        codes = [report.code for report in reports]
        kept = await repository.kept(conn, codes)
        opened = {code: self._opened(code, each) for code, each in kept.items()}
        told = [code for code, contact in opened.items() if tells_something(contact)]
        await self._write_down(conn, told, reader, AccessAction.READ)
        histories = await repository.histories(conn, codes)
        accesses = await repository.last_accesses(conn, codes, LAST_ACCESSES)
        return [
            views.personal_data(
                report,
                caller,
                opened.get(report.code),
                histories.get(report.code, ()),
                accesses.get(report.code, ()),
                self.deadlines,
                self.retention,
            )
            for report in reports
        ]

    async def _write_down(
        self,
        conn: AsyncConnection,
        codes: Sequence[str],
        reader: Reader,
        action: AccessAction,
        purpose: str | None = None,
    ) -> None:
        await repository.write_accesses(conn, codes, reader, action, self.clock.now(), purpose)

    def _opened(self, code: str, kept: Kept) -> Contact:
        try:
            return self.cipher.open(code, kept.seal)
        except BrokenSeal as error:
            raise Problem(SEAL_UNREADABLE) from error

    def _check_purpose(self, purpose: str | None) -> None:
        known = self.rules.contact_purposes.names
        if purpose is not None and purpose not in known:
            names = ", ".join(known)
            raise invalid([FieldError("query.purpose", f"phải là một trong: `{names}`", f"must be one of: {names}")])


def _acknowledged(code: str, version: int) -> Reply:
    return reply(200, ReporterVersion(code=code, version=version), {"ETag": etag(version)})


def _position(cursor: str) -> tuple[datetime, str]:
    at, code = decode_cursor(cursor, datetime, str)
    try:
        return at.astimezone(UTC), code
    except OverflowError as error:  # the first day of the calendar, in a time zone where it is a day earlier
        raise invalid_cursor() from error
