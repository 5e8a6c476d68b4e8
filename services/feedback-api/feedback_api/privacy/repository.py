"""Contact data in the database, and who read them."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import RowMapping, func, insert, select, tuple_
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.storage.records import records
from feedback_api.privacy.domain import AccessAction, Reader
from feedback_api.privacy.models import accesses
from feedback_api.reports.contacts import Seal
from feedback_api.reports.domain import Feedback
from feedback_api.reports.models import contacts, feedback, history


class Kept(NamedTuple):
    """Sealed contact data. `version` counts its changes."""

    version: int
    seal: Seal


async def kept(conn: AsyncConnection, codes: Collection[str]) -> dict[str, Kept]:
    """The sealed contact data of these reports, of those whose sender left some."""
    columns = contacts.c.code, contacts.c.version, contacts.c.key_id, contacts.c.sealed
    rows = await conn.execute(select(*columns).where(contacts.c.code.in_(codes)))
    return {code: Kept(version, Seal(key_id, sealed)) for code, version, key_id, sealed in rows}


async def keep(conn: AsyncConnection, code: str, version: int, seal: Seal, at: datetime) -> None:
    """Put contact data in the place of those that were there. The report is locked by the caller."""
    values = {"sealed": seal.sealed, "key_id": seal.key_id, "version": version}
    statement = postgresql.insert(contacts).values(code=code, recorded_at=at, **values)
    await conn.execute(statement.on_conflict_do_update(index_elements=[contacts.c.code], set_=values))


async def write_accesses(
    conn: AsyncConnection,
    codes: Sequence[str],
    reader: Reader,
    action: AccessAction,
    at: datetime,
    purpose: str | None = None,
) -> None:
    """Write down who did what with the contact data of these reports."""
    entry = {**reader._asdict(), "action": action, "at": at, "purpose": purpose}
    if codes:
        await conn.execute(insert(accesses), [{"code": code, **entry} for code in codes])


async def accesses_of(conn: AsyncConnection, code: str, before: int | None, limit: int) -> Sequence[RowMapping]:
    """Accesses to one report's contact data, newest first, at most `limit`, from the one that follows `before`."""
    query = select(accesses).where(accesses.c.code == code).order_by(accesses.c.id.desc()).limit(limit)
    if before is not None:
        query = query.where(accesses.c.id < before)
    return (await conn.execute(query)).mappings().all()


async def last_accesses(conn: AsyncConnection, codes: Collection[str], most: int) -> dict[str, list[RowMapping]]:
    """The last `most` accesses to the contact data of each of these reports, newest first, by code."""
    place = func.row_number().over(partition_by=accesses.c.code, order_by=accesses.c.id.desc())
    ranked = select(accesses, place.label("place")).where(accesses.c.code.in_(codes)).subquery()
    query = select(ranked).where(ranked.c.place <= most).order_by(ranked.c.code, ranked.c.place)
    return _by_code((await conn.execute(query)).mappings().all())


async def histories(conn: AsyncConnection, codes: Collection[str]) -> dict[str, list[RowMapping]]:
    """The histories of these reports, oldest entry first, by code."""
    query = select(history).where(history.c.code.in_(codes)).order_by(history.c.code, history.c.version)
    return _by_code((await conn.execute(query)).mappings().all())


async def reports_of(
    conn: AsyncConnection, sender: str, after: tuple[datetime, str] | None, limit: int
) -> Sequence[Feedback]:
    """The reports that this subject sent, newest first, from the one that follows `after`."""
    place = tuple_(feedback.c.received_at, feedback.c.code)
    query = select(feedback).where(feedback.c.submitted_by == sender)
    if after is not None:
        query = query.where(place < after)
    newest_first = feedback.c.received_at.desc(), feedback.c.code.desc()
    return records(await conn.execute(query.order_by(*newest_first).limit(limit)), Feedback)


def _by_code(rows: Sequence[RowMapping]) -> dict[str, list[RowMapping]]:
    found: dict[str, list[RowMapping]] = {}
    for row in rows:
        found.setdefault(row["code"], []).append(row)
    return found
