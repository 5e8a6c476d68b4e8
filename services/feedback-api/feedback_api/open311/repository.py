"""Reports as everyone may see them, their updates, and the remarks that clients pass on."""

from collections.abc import Collection
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, RowMapping, Select, and_, func, literal, or_, select, union_all
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.contract.codes import FeedbackStatus
from feedback_api.metadata import idempotency
from feedback_api.open311.domain import NEVER_BEFORE, OPEN_CHANNEL, Period
from feedback_api.reports.domain import Erased
from feedback_api.reports.location import Box, Circle, in_box, in_circle
from feedback_api.reports.models import feedback, history, remarks

_c = feedback.c
_SHOWN = (
    _c.code,
    _c.category,
    _c.title,
    _c.content,
    _c.address,
    _c.lat,
    _c.lon,
    _c.unit,
    _c.status,
    _c.received_at,
    _c.resolve_due_at,
    _c.answered_at,
    _c.published_at,
    _c.ended_at,
    _c.answer,
    _c.form,
    _c.version,
)
_HAS_WORDS = _c.erased.is_distinct_from(literal(Erased.TEXT, literal_execute=True))
_PUBLISHED = and_(_c.published_at.is_not(None), _HAS_WORDS)
"""Whatever became of it since: one that is opened again is not published, and its instant is gone."""
# A report may name this channel without having come through it: only with a form was its sender told what is public.
_OPEN = and_(
    _c.channel == OPEN_CHANNEL,
    _c.form.is_not(None),
    _c.kind.not_in(NEVER_BEFORE),
    _c.published_at.is_(None),
    _HAS_WORDS,
)
VISIBLE = or_(_OPEN, _PUBLISHED)
"""The reports that everyone may see."""


class Wanted(NamedTuple):
    """Which reports are asked for. `categories` None: all; `others`: those too that are in none of `known`."""

    period: Period
    statuses: Collection[FeedbackStatus] | None
    categories: Collection[str] | None
    others: bool
    known: Collection[str]
    box: Box | None
    circle: Circle | None


async def page(conn: AsyncConnection, wanted: Wanted, limit: int, offset: int) -> list[RowMapping]:
    """Newest first. What its channel opens and what was published are walked by one index each, and merged."""
    newest_first = (_c.received_at.desc(), _c.code.desc())
    conditions = _conditions(wanted)
    walks = [
        select(_c.code, _c.received_at).where(walk, *conditions).order_by(*newest_first).limit(limit + offset)
        for walk in (_OPEN, _PUBLISHED)
    ]
    merged = union_all(*(walk.subquery().select() for walk in walks)).subquery()
    found = (
        select(merged.c.code)
        .order_by(merged.c.received_at.desc(), merged.c.code.desc())
        .limit(limit)
        .offset(offset)
        .subquery()
    )
    query = _shown().where(_c.code.in_(select(found.c.code))).order_by(*newest_first)
    return list((await conn.execute(query)).mappings())


async def count(conn: AsyncConnection, wanted: Wanted) -> int:
    """How many there are in all."""
    conditions = _conditions(wanted)
    walks = [
        select(func.count()).select_from(feedback).where(walk, *conditions).scalar_subquery()
        for walk in (_OPEN, _PUBLISHED)
    ]
    found: int = (await conn.execute(select(walks[0] + walks[1]))).scalar_one()
    return found


async def some(conn: AsyncConnection, codes: Collection[str]) -> list[RowMapping]:
    """Those of these reports that everyone may see, newest first."""
    query = _shown().where(_c.code.in_(codes), VISIBLE).order_by(_c.received_at.desc(), _c.code.desc())
    return list((await conn.execute(query)).mappings())


async def lock_visible(conn: AsyncConnection, code: str) -> bool:
    """Whether everyone may see the report. If so, nothing of it is erased until the transaction ends."""
    query = select(_c.code).where(_c.code == code, VISIBLE).with_for_update(read=True)
    return (await conn.execute(query)).first() is not None


async def used_key(conn: AsyncConnection, caller: str, keys: Collection[str]) -> str | None:
    """The one of these idempotency keys that the caller has used; None if it is none of them."""
    i = idempotency.c
    return await conn.scalar(select(i.key).where(i.caller == caller, i.key.in_(keys)).limit(1))


async def updates(conn: AsyncConnection, period: Period, limit: int) -> list[RowMapping]:
    """What happened to reports that everyone may see, oldest first; the receipt is no update."""
    h = history.c
    of_report = _c.published_at, _c.answer
    query = (
        select(h.code, h.version, h.at, h.recorded_at, h.from_status, h.status, *of_report)
        .join(feedback, _c.code == h.code)
        .where(
            h.version > literal(1, literal_execute=True),  # as the index has it
            h.recorded_at >= period.since,
            h.recorded_at < period.until,
            h.from_status != h.status,
            VISIBLE,
        )
        .order_by(h.recorded_at, h.code, h.version)
        .limit(limit)
    )
    return list((await conn.execute(query)).mappings())


async def add_remark(conn: AsyncConnection, values: dict[str, Any]) -> bool:
    """Keep a remark. False where its sender has sent one with that id before."""
    statement = insert(remarks).values(values).on_conflict_do_nothing().returning(remarks.c.code)
    return (await conn.execute(statement)).first() is not None


async def remarks_on(conn: AsyncConnection, code: str) -> list[RowMapping]:
    """The remarks on a report, oldest first: for officials."""
    query = select(remarks).where(remarks.c.code == code).order_by(remarks.c.recorded_at, remarks.c.update_id)
    return list((await conn.execute(query)).mappings())


def _shown() -> Select[Any]:
    """The columns that are shown, with the instant of the last change."""
    last = and_(history.c.code == _c.code, history.c.version == _c.version)
    return select(*_SHOWN, history.c.recorded_at.label("changed_at")).join(history, last)


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions = [_c.received_at >= wanted.period.since, _c.received_at < wanted.period.until]
    if wanted.statuses is not None:
        conditions.append(_c.status.in_(wanted.statuses))
    if wanted.categories is not None:
        in_these = _c.category.in_(wanted.categories)
        in_none = or_(_c.category.is_(None), _c.category.not_in(wanted.known))
        conditions.append(or_(in_these, in_none) if wanted.others else in_these)
    if wanted.box is not None:
        conditions += in_box(wanted.box)
    if wanted.circle is not None:
        conditions += in_circle(wanted.circle)
    return conditions
