"""SQL of duties and events."""

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.contract.events import Event
from scoring_worker.facts.domain import Duty, Measure, State

_NAMES = Duty.__struct_fields__
_COLUMNS = ", ".join(_NAMES)
_CHANGED = ("aggregate", "measure", "opened_version", "done_at", "ended_at", "closed_version", "counted")

# Locked, because maturing changes duties too; it passes over those that are locked.
_STANDING = text(
    f"""SELECT {_COLUMNS} FROM duty WHERE aggregate = ANY(CAST(:aggregates AS text[])) AND ended_at IS NULL
        ORDER BY aggregate, measure, opened_version FOR NO KEY UPDATE"""
)
_CHANGE = text(
    """UPDATE duty
       SET done_at = w.done_at, ended_at = w.ended_at, closed_version = w.closed_version, counted = w.counted
       FROM unnest(CAST(:aggregate AS text[]), CAST(:measure AS text[]), CAST(:opened_version AS integer[]),
                   CAST(:done_at AS timestamptz[]), CAST(:ended_at AS timestamptz[]),
                   CAST(:closed_version AS integer[]), CAST(:counted AS text[]))
            AS w(aggregate, measure, opened_version, done_at, ended_at, closed_version, counted)
       WHERE duty.aggregate = w.aggregate AND duty.measure = w.measure AND duty.opened_version = w.opened_version"""
)
_MATURE = text(
    f"""UPDATE duty SET counted = 'overdue'
        FROM (SELECT aggregate, measure, opened_version FROM duty
              WHERE counted = 'pending' AND due_at < :now ORDER BY due_at LIMIT :limit
              FOR NO KEY UPDATE SKIP LOCKED) AS ripe
        WHERE duty.aggregate = ripe.aggregate AND duty.measure = ripe.measure
          AND duty.opened_version = ripe.opened_version
        RETURNING {", ".join(f"duty.{name}" for name in _NAMES)}"""
)

STATE_AT = """CASE WHEN due_at IS NULL THEN 'happened'
                   WHEN done_at <= :at THEN CASE WHEN done_at <= due_at THEN 'on_time' ELSE 'late' END
                   WHEN due_at < :at THEN 'overdue' ELSE 'pending' END"""
"""`Duty.state_at` in SQL, for the duties that `THERE_AT` says are there."""
THERE_AT = "opened_at <= :at AND (ended_at IS NULL OR ended_at > :at)"

_COUNT_AT = text(
    f"""SELECT unit, month, measure, {STATE_AT} AS state, count(*) FROM duty
        WHERE month = ANY(CAST(:months AS date[])) AND {THERE_AT}
        GROUP BY 1, 2, 3, 4"""
)
_EVIDENCE = text(
    f"""SELECT d.*, CAST(e.events AS text) AS events
        FROM (SELECT {_COLUMNS}, coalesce(due_at, opened_at) AS ranked_at, {STATE_AT} AS state FROM duty
              WHERE unit = :unit AND month = ANY(CAST(:months AS date[]))
                AND measure = ANY(CAST(:measures AS text[])) AND {THERE_AT}) AS d
        CROSS JOIN LATERAL (
            SELECT json_agg(json_build_object('id', id, 'type', type, 'version', version, 'occurred_at', occurred_at,
                                              'recorded_at', recorded_at) ORDER BY version) AS events
            FROM event
            WHERE event.aggregate = d.aggregate AND event.version IN (d.opened_version, d.closed_version)
              AND occurred_at <= :at) AS e
        WHERE (CAST(:state AS text) IS NULL OR d.state = :state)
          AND (d.ranked_at, d.aggregate, d.measure, d.opened_version)
              > (CAST(:after_at AS timestamptz), CAST(:after_aggregate AS text), CAST(:after_measure AS text),
                 CAST(:after_version AS integer))
        ORDER BY d.ranked_at, d.aggregate, d.measure, d.opened_version LIMIT :limit"""
)
_COUNT_RIPE = text(
    """SELECT unit, month, measure, count(*) FROM duty
       WHERE counted = 'pending' AND due_at < :now AND month = ANY(CAST(:months AS date[]))
       GROUP BY 1, 2, 3"""
)


