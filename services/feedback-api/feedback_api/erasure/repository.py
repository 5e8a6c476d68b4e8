"""Erasing in the database. Nothing is erased without its tombstone: the triggers of the history see to it."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import delete, func, insert, null, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.contract.codes import FeedbackStatus
from cchc_shared.storage.records import records
from feedback_api.erasure.domain import Tombstone
from feedback_api.erasure.models import erasures
from feedback_api.reports import attachments
from feedback_api.reports.domain import ENDED, Erased
from feedback_api.reports.models import contacts, feedback, followers, history, remarks

_ROUTING_CODES: Final = ("by", "rule", "version", "status")


Place = tuple[datetime, str]
"""Instant of receipt and code: where a report stands among all."""


class Passed(NamedTuple):
    """What a look at a report needs to know of it."""

    received_at: datetime
    code: str
    status: FeedbackStatus
    erased: Erased | None


async def page(conn: AsyncConnection, after: Place | None, until: datetime, limit: int) -> Sequence[Passed]:
    """Reports received by that instant, oldest first, from the one that follows `after`."""
    columns = [feedback.c[name] for name in Passed._fields]
    query = select(*columns).where(feedback.c.received_at <= until)
    if after is not None:
        query = query.where(tuple_(feedback.c.received_at, feedback.c.code) > after)
    rows = await conn.execute(query.order_by(feedback.c.received_at, feedback.c.code).limit(limit))
    return [
        Passed(received_at, code, FeedbackStatus(status), erased and Erased(erased))
        for received_at, code, status, erased in rows
    ]


async def lock_ended(conn: AsyncConnection, codes: Collection[str]) -> dict[str, tuple[Erased | None, datetime]]:
    """Those of them that have ended and that nobody is working on at this moment: what is erased of them, and their
    end."""
    ended = feedback.c.code.in_(codes), feedback.c.status.in_(ENDED)
    locked = (await conn.scalars(select(feedback.c.code).where(*ended).with_for_update(skip_locked=True))).all()
    # Only now: an entry of their history may have been committed meanwhile.
    newest = select(history.c.at).where(history.c.code == feedback.c.code).order_by(history.c.version.desc()).limit(1)
    columns = feedback.c.code, feedback.c.erased, newest.scalar_subquery()
    rows = await conn.execute(select(*columns).where(feedback.c.code.in_(locked)))
    return {code: (erased and Erased(erased), at) for code, erased, at in rows}


async def erase(conn: AsyncConnection, codes: Collection[str], tombstone: Tombstone) -> None:
    """Erase what the tombstone says of these locked reports and of their parts, and leave it for each."""
    erased = feedback.c.erased
    kept = erased.is_(None) if tombstone.what is Erased.CONTACT else erased.is_distinct_from(Erased.TEXT)
    parts = await conn.scalars(select(feedback.c.code).where(feedback.c.part_of.in_(codes), kept))
    codes = [*codes, *parts]
    fields = msgspec.structs.asdict(tombstone)
    await conn.execute(insert(erasures), [{"code": code, **fields} for code in codes])
    if tombstone.what is Erased.CONTACT:
        await _erase_contact(conn, codes)
    else:
        await _erase_text(conn, codes)
        await conn.execute(delete(remarks).where(remarks.c.code.in_(codes)))
        for code in codes:
            await attachments.erase(conn, code, tombstone.at)


async def _erase_contact(conn: AsyncConnection, codes: Collection[str]) -> None:
    await conn.execute(delete(contacts).where(contacts.c.code.in_(codes)))
    await conn.execute(delete(followers).where(followers.c.code.in_(codes)))
    # The id of a channel leads to the person in the channel's own records.
    unknown = {"submitted_by": None, "channel_owner": "", "channel_ref": None, "secret_digest": b""}
    await conn.execute(_reports(codes).values(**unknown, erased=Erased.CONTACT))
    of_citizens = or_(history.c.role.is_(None), history.c.role == "citizen")
    await conn.execute(_entries(codes).where(history.c.actor.is_not(None), of_citizens).values(actor=None))


async def _erase_text(conn: AsyncConnection, codes: Collection[str]) -> None:
    routing = feedback.c.routing
    kept = func.jsonb_build_object(*(part for name in _ROUTING_CODES for part in (name, routing[name])))
    wordless: dict[str, Any] = dict.fromkeys(("title", "address", "lat", "lon", "answer", "fingerprint", "form"))
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
