"""Queries and writes of mailboxes and mails, and what of the notifications waits to be mailed."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import uuid4

from sqlalchemy import ColumnElement, RowMapping, Select, and_, case, delete, func, insert, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.contract.codes import Role
from cchc_shared.storage.records import records
from tasks_api.mailing.domain import Letter, Mail, MailState
from tasks_api.mailing.models import mailboxes, mails
from tasks_api.notifications.domain import Addressee, Notification
from tasks_api.notifications.models import notifications

_B: Final = mailboxes.c
_M: Final = mails.c
_N: Final = notifications.c
_FACTS: Final = tuple(_N[name] for name in Notification.__struct_fields__)
# As in the partial indexes, so that the planner uses them.
_WAITING: Final = and_(_M.sent_at.is_(None), _M.refusal.is_(None))
_STATES: Final[Mapping[MailState, ColumnElement[bool]]] = {
    MailState.WAITING: _WAITING,
    MailState.SENT: _M.sent_at.is_not(None),
    MailState.REFUSED: _M.refusal.is_not(None),
}


async def mailboxes_of(conn: AsyncConnection, unit: str) -> Sequence[RowMapping]:
    """Role and address of each mailbox of a unit."""
    query = select(_B.role, _B.address).where(_B.unit == unit).order_by(_B.role, _B.address)
    return (await conn.execute(query)).mappings().all()


async def lock_mailboxes(conn: AsyncConnection, unit: str) -> None:
    """Whoever writes the mailboxes of this unit next waits for this transaction."""
    await conn.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"mailboxes {unit}", 0))))


async def set_mailboxes(conn: AsyncConnection, unit: str, wanted: Collection[tuple[Role, str]]) -> None:
    """Exactly these; one that stays keeps the mails that wait for it, one that goes takes them along."""
    gone = delete(mailboxes).where(_B.unit == unit)
    if wanted:
        gone = gone.where(tuple_(_B.role, _B.address).not_in(wanted))
        rows = [{"unit": unit, "role": role, "address": address} for role, address in wanted]
        await conn.execute(upsert(mailboxes).on_conflict_do_nothing(), rows)
    await conn.execute(gone)


async def gather(conn: AsyncConnection, limit: int) -> list[Notification]:
    """Take some notifications of which a mail is to be made, those to the same addressee together."""
    waiting = select(_N.id).where(_N.to_mail).order_by(_N.unit, _N.role, _N.id).limit(limit)
    taken = update(notifications).where(_N.id.in_(waiting)).values(to_mail=False).returning(_N.id, *_FACTS)
    rows = sorted((await conn.execute(taken)).mappings().all(), key=lambda row: row["id"])
    return [Notification(**{name: row[name] for name in Notification.__struct_fields__}) for row in rows]


async def drop_waiting(conn: AsyncConnection) -> None:
    """Make no mail of what was told so far."""
    await conn.execute(update(notifications).where(_N.to_mail).values(to_mail=False))


async def make(conn: AsyncConnection, letters: Mapping[Addressee, Letter], domain: str, now: datetime) -> None:
    """One mail for each mailbox of each addressee; none where there is no mailbox."""
    if not letters:
        return
    query = select(_B.id, _B.unit, _B.role).where(tuple_(_B.unit, _B.role).in_(list(letters))).order_by(_B.id)
    rows = [
        {
            "message_id": f"<{uuid4()}@{domain}>",
            "mailbox_id": id_,
            **letters[Addressee(unit, Role(role))]._asdict(),
            "made_at": now,
            "attempts": 0,
            "next_at": now,
        }
        for id_, unit, role in await conn.execute(query)
    ]
    if rows:
        await conn.execute(insert(mails), rows)


async def lease(conn: AsyncConnection, now: datetime, until: datetime, limit: int) -> list[Mail]:
    """Take mails whose time has come, the longest waiting first: nobody else does before `until`."""
    due = select(_M.id).where(_WAITING, _M.next_at <= now).order_by(_M.next_at, _M.id).limit(limit)
    ids = list((await conn.scalars(due.with_for_update(skip_locked=True))).all())
    if not ids:
        return []
    await conn.execute(update(mails).where(_M.id.in_(ids)).values(next_at=until))
    columns = [_M[name] for name in Mail.__struct_fields__ if name != "address"]
    query = select(*columns, _B.address).join(mailboxes, _B.id == _M.mailbox_id).where(_M.id.in_(ids)).order_by(_M.id)
    return records(await conn.execute(query), Mail)


async def sent(conn: AsyncConnection, id_: int, at: datetime) -> None:
    """The server took it."""
    await conn.execute(update(mails).where(_M.id == id_).values(sent_at=at, attempts=_M.attempts + 1))


async def postpone(conn: AsyncConnection, id_: int, until: datetime) -> None:
    """It was tried, and is tried again."""
    await conn.execute(update(mails).where(_M.id == id_).values(next_at=until, attempts=_M.attempts + 1))


async def release(conn: AsyncConnection, ids: Collection[int], at: datetime) -> None:
    """They were not tried after all."""
    await conn.execute(update(mails).where(_M.id.in_(ids), _WAITING).values(next_at=at))


async def refuse(conn: AsyncConnection, id_: int, reason: str) -> None:
    """It is given up, until an operator says otherwise."""
    await conn.execute(update(mails).where(_M.id == id_).values(refusal=reason, attempts=_M.attempts + 1))


async def retry(conn: AsyncConnection, id_: int, now: datetime) -> bool:
    """Try again what was given up; whether there is such a mail. As long as a new one."""
    again = update(mails).where(_M.id == id_, _M.refusal.is_not(None))
    return (await conn.execute(again.values(refusal=None, attempts=0, made_at=now, next_at=now))).rowcount == 1


async def page(
    conn: AsyncConnection, *, state: MailState | None, before: int | None, limit: int
) -> Sequence[RowMapping]:
    """Mails, newest first, without their addresses."""
    query = _shown().order_by(_M.id.desc()).limit(limit)
    if state is not None:
        query = query.where(_STATES[state])
    if before is not None:
        query = query.where(_M.id < before)
    rows: Sequence[RowMapping] = (await conn.execute(query)).mappings().all()
    return rows


async def get(conn: AsyncConnection, id_: int) -> RowMapping | None:
    row: RowMapping | None = (await conn.execute(_shown().where(_M.id == id_))).mappings().first()
    return row


async def forget(conn: AsyncConnection, until: datetime) -> None:
    """Delete mails that were made before then, whatever became of them."""
    await conn.execute(delete(mails).where(_M.made_at < until))


def _shown() -> Select[Any]:
    state = case(
        (_M.sent_at.is_not(None), MailState.SENT), (_M.refusal.is_not(None), MailState.REFUSED), else_=MailState.WAITING
    )
    columns = (
        _M.id, _M.message_id, _B.unit, _B.role, _M.subject, _M.made_at, _M.attempts, _M.next_at, _M.sent_at, _M.refusal
    )  # fmt: skip
    return select(*columns, state.label("state")).join(mailboxes, _B.id == _M.mailbox_id)