async def insert_events(conn: AsyncConnection, events: Iterable[tuple[str, Event]]) -> None:
    """Keep what evidence needs to name an event, by its aggregate; its payload stays in the log it came from."""
    rows = [
        (aggregate, event.version, event.id, event.data.TYPE, event.occurred_at, event.recorded_at)
        for aggregate, event in events
    ]
    await _copy(conn, "event", ("aggregate", "version", "id", "type", "occurred_at", "recorded_at"), rows)


async def standing(conn: AsyncConnection, aggregates: Collection[str]) -> list[Duty]:
    """The duties of these aggregates that have not ended, locked."""
    return [_duty(row) for row in await conn.execute(_STANDING, {"aggregates": list(aggregates)})]


async def insert(conn: AsyncConnection, duties: Iterable[Duty]) -> None:
    """Write new duties."""
    await _copy(conn, "duty", _NAMES, [msgspec.structs.astuple(duty) for duty in duties])


async def change(conn: AsyncConnection, duties: Collection[Duty]) -> None:
    """Write how duties stand now."""
    await conn.execute(_CHANGE, {name: [getattr(duty, name) for duty in duties] for name in _CHANGED})


async def mature(conn: AsyncConnection, now: datetime, limit: int) -> list[Duty]:
    """Mark pending duties whose time is over as counted overdue; those that others hold are left to them."""
    return [_duty(row) for row in await conn.execute(_MATURE, {"now": now, "limit": limit})]


async def count_at(
    conn: AsyncConnection, months: Sequence[date], at: datetime
) -> list[tuple[str, date, str, str, int]]:
    """(unit, month, measure, state, number) as it was at an instant."""
    rows = await conn.execute(_COUNT_AT, {"months": list(months), "at": at})
    return [tuple(row) for row in rows]


async def count_ripe(conn: AsyncConnection, months: Sequence[date], now: datetime) -> list[tuple[str, date, str, int]]:
    """(unit, month, measure, number) of duties that are overdue now and still counted as pending."""
    rows = await conn.execute(_COUNT_RIPE, {"months": list(months), "now": now})
    return [tuple(row) for row in rows]


class Place(NamedTuple):
    """Where a page of evidence ended."""

    at: datetime
    aggregate: str
    measure: str
    opened_version: int


START = Place(datetime.min.replace(tzinfo=UTC), "", "", 0)


async def evidence(
    conn: AsyncConnection,
    *,
    unit: str,
    months: Sequence[date],
    measures: Collection[str],
    state: str | None,
    at: datetime,
    after: Place,
    limit: int,
) -> list[dict[str, Any]]:
    """Duties and occurrences of a unit as they stood at an instant, by due time, with the events behind them."""
    parameters = {
        "unit": unit,
        "months": list(months),
        "measures": list(measures),
        "state": state,
        "at": at,
        "after_at": after.at,
        "after_aggregate": after.aggregate,
        "after_measure": after.measure,
        "after_version": after.opened_version,
        "limit": limit,
    }
    rows = (await conn.execute(_EVIDENCE, parameters)).mappings()
    return [{**row, "events": msgspec.json.decode(row["events"] or "[]")} for row in rows]


async def _copy(conn: AsyncConnection, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """COPY in the connection's running transaction: half the cost of an INSERT from arrays."""
    raw = await conn.get_raw_connection()
    await raw.driver_connection.copy_records_to_table(table, records=rows, columns=columns)  # type: ignore[union-attr]


_MEASURES = {str(measure): measure for measure in Measure}
_STATES: dict[str | None, State | None] = {str(state): state for state in State} | {None: None}


def _duty(row: Sequence[Any]) -> Duty:
    duty = Duty(*row)
    duty.measure = _MEASURES[duty.measure]
    duty.counted = _STATES[duty.counted]
    return duty
