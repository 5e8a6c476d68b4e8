"""Erasing in the database. Nothing is erased without its tombstone: the triggers of the history see to it."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import (
    Column,
    ColumnElement,
    LargeBinary,
    Table,
    Text,
    and_,
    delete,
    exists,
    func,
    insert,
    literal,
    null,
    or_,
    select,
    true,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.contract.codes import FeedbackStatus, Role
from cchc_shared.storage.idempotency import forget
from cchc_shared.storage.personal import SENDER, WORDS, marked
from cchc_shared.storage.records import records
from feedback_api.erasure.domain import Tombstone
from feedback_api.erasure.models import erasures
from feedback_api.metadata import METADATA, idempotency
from feedback_api.reports import attachments
from feedback_api.reports.domain import ENDED, Erased
from feedback_api.reports.models import contacts, feedback, followers, history, remarks

_ROUTING_CODES: Final = ("by", "rule", "version", "status")
_KEPT: Final[Mapping[Column[Any], ColumnElement[Any]]] = {
    feedback.c.routing: func.jsonb_strip_nulls(
        func.jsonb_build_object(*(part for name in _ROUTING_CODES for part in (name, feedback.c.routing[name])))
    )
}
"""What stays of a column of words: the codes among them."""
_EMPTY: Final[Mapping[type, Any]] = {Text: "", LargeBinary: b"", ARRAY: [], JSONB: {}}

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
        if tombstone.reason is not None:  # by the rule it is so late that none is kept any more
            await _forget_receipts(conn, codes)
        await conn.execute(delete(contacts).where(contacts.c.code.in_(codes)))
        await conn.execute(delete(followers).where(followers.c.code.in_(codes)))
        await _empty(conn, codes, SENDER)
        # The channel's id is one of them: they are made again of what is left.
        await conn.execute(update(feedback).where(feedback.c.code.in_(codes)).values(words=None))
    else:
        await conn.execute(delete(remarks).where(remarks.c.code.in_(codes)))
        for code in codes:
            await attachments.erase(conn, code, tombstone.at)
        await _empty(conn, codes, WORDS)
    await forget(conn, codes)
    await conn.execute(update(feedback).where(feedback.c.code.in_(codes)).values(erased=tombstone.what))


async def _forget_receipts(conn: AsyncConnection, codes: Collection[str]) -> None:
    """What their senders were answered: it tells whose they are, by its caller or by the id of the channel.

    Receipts have no index by report, which each would pay for on its way in: the rows of their callers are walked.
    """
    i = idempotency.c
    receipt = exists().where(
        history.c.code.in_(codes),
        history.c.version == 1,
        history.c.actor == i.caller,
        i.headers["Location"].astext == literal("/v1/feedback/").concat(history.c.code),
    )
    await conn.execute(delete(idempotency).where(receipt))


async def _empty(conn: AsyncConnection, codes: Collection[str], mark: dict[Any, Any]) -> None:
    """Empty the columns with that mark, in every table whose rows are of a report."""
    for table in METADATA.sorted_tables:
        columns = marked(table, mark)
        if not columns or "code" not in table.c:
            continue
        values = {column.name: _KEPT.get(column, _nothing(column)) for column in columns}
        said = or_(*(table.c[name].is_distinct_from(value) for name, value in values.items()))
        rows = and_(table.c.code.in_(codes), said)
        if mark is SENDER:
            rows = and_(rows, _of_sender(table))
        await conn.execute(update(table).where(rows).values(values))


def _nothing(column: Column[Any]) -> ColumnElement[Any]:
    """What stands in a column when nothing is there."""
    return null() if column.nullable else literal(_EMPTY[type(column.type)], column.type)


def _of_sender(table: Table) -> ColumnElement[bool]:
    """The rows that name the sender: others name officials, who stay known."""
    if "by" in table.c:
        return table.c.by == attachments.Side.SENDER
    if "role" in table.c:
        return or_(table.c.role.is_(None), table.c.role == Role.CITIZEN)
    return true()


async def tombstones(conn: AsyncConnection, code: str) -> Sequence[Tombstone]:
    """What was erased of the report, in order."""
    columns = [erasures.c[name] for name in Tombstone.__struct_fields__]
    query = select(*columns).where(erasures.c.code == code).order_by(erasures.c.at, erasures.c.what)
    return records(await conn.execute(query), Tombstone)
