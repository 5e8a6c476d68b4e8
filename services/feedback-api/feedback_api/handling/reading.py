"""Reading reports: one, its history, a page of a list. What a caller may not see does not exist for that caller."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row
from sqlalchemy.ext.asyncio import AsyncEngine

from cchc_shared.calendar.clock import Clock
from cchc_shared.http.access import Principal
from cchc_shared.http.paging import decode_cursor, encode_cursor
from cchc_shared.http.problems import FieldError, invalid, not_found
from feedback_api.contacts.cipher import Contact, ContactCipher
from feedback_api.handling import repository
from feedback_api.handling.access import Scope, may_read, may_read_contact, scope
from feedback_api.handling.repository import Filter, Stored


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows of a list, and the cursor to the next ones."""

    rows: Sequence[Row[Any]]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class Reading:
    """The read side of reports."""

    engine: AsyncEngine
    clock: Clock
    cipher: ContactCipher

    async def one(self, code: str, caller: Principal | None, secret: str | None) -> Stored:
        """The report. Raises a 404 problem when there is none, or none for this caller."""
        async with self.engine.connect() as conn:
            stored = await repository.load(conn, code)
        if stored is None or not may_read(caller, secret, stored):
            raise not_found("phản ánh này", "this report")
        return stored

    async def contact(self, stored: Stored, caller: Principal | None) -> Contact | None:
        """Who reported, for the unit that holds the report; an anonymous reporter stays unnamed."""
        if not may_read_contact(caller, stored):
            return None
        async with self.engine.connect() as conn:
            sealed = await repository.sealed_contact(conn, stored.feedback.code)
        if sealed is None:
            return None
        contact = self.cipher.open(stored.feedback.code, sealed)
        return Contact(anonymous=True) if contact.anonymous else contact

    async def history(
        self, code: str, caller: Principal | None, secret: str | None
    ) -> tuple[Stored, Sequence[Row[Any]]]:
        """The report and what happened to it, oldest first."""
        stored = await self.one(code, caller, secret)
        async with self.engine.connect() as conn:
            return stored, await repository.events_of(conn, code)

    async def page(self, wanted: Filter, caller: Principal, cursor: str | None, limit: int) -> Page:
        """The reports of the caller's scope, newest first."""
        after = None if cursor is None else _position(cursor)
        async with self.engine.connect() as conn:
            rows = await repository.page(
                conn, wanted, scope=_scope(caller), now=self.clock.now(), after=after, limit=limit + 1
            )
        if len(rows) <= limit:
            return Page(rows, None)
        last = rows[limit - 1]
        return Page(rows[:limit], encode_cursor(last.received_at.isoformat(), last.code))


def _scope(caller: Principal) -> ColumnElement[bool] | None:
    match scope(caller):
        case Scope.ALL:
            return None
        case Scope.UNIT:
            return repository.held_by(caller.unit or "")
        case Scope.OWN:
            return repository.submitted_by(caller.sub)


def _position(cursor: str) -> tuple[datetime, str]:
    at, code = decode_cursor(cursor, datetime, str)
    try:
        return at.astimezone(UTC), code
    except OverflowError as error:  # the first day of the calendar, in a time zone where it is a day earlier
        raise invalid(
            [FieldError("query.cursor", "không phải con trỏ của hệ thống này", "is not one of ours")]
        ) from error
