"""Pages of reports, and who may list which."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Select,
    Table,
    and_,
    delete,
    false,
    func,
    literal,
    or_,
    select,
    true,
    tuple_,
    union,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.calendar.working_time import WorkingCalendar
from cchc_shared.contract.codes import UNIT_STAFF
from cchc_shared.contract.wording import sought
from cchc_shared.http.access import Principal
from cchc_shared.storage import changes
from cchc_shared.storage.search import found
from feedback_api.reading.schemas import FeedbackQuery
from feedback_api.reports.access import READ_ALL
from feedback_api.reports.location import in_circle
from feedback_api.reports.models import feedback, former_units, out_of_sight
from feedback_api.reports.schemas import FeedbackItem

_ITEM = [feedback.c[name] for name in FeedbackItem.model_fields]
_EQUAL = ("status", "unit", "channel", "kind", "category")

FORGOTTEN_AT_ONCE: Final = 1000

Place = tuple[datetime, str]
"""Instant of receipt and code: where a report stands in the list."""


class Walk(NamedTuple):
    """Part of the reports, of which an index of a table has the newest first: which of its entries.

    `few`: as many as one person sends, so that each is looked at, whatever is asked for.
    """

    table: Table
    entries: ColumnElement[bool]
    few: bool = False


Change = tuple[int, str]
"""The transaction of a change, and the code of what it changed."""
UNSEEN: Final[Change] = (changes.BEFORE_ALL, "")


class Changed(NamedTuple):
    """A report that has changed, as its reader lists it now; None where it is not in their list."""

    place: Change
    item: FeedbackItem | None


def walks(caller: Principal, query: FeedbackQuery) -> list[Walk]:
    """Together these are the reports that the caller may read (`reports.access.may_read`), and others are not among
    them; `mine` and `held_by_me` leave out those that find nothing."""
    c = feedback.c
    unit = caller.unit if caller.has(*UNIT_STAFF) else None
    held = [] if unit is None else [Walk(feedback, c.unit == unit), Walk(feedback, c.held_by == unit)]
    sent = Walk(feedback, c.submitted_by == caller.sub, few=True)
    if query.mine:
        return [sent]
    if query.held_by_me:
        return held
    if caller.has(*READ_ALL):
        return [Walk(feedback, true())]
    former = [] if unit is None else [Walk(former_units, former_units.c.unit == unit)]
    return [*held, *former, sent]


async def page(
    conn: AsyncConnection,
    walks: Sequence[Walk],
    conditions: Sequence[ColumnElement[bool]],
    after: Place | None,
    limit: int,
) -> list[FeedbackItem]:
    """Reports newest first, at most `limit`, from the one that follows `after`.

    Each walk is taken as far as the page may reach into it, whatever the size of the table.
    """
    if not walks:
        return []
    newest_first = feedback.c.received_at.desc(), feedback.c.code.desc()
    steps = [_walked(walk, conditions, after, limit) for walk in walks]
    merged = union(*(step.subquery().select() for step in steps)).subquery()
    first = select(merged.c.code).order_by(merged.c.received_at.desc(), merged.c.code.desc()).limit(limit).subquery()
    query = select(*_ITEM).join(first, first.c.code == feedback.c.code).order_by(*newest_first)
    rows = await conn.execute(query)
    return [_item(row) for row in rows]


def _item(row: Sequence[Any]) -> FeedbackItem:
    return FeedbackItem.model_validate(dict(zip(FeedbackItem.model_fields, row, strict=True)))


def _walked(walk: Walk, conditions: Sequence[ColumnElement[bool]], after: Place | None, limit: int) -> Select[Any]:
    key = walk.table.c.received_at, walk.table.c.code
    # In a bare condition the planner sees an index over all reports, and reads of that what nobody asked for.
    asked = [func.coalesce(and_(true(), *conditions), false())] if walk.few else conditions
    query = select(*key).where(walk.entries, *asked).order_by(*(each.desc() for each in key)).limit(limit)
    if walk.table is not feedback:
        query = query.join(feedback, feedback.c.code == walk.table.c.code)
    return query if after is None else query.where(tuple_(*key) < after)


async def changed(
    conn: AsyncConnection,
    caller: Principal,
    query: FeedbackQuery,
    conditions: Sequence[ColumnElement[bool]],
    after: Change,
    limit: int,
) -> list[Changed]:
    """What has changed of all that the caller may list, or could, after that place, the oldest change first.

    What is narrowed away is looked at too: a change may have been what took it out of this list.
    """
    seen = query.model_copy(update={"held_by_me": False})
    within = walks(caller, seen)
    left = out_of_sight, out_of_sight.c.reader.in_(_readers(caller, mine=query.mine))
    steps = [
        _stepped(table, entries, after, limit) for table, entries in [*((w.table, w.entries) for w in within), left]
    ]
    merged = union(*(step.subquery().select() for step in steps)).subquery()
    place = changes.number(merged.c.changed_in)
    listed = func.coalesce(and_(or_(*map(_within, within)), *conditions), false())
    oldest_first = merged.c.changed_in, merged.c.code
    rows = await conn.execute(
        select(place, merged.c.code, listed, *_ITEM)
        .join(feedback, feedback.c.code == merged.c.code)
        .order_by(*oldest_first)
        .limit(limit)
    )
    return [Changed((at, code), _item(row) if is_listed else None) for at, code, is_listed, *row in rows]


def _stepped(table: Table, entries: ColumnElement[bool], after: Change, limit: int) -> Select[Any]:
    changed_in, code = table.c.changed_in, table.c.code
    query = select(changed_in, code).where(entries, changes.after(after, changed_in, code))
    return query.order_by(changed_in, code).limit(limit)


def _within(walk: Walk) -> ColumnElement[bool]:
    """Whether a report is among those of the walk."""
    if walk.table is feedback:
        return walk.entries
    return select(literal(1)).where(walk.entries, walk.table.c.code == feedback.c.code).correlate(feedback).exists()


def _readers(caller: Principal, *, mine: bool) -> list[str]:
    """As what the caller stands among those who cannot list a report any more."""
    found = [f"sender:{hashlib.sha256(caller.sub.encode()).hexdigest()}"]
    if caller.unit is not None and caller.has(*UNIT_STAFF) and not mine:
        found.append(f"unit:{caller.unit}")
    return found


async def forget_what_left(conn: AsyncConnection, kept: timedelta) -> int:
    """Forget some of what left somebody's sight longer ago, by the database's own clock, which stamped it."""
    c = out_of_sight.c
    old = select(c.reader, c.code).where(c.left_at < func.now() - kept).order_by(c.left_at)
    some = old.limit(FORGOTTEN_AT_ONCE).with_for_update(skip_locked=True)
    return (await conn.execute(delete(out_of_sight).where(tuple_(c.reader, c.code).in_(some)))).rowcount


def matching(
    query: FeedbackQuery, caller: Principal, calendar: WorkingCalendar, now: datetime
) -> list[ColumnElement[bool]]:
    """The conditions of a query. Raises a problem for a period that ends before it begins, or no place on earth."""
    c = feedback.c
    conditions: list[ColumnElement[bool]] = [
        c[name] == value for name in _EQUAL if (value := getattr(query, name)) is not None
    ]
    if query.routed is not None:
        conditions.append(c.routing["by"].astext == query.routed)
    since, until = query.period(calendar)
    if since is not None:
        conditions.append(c.received_at >= since)
    if until is not None:
        conditions.append(c.received_at < until)
    # Not reached while its clocks stand still, however late it is by now.
    until_when = func.coalesce(c.paused_since, now)
    for asked, due_at in (
        (query.overdue, c.resolve_due_at),
        (query.own_overdue, func.coalesce(c.own_resolve_due_at, c.resolve_due_at)),
    ):
        if asked is not None:
            overdue = and_(c.answered_at.is_(None), c.ended_at.is_(None), due_at <= until_when)
            conditions.append(overdue if asked else ~overdue)
    if query.held_by_me:
        conditions.append(func.coalesce(c.held_by, c.unit) == caller.unit)
    if (circle := query.circle()) is not None:
        conditions += in_circle(circle)
    if query.q is not None:
        words = found(sought(query.q), c.words, (c.title, c.content, c.address))
        conditions.append(words if " " in query.q else or_(words, c.code == query.q.upper()))
    return conditions
