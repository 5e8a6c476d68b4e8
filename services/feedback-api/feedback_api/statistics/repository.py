"""Counting the reports themselves, as they stand or as they stood."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Subquery,
    case,
    false,
    func,
    literal,
    null,
    select,
    true,
    union_all,
)

from feedback_api.reports.models import feedback, history
from feedback_api.statistics.domain import Dimension

_STOOD = ("answered_at", "ended_at", "paused_since", "satisfied", "reopenings")
"""What counts of how a report stands, or stood, beside its unit and due time."""


@dataclass(frozen=True, slots=True)
class CountQuery:
    """A query for counts. `until` is exclusive.

    `past` asks for the state just before `moment`, as it was known just before `known` (None: now), not for the present
    one. With `by_unit`, the duties of units are counted instead of reports.
    """

    dimensions: Sequence[Dimension]
    since: datetime | None
    until: datetime | None
    moment: datetime
    known: datetime | None
    past: bool
    by_unit: bool
    unit: str | None
    timezone: str


def counted(query: CountQuery) -> Select[Any]:
    """Counts from the reports themselves: a row for each combination that occurs; a single row if none is asked for.

    What a report that stands counts as is told once more in the database, where it is counted when it changes:
    `statistics_counts` in the migrations. The tests compare the two.
    """
    rows = _duties(query) if query.by_unit else _reports(query)
    c = rows.c
    dimensions = [c[dimension] for dimension in query.dimensions]
    # A refusal, or finding a duplicate, is what was due as much as an answer is.
    settled_at = func.coalesce(c.answered_at, c.ended_at)
    # What stands still is late only if it was before.
    moment = func.coalesce(c.paused_since, literal(query.moment))
    # What becomes late at the very end of a past day was not late on that day.
    reached = c.due_at < moment if query.past else c.due_at <= moment
    statement = select(
        *dimensions,
        func.count().label("entries"),
        _count_where("received", c.itself),
        func.count(c.answered_at).label("resolved"),
        _count_where("on_time", c.answered_at < c.due_at),
        _count_where("late", settled_at >= c.due_at),
        _count_where("overdue_open", ~c.missed & settled_at.is_(None) & reached),
        _count_where("missed", c.missed),
        _count_where("reopened", c.reopenings > 0),
        _count_where("satisfied", c.satisfied.is_(True)),
        _count_where("unsatisfied", c.satisfied.is_(False)),
    ).select_from(rows)
    if query.unit is not None:
        statement = statement.where(c.unit == query.unit)
    return statement.group_by(*dimensions)


def unanswered(now: datetime) -> Select[int, int]:
    """How many reports are open, and overdue: one query over the partial index of those."""
    overdue = func.count().filter(feedback.c.resolve_due_at <= func.coalesce(feedback.c.paused_since, now))
    statement = select(func.count(), overdue).where(_is_report())
    return statement.where(feedback.c.answered_at.is_(None), feedback.c.ended_at.is_(None))


def _is_report() -> ColumnElement[bool]:
    """Whether a row is a report of its own, as the database has it: the function of a migration."""
    return func.statistics_is_report(feedback.table_valued())


def _count_where(name: str, condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count().filter(condition).label(name)


def _reports(query: CountQuery) -> Subquery:
    """The reports received in the period, by what their senders were promised; as they stand or as they stood."""
    return _standing(query).where(_is_report()).subquery("reports")


def _duties(query: CountQuery) -> Subquery:
    """The same by the time that their holders have; and the duties of others than the unit that it is counted for.

    These are of a desk that has not assigned it yet, and of units that were late when it passed on.
    """
    nothing: dict[str, ColumnElement[Any]] = {name: null() for name in _STOOD} | {"reopenings": literal(0)}
    ended = select(
        *_dimensions(query),
        history.c.missed_by.label("unit"),
        history.c.at.label("due_at"),
        *(nothing[name].label(name) for name in _STOOD),
        false().label("itself"),
        true().label("missed"),
    ).select_from(feedback.join(history, (history.c.code == feedback.c.code) & history.c.missed_by.is_not(None)))
    if query.past:
        ended = ended.where(_before(query))
    return union_all(_standing(query), _standing(query, at_the_desk=True), _received_in(query, ended)).subquery(
        "duties"
    )


def _standing(query: CountQuery, *, at_the_desk: bool = False) -> Select[Any]:
    """As its history tells, another unit may have held a report at a past moment, with another due time."""
    source = _last_before(query) if query.past else feedback
    c = source.c
    unit, due_at = c.held_by if at_the_desk else c.unit, c.resolve_due_at
    if query.by_unit:
        due_at = func.coalesce(c.own_resolve_due_at, due_at)
        # A refusal or a duplicate that came too late is among the duties that ended unmet.
        # A petition that became a task is counted with the tasks.
        nobodys = (c.ended_at >= due_at) | c.task.is_not(None)
        due_at = case((nobodys if at_the_desk else nobodys | c.held_by.is_not(None), null()), else_=due_at)
    statement = select(
        *_dimensions(query),
        unit.label("unit"),
        due_at.label("due_at"),
        *((literal(0).label(name) if at_the_desk and name == "reopenings" else c[name]) for name in _STOOD),
        (false() if at_the_desk else _is_report()).label("itself"),
        false().label("missed"),
    )
    if query.past:
        statement = statement.select_from(feedback.join(source, true()))
    return _received_in(query, statement.where(c.held_by.is_not(None)) if at_the_desk else statement)


def _dimensions(query: CountQuery) -> list[ColumnElement[Any]]:
    """What a report is counted under, but for its unit."""
    month = func.to_char(func.timezone(query.timezone, feedback.c.received_at), "YYYY-MM")
    return [month.label(Dimension.MONTH), feedback.c.channel, feedback.c.kind, feedback.c.category]


def _received_in(query: CountQuery, statement: Select[Any]) -> Select[Any]:
    if query.since is not None:
        statement = statement.where(feedback.c.received_at >= query.since)
    if query.until is not None:
        statement = statement.where(feedback.c.received_at < query.until)
    return statement


def _before(query: CountQuery) -> ColumnElement[bool]:
    happened = history.c.at < query.moment
    return happened if query.known is None else happened & (history.c.recorded_at < query.known)


def _last_before(query: CountQuery) -> Any:
    return (
        select(
            *(history.c[name] for name in ("unit", "held_by", "resolve_due_at", "own_resolve_due_at", "task", *_STOOD))
        )
        .where(history.c.code == feedback.c.code, _before(query))
        .order_by(history.c.version.desc())
        .limit(1)
        .lateral("stood")
    )
