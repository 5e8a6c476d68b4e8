"""One report in the database: loaded, and stored with its history after an action."""

from collections.abc import Collection, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, RowMapping, and_, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.contract.codes import FeedbackKind, FeedbackStatus
from cchc_shared.http.access import Principal
from cchc_shared.http.problems import not_found
from cchc_shared.storage.history import HistoryEntry
from cchc_shared.storage.records import record, records
from feedback_api.reports.access import is_official, may_read
from feedback_api.reports.domain import FOUND_NONE, Erased, Feedback, missed_by
from feedback_api.reports.models import feedback, history

_STOOD: Final = (
    "resolve_due_at",
    "answered_at",
    "ended_at",
    "held_by",
    "own_accept_due_at",
    "own_resolve_due_at",
    "paused_since",
    "reopenings",
    "satisfied",
    "task",
)
"""How the report stood, as far as its history tells beside the columns that all histories have."""


_IN_JSON: Final = ("pauses", "extension", "reminded")


PUBLISHED: Final[ColumnElement[bool]] = or_(
    feedback.c.published_at.is_not(None), feedback.c.status == FeedbackStatus.PUBLISHED
)
"""`Feedback.is_public`."""
IN_THE_OPEN: Final[ColumnElement[bool]] = and_(
    feedback.c.part_of.is_(None),
    feedback.c.erased.is_distinct_from(Erased.TEXT),
    feedback.c.status.not_in(FOUND_NONE),
    or_(PUBLISHED, feedback.c.kind == FeedbackKind.ON_SITE),
)
"""`Feedback.is_in_the_open`."""


async def load(conn: AsyncConnection, code: str, *, lock: bool = False) -> Feedback | None:
    """The report with that code; `lock` keeps others from changing it until the transaction ends.

    Rows of other features may point to it meanwhile.
    """
    query = select(feedback).where(feedback.c.code == code)
    row = (await conn.execute(query.with_for_update(key_share=True) if lock else query)).mappings().first()
    return None if row is None else record(row, Feedback)


async def lock_idle(conn: AsyncConnection, codes: Collection[str]) -> dict[str, Feedback]:
    """Those of these reports that nobody is working on at this moment, by code, locked."""
    query = select(feedback).where(feedback.c.code.in_(codes)).with_for_update(key_share=True, skip_locked=True)
    return {report.code: report for report in records(await conn.execute(query), Feedback)}


async def load_for(
    conn: AsyncConnection, code: str, caller: Principal | None, secret: str | None, *, lock: bool = False
) -> Feedback:
    """The report. Raises a 404 problem when there is none, or none that this caller may read."""
    found = await load(conn, code, lock=lock)
    if found is None or not may_read(caller, secret, found):
        raise not_found("phản ánh này", "this report")
    return found


async def load_for_official(conn: AsyncConnection, code: str, caller: Principal) -> Feedback:
    """The report. Raises a 404 problem when there is none, or none that the caller reads as an official."""
    found = await load(conn, code)
    if found is None or not is_official(caller, found):
        raise not_found("phản ánh này", "this report")
    return found


async def save(conn: AsyncConnection, before: Feedback, after: Feedback, entry: HistoryEntry) -> None:
    """Store what an action changed of the locked report, with its row of history."""
    await conn.execute(update(feedback).where(feedback.c.code == after.code).values(_changed(before, after)))
    stood = {name: getattr(after, name) for name in _STOOD}
    missed = missed_by(before, after, entry.at)
    await conn.execute(insert(history).values(code=after.code, **stood, missed_by=missed, **entry.values()))


def _changed(before: Feedback, after: Feedback) -> dict[str, Any]:
    changed = {name: value for name, value in msgspec.structs.asdict(after).items() if value != getattr(before, name)}
    return changed | {name: value for name, value in _as_json(after).items() if name in changed}


def _as_json(report: Feedback) -> dict[str, Any]:
    return {name: msgspec.to_builtins(getattr(report, name)) for name in _IN_JSON}


async def history_of(conn: AsyncConnection, code: str) -> Sequence[RowMapping]:
    """The report's history, oldest first."""
    query = select(history).where(history.c.code == code).order_by(history.c.version)
    return (await conn.execute(query)).mappings().all()


async def insert_part(conn: AsyncConnection, part: Feedback, entry: HistoryEntry) -> None:
    """Write a new part of a report, with its row of history."""
    values = msgspec.structs.asdict(part) | _as_json(part)
    await conn.execute(insert(feedback).values({name: value for name, value in values.items() if value is not None}))
    stood = {name: getattr(part, name) for name in _STOOD}
    await conn.execute(insert(history).values(code=part.code, **stood, **entry.values()))


async def parts_of(conn: AsyncConnection, code: str) -> Sequence[Feedback]:
    """The parts of a report, in the order in which they were given."""
    query = select(feedback).where(feedback.c.part_of == code).order_by(feedback.c.received_at, feedback.c.code)
    return records(await conn.execute(query), Feedback)


async def secret_digest_of(conn: AsyncConnection, code: str) -> bytes:
    """What is stored of the report's tracking secret; empty when it is erased."""
    digest: bytes = (await conn.execute(select(feedback.c.secret_digest).where(feedback.c.code == code))).scalar_one()
    return digest
