"""Reading and writing facts."""

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, date, datetime
from operator import itemgetter
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Table, func, literal_column, select
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.contract.events import Event
from scoring_worker.columns import among
from scoring_worker.facts import sql
from scoring_worker.facts.domain import EVER, Duty, DutyState, Occurrence, Withdrawal
from scoring_worker.facts.models import duty as duty_table
from scoring_worker.facts.models import event as event_table
from scoring_worker.facts.models import occurrence as occurrence_table


async def insert_events(conn: AsyncConnection, events: Iterable[tuple[str, Event]]) -> None:
    """Store what evidence needs to name an event, by its aggregate; its payload stays in the log it came from."""
    rows = [
        (aggregate, event.version, event.id, event.data.TYPE, event.occurred_at, event.recorded_at)
        for aggregate, event in events
    ]
    await _copy(conn, event_table, rows)


async def insert_duties(conn: AsyncConnection, duties: Iterable[Duty]) -> None:
    """Write new duties."""
    await _copy(conn, duty_table, [msgspec.structs.astuple(duty) for duty in duties])


async def insert_occurrences(conn: AsyncConnection, occurrences: Iterable[Occurrence]) -> None:
    """Write new occurrences."""
    await _copy(conn, occurrence_table, [msgspec.structs.astuple(occurrence) for occurrence in occurrences])


async def withdraw(conn: AsyncConnection, withdrawals: Collection[Withdrawal]) -> None:
    """Write that occurrences count no more."""
    names = [column.name for column in sql.WITHDRAWN]
    await conn.execute(sql.WITHDRAW, {name: [getattr(each, name) for each in withdrawals] for name in names})


async def current_duties(conn: AsyncConnection, aggregates: Collection[str]) -> list[Duty]:
    """The duties of these aggregates that have not ended, done or not, locked.

    Marking overdue changes duties too; it passes over those that are locked.
    """
    query = (
        select(duty_table)
        .where(among(duty_table.c.aggregate, aggregates), duty_table.c.ended_at.is_(None))
        .order_by(*duty_table.primary_key.columns)
        .with_for_update(key_share=True)
    )
    return [_duty(row) for row in await conn.execute(query)]


async def change_duties(conn: AsyncConnection, duties: Collection[Duty]) -> None:
    """Write what events changed in duties."""
    names = [column.name for column in sql.CHANGED]
    await conn.execute(sql.CHANGE, {name: [getattr(duty, name) for duty in duties] for name in names})


async def mark_overdue(conn: AsyncConnection, now: datetime, limit: int) -> list[Duty]:
    """Count pending duties as overdue whose time is over, and return them; those that others hold are left to them."""
    return [_duty(row) for row in await conn.execute(sql.MARK_OVERDUE, {"now": now, "limit": limit})]


Counted = tuple[str, date, date | None, str, str, int]
"""(unit, month, due month where it is a later one, measure, state, number)."""


async def count_at(
    conn: AsyncConnection, months: Sequence[date], at: datetime, known_at: datetime = EVER
) -> list[Counted]:
    """All facts as it was at an instant, by what was known at another."""
    rows = await conn.execute(sql.COUNT_AT, {"months": list(months), "at": at, "until": at, "known": known_at})
    return [tuple(row) for row in rows]


async def count_newly_overdue(
    conn: AsyncConnection, months: Sequence[date], now: datetime
) -> list[tuple[str, date, date | None, str, int]]:
    """(unit, month, due month, measure, number) of duties that are overdue now and still counted as pending."""
    duty = duty_table.c
    # Not a parameter: only a constant lets every plan use the index of pending duties.
    pending = duty.counted == literal_column("'pending'")
    rows = await conn.execute(
        select(duty.unit, duty.month, duty.due_month, duty.measure, func.count())
        .where(pending, duty.due_at <= now, among(duty.month, months))
        .group_by(duty.unit, duty.month, duty.due_month, duty.measure)
    )
    return [tuple(row) for row in rows]


async def count_due_later(conn: AsyncConnection, units: Collection[str]) -> list[Counted]:
    """The duties of these units that fall due in a later month than they count in, as the counts hold them."""
    duty = duty_table.c
    key = duty.unit, duty.month, duty.due_month, duty.measure, duty.counted
    rows = await conn.execute(
        select(*key, func.count())
        .where(among(duty.unit, units), duty.due_month.is_not(None), duty.counted.is_not(None))
        .group_by(*key)
    )
    return [tuple(row) for row in rows]


_STILL_OPEN = duty_table.c.done_at.is_(None), duty_table.c.ended_at.is_(None), duty_table.c.closed_version.is_(None)


async def open_duties(
    conn: AsyncConnection, months: Sequence[date], codes: Collection[str], unit: str | None
) -> list[Duty]:
    """The duties of things with these codes that count in the months and can still be done; of one unit, or of all."""
    duty = duty_table.c
    query = select(duty_table).where(among(duty.month, months), among(duty.code, codes), *_STILL_OPEN)
    if unit is not None:
        query = query.where(duty.unit == unit)
    return [_duty(row) for row in await conn.execute(query)]


async def open_duties_of(conn: AsyncConnection, unit: str, months: Sequence[date], limit: int) -> list[Duty]:
    """The duties of a unit that count in the months and can still be done, the first that are due first."""
    duty = duty_table.c
    query = select(duty_table).where(among(duty.month, months), duty.unit == unit, *_STILL_OPEN)
    rows = await conn.execute(query.order_by(duty.due_at, duty.code, duty.measure).limit(limit))
    return [_duty(row) for row in rows]


class Place(NamedTuple):
    """The last row of a page of evidence, after which the next page begins."""

    at: datetime
    aggregate: str
    measure: str
    version: int


START = Place(datetime.min.replace(tzinfo=UTC), "", "", 0)


async def evidence(
    conn: AsyncConnection,
    *,
    unit: str,
    months: Sequence[date],
    measures: Collection[str],
    state: str | None,
    as_of: datetime | None,
    known_at: datetime | None,
    now: datetime,
    after: Place,
    limit: int,
) -> list[dict[str, Any]]:
    """Facts of a unit as they stood at an instant or stand now, by all that is known or was; with their events.

    In order of `ranked_at`: when a duty is due, when an occurrence happened.
    """
    parameters = {
        "unit": unit,
        "months": list(months),
        "measures": list(measures),
        "state": state,
        "at": as_of or now,
        "until": as_of or EVER,
        "known": known_at or EVER,
        "last_month": max(months, default=date.max),
        "after_at": after.at,
        "after_aggregate": after.aggregate,
        "after_measure": after.measure,
        "after_version": after.version,
        "limit": limit,
    }
    rows = (await conn.execute(sql.EVIDENCE, parameters)).mappings()
    return [{**row, "events": msgspec.json.decode(row["events"] or "[]")} for row in rows]


async def _copy(conn: AsyncConnection, table: Table, rows: Sequence[Sequence[Any]]) -> None:
    """COPY rows in the order of the table's columns, in the connection's transaction: half the cost of an INSERT.

    In the order of their keys, which stand first: each page of a large index is found once.
    """
    raw = await conn.get_raw_connection()
    copy = raw.driver_connection.copy_records_to_table  # type: ignore[union-attr]
    key = itemgetter(*range(len(table.primary_key.columns)))
    await copy(table.name, records=sorted(rows, key=key), columns=[column.name for column in table.c])


_STATES: dict[str | None, DutyState | None] = {state.value: state for state in DutyState} | {None: None}


def _duty(row: Sequence[Any]) -> Duty:
    duty = Duty(*row)
    duty.counted = _STATES[duty.counted]
    return duty
