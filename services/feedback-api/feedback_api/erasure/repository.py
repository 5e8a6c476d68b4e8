"""Erasing in the database. Nothing is erased without its tombstone: the triggers of the history see to it."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, delete, func, insert, literal_column, null, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.storage.records import records
from feedback_api.erasure.domain import Tombstone
from feedback_api.erasure.models import erasures
from feedback_api.reports.domain import Erased
from feedback_api.reports.models import KEPT, contacts, feedback, history

_BEFORE: Final = {Erased.CONTACT: None, Erased.TEXT: Erased.CONTACT}
"""What is erased already of reports that wait for each step."""
_ROUTING_CODES: Final = ("by", "rule", "version", "status")


async def due(conn: AsyncConnection, what: Erased, ended_until: datetime, limit: int) -> Mapping[str, datetime]:
    """Reports that ended by that instant and are next to lose `what`, locked, each with its end.

    Those that somebody is working on at this moment are left for another time.
    """
    ended_at = _ended_at(feedback.c.code)
    query = (
        select(feedback.c.code)
        .where(
            literal_column(KEPT),
            feedback.c.erased.is_not_distinct_from(_BEFORE[what]),
            feedback.c.received_at <= ended_until,
            ended_at <= ended_until,
        )
        .order_by(feedback.c.received_at)
        .limit(limit)
        .with_for_update(skip_locked=True, of=feedback)
    )
    codes = (await conn.scalars(query)).all()
    # Once more, now that they are locked: an entry of their history may have been committed meanwhile.
    rows = await conn.execute(select(feedback.c.code, ended_at).where(feedback.c.code.in_(codes)))
    return {code: at for code, at in rows if at <= ended_until}


def _ended_at(code: ColumnElement[str]) -> ColumnElement[datetime]:
    newest = select(history.c.at).where(history.c.code == code).order_by(history.c.version.desc()).limit(1)
    return newest.scalar_subquery()


async def erase(conn: AsyncConnection, codes: Collection[str], tombstone: Tombstone) -> None:
    """Erase what the tombstone says of these locked reports, and leave it for each."""
    fields = msgspec.structs.asdict(tombstone)
    await conn.execute(insert(erasures), [{"code": code, **fields} for code in codes])
    if tombstone.what is Erased.CONTACT:
        await _erase_contact(conn, codes)
    else:
        await _erase_text(conn, codes)


async def _erase_contact(conn: AsyncConnection, codes: Collection[str]) -> None:
    await conn.execute(delete(contacts).where(contacts.c.code.in_(codes)))
    # The id of a channel leads to the person in the channel's own records.
    unknown = {"submitted_by": None, "channel_owner": "", "channel_ref": None, "secret_digest": b""}
    await conn.execute(_reports(codes).values(**unknown, erased=Erased.CONTACT))
    of_citizens = or_(history.c.role.is_(None), history.c.role == "citizen")
    await conn.execute(_entries(codes).where(history.c.actor.is_not(None), of_citizens).values(actor=None))


async def _erase_text(conn: AsyncConnection, codes: Collection[str]) -> None:
    routing = feedback.c.routing
    kept = func.jsonb_build_object(*(part for name in _ROUTING_CODES for part in (name, routing[name])))
    wordless: dict[str, Any] = dict.fromkeys(("title", "address", "lat", "lon", "answer"))
    await conn.execute(
        _reports(codes).values(**wordless, content="", routing=func.jsonb_strip_nulls(kept), erased=Erased.TEXT)
    )
    said = or_(history.c.note.is_not(None), history.c.details != {})
    await conn.execute(_entries(codes).where(said).values(note=null(), details={}))


def _reports(codes: Collection[str]) -> Any:
    return update(feedback).where(feedback.c.code.in_(codes))


def _entries(codes: Collection[str]) -> Any:
    return update(history).where(history.c.code.in_(codes))


async def tombstones(conn: AsyncConnection, code: str) -> Sequence[Tombstone]:
    """What was erased of the report, in order."""
    columns = [erasures.c[name] for name in Tombstone.__struct_fields__]
    query = select(*columns).where(erasures.c.code == code).order_by(erasures.c.at, erasures.c.what)
    return records(await conn.execute(query), Tombstone)
