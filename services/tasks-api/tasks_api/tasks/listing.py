"""The list of tasks. Each question goes a way on which a page costs the same among ten thousand tasks and a million."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    and_,
    bindparam,
    column,
    delete,
    false,
    func,
    literal,
    literal_column,
    select,
    true,
    tuple_,
    union,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.contract.wording import sought
from cchc_shared.storage import changes, search
from cchc_shared.storage.records import record, records
from tasks_api.tasks.domain import Task
from tasks_api.tasks.models import CELL, IN_CELL, task_out_of_sight, task_parties, tasks
from tasks_api.tasks.repository import COLUMNS, TEXTS, is_open, is_overdue, is_party, overdue
from tasks_api.tasks.schemas import TaskQuery

DAYS_ONE_BY_ONE = 100
"""A period of due days that is no longer is read day by day."""
NEWEST: Final = 1024
"""Tasks that are looked at for words one by one: of a common word they fill a page."""
NEAR: Final = 8
"""Cells of ids in which words are looked up next."""
FORGOTTEN_AT_ONCE: Final = 1000
UNSEEN: Final[tuple[int, int]] = (changes.BEFORE_ALL, 0)
_T = tasks.c
_ZERO = literal_column("0", Integer)


async def page(
    conn: AsyncConnection, wanted: TaskQuery, *, reader: str | None, sub: str, now: datetime, before: int | None
) -> list[Task]:
    """Tasks that this unit may read (None: all), newest first, beginning before an id; one more than the page holds.

    `sub` is who asks, for those that are `mine`.
    """
    if reader is None and wanted.model_fields_set <= {"q", "limit", "cursor"}:
        what = sought(wanted.q or "")
        if what.phrases:
            query = _by_words(marked=bool(what.marked), deep=before is not None)
            given = search.parameters(what) | {"size": wanted.limit + 1, "before": before}
            return records(await conn.execute(query, given), Task)
    if wanted.due_from and wanted.due_to and wanted.unit is None and reader is None and not wanted.mine:
        days = (wanted.due_to - wanted.due_from).days + 1
        if days <= DAYS_ONE_BY_ONE:
            return records(await conn.execute(_by_days(wanted, wanted.due_from, days, now, before)), Task)
    query = _narrowed(select(*COLUMNS), wanted, reader, now, before).limit(wanted.limit + 1)
    if wanted.mine:
        query = query.where(_T.officer == sub)
    return records(await conn.execute(query), Task)


class Changed(NamedTuple):
    """A task that has changed, and whether it is in the list of who asks; its place is a transaction and its id."""

    place: tuple[int, int]
    listed: bool
    task: Task


async def changed(
    conn: AsyncConnection, wanted: TaskQuery, *, reader: str | None, sub: str, now: datetime, after: tuple[int, int]
) -> list[Changed]:
    """What has changed of all that this unit may read, or could (None: all), after that place, the oldest change first;
    one more than the page holds.

    What is narrowed away is looked at too: a change may have been what took it out of this list.
    """
    steps = [_stepped(_T.changed_in, _T.id, true(), after, wanted.limit + 1)]
    if reader is not None:
        p, gone = task_parties.c, task_out_of_sight.c
        steps = [
            _stepped(p.changed_in, p.task_id, p.unit == reader, after, wanted.limit + 1),
            _stepped(gone.changed_in, gone.task_id, gone.unit == reader, after, wanted.limit + 1),
        ]
    merged = union(*(step.subquery().select() for step in steps)).subquery()
    listed = func.coalesce(and_(true(), *_within(wanted, reader, sub, now)), false())
    rows = await conn.execute(
        select(changes.number(merged.c.place).label("place"), listed.label("listed"), *COLUMNS)
        .join(tasks, _T.id == merged.c.id)
        .order_by(merged.c.place, merged.c.id)
        .limit(wanted.limit + 1)
    )
    return [Changed((row["place"], row["id"]), row["listed"], record(row, Task)) for row in rows.mappings()]


def _stepped(
    changed_in: ColumnElement[int], key: ColumnElement[int], of: ColumnElement[bool], after: tuple[int, int], limit: int
) -> Select[Any]:
    place: ColumnElement[Any] = changed_in.label("place")
    query = select(place, key.label("id")).where(of, changes.after(after, changed_in, key))
    return query.order_by(changed_in, key).limit(limit)


def _within(wanted: TaskQuery, reader: str | None, sub: str, now: datetime) -> Iterator[ColumnElement[bool]]:
    """Whether a task is in the list that is wanted."""
    along = wanted.unit or reader
    for unit in {along, reader} - {None}:
        party = task_parties.alias()
        has_role = [party.c.roles.contains([wanted.role.value])] if wanted.role and unit == along else []
        yield select(party.c.unit).where(party.c.unit == unit, party.c.task_id == _T.id, *has_role).exists()
    if wanted.mine:
        yield _T.officer == sub
    yield from _conditions(wanted.model_copy(update={"role": None}), now)


async def forget_what_left(conn: AsyncConnection, kept: timedelta) -> int:
    """Forget some of what left a unit's sight longer ago, by the database's own clock, which stamped it."""
    c = task_out_of_sight.c
    old = select(c.unit, c.task_id).where(c.left_at < func.now() - kept).order_by(c.left_at)
    some = old.limit(FORGOTTEN_AT_ONCE).with_for_update(skip_locked=True)
    return (await conn.execute(delete(task_out_of_sight).where(tuple_(c.unit, c.task_id).in_(some)))).rowcount


@cache
def _by_words(*, marked: bool, deep: bool) -> Select[Any]:
    """The newest of the newest thousand tasks, which are looked at one by one; where these do not fill the page, of the
    newest cells of ids, in which the words are looked up; and where these do not, of all.

    So a common word costs a short walk, one that is less common no more than some cells have of it, and a rare one no
    more than there is of it. Built once: that takes longer than the answer.
    """
    before, size = bindparam("before", type_=BigInteger), bindparam("size", type_=Integer)
    newest = select(_T.id, _T.search, *TEXTS).order_by(_T.id.desc()).limit(literal_column(str(NEWEST)))
    # A sum is no column: for its order the planner cannot walk all tasks.
    key = (_T.id + _ZERO).label("id")
    anywhere = select(key, _T.search, *TEXTS).where(search.looked_up(_T.search))
    highest: ColumnElement[int] = select(func.max(_T.id)).scalar_subquery()
    if deep:
        newest, anywhere, highest = newest.where(_T.id < before), anywhere.where(_T.id + _ZERO < before), before - 1
    last = highest // CELL
    cells = func.array(select(func.generate_series(last - NEAR + 1, last)).scalar_subquery())
    near = anywhere.where(IN_CELL.op("&&", is_comparison=True)(cells))
    found: list[CTE] = []
    for part in (newest, *(each.order_by(key.desc()).offset(_ZERO) for each in (near, anywhere))):
        if found:
            until_now = union(*map(select, found)).subquery()
            part = part.where(select(func.count()).select_from(until_now).scalar_subquery() < size)
        row = part.subquery().c  # bounded and in order: what comes after a full page is not looked at
        texts = [row[text.name] for text in TEXTS]
        looked_at = search.looked_at(row.search, texts, marked=marked)
        found.append(select(row.id).where(looked_at).order_by(row.id.desc()).limit(size).cte())
    return select(*COLUMNS).where(_T.id.in_(union(*map(select, found)))).order_by(_T.id.desc()).limit(size)


def _by_days(wanted: TaskQuery, first: date, days: int, now: datetime, before: int | None) -> Select[Any]:
    """The newest of each day, and of those the newest: tasks that are due later may be a hundred times as many, and a
    walk from the newest of all would pass them first."""
    last = literal(days - 1, Integer)
    series = func.generate_series(literal(0, Integer), last).table_valued(column("number", Integer)).render_derived()
    of_a_day = select(_T.id).where(_T.due_on == literal(first) + series.c.number, *_conditions(wanted, now))
    if before is not None:
        of_a_day = of_a_day.where(_T.id < before)
    newest = of_a_day.order_by(_T.id.desc()).limit(wanted.limit + 1).correlate_except(tasks).lateral()
    page = select(newest.c.id).select_from(series).join(newest, true()).order_by(newest.c.id.desc())
    ids = page.limit(wanted.limit + 1).correlate(None).scalar_subquery()
    return select(*COLUMNS).where(_T.id.in_(ids)).order_by(_T.id.desc())


def _narrowed(
    query: Select[Any], wanted: TaskQuery, reader: str | None, now: datetime, before: int | None
) -> Select[Any]:
    key: ColumnElement[int] = _T.id
    along = wanted.unit or reader
    if along is not None:
        # The page of a unit is read from indexes of task_parties (unit, task_id), so that column is its key.
        key = task_parties.c.task_id
        query = query.join(task_parties, task_parties.c.task_id == _T.id).where(task_parties.c.unit == along)
    if before is not None:
        query = query.where(key < before)
    if reader is not None and reader != along:
        query = query.where(is_party(reader))
    late = None if along is None else task_parties.c.open_late_at <= now
    return query.where(*_conditions(wanted, now, late)).order_by(key.desc())


def _conditions(
    wanted: TaskQuery, now: datetime, late: ColumnElement[bool] | None = None
) -> Iterator[ColumnElement[bool]]:
    """`late` says the same as `overdue`, of the row that the list is read from."""
    if wanted.role:
        yield task_parties.c.roles.contains([wanted.role.value])
    for name in ("plan", "document", "parent"):
        if exactly := getattr(wanted, name):
            yield _T[name] == exactly
    if wanted.status:
        yield _T.status == wanted.status.value
    if wanted.due_from:
        yield _T.due_on >= wanted.due_from
    if wanted.due_to:
        yield _T.due_on <= wanted.due_to
    if wanted.overdue is not None:
        is_late = [late] if late is not None else overdue(now)
        yield from is_late if wanted.overdue else [~func.coalesce(is_overdue(now), false())]
    if wanted.awaiting_trigger is not None:
        waits = and_(is_open(), _T.due_on.is_(None), _T.schedule["trigger"].as_string().is_not(None))
        yield waits if wanted.awaiting_trigger else func.coalesce(~waits, true())
    if wanted.q:
        yield search.found(sought(wanted.q), _T.search, TEXTS)
