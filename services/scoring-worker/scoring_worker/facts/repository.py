"""SQL of duties and events."""

from collections.abc import Collection, Sequence
from dataclasses import astuple, fields
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.events import Event
from scoring_worker.facts.domain import Duty, Measure, State

_TYPES = {
    "aggregate": "text",
    "measure": "text",
    "opened_version": "integer",
    "code": "text",
    "unit": "text",
    "month": "date",
    "opened_at": "timestamptz",
    "recorded_at": "timestamptz",
    "due_at": "timestamptz",
    "done_at": "timestamptz",
    "ended_at": "timestamptz",
    "closed_version": "integer",
    "counted": "text",
}
_NAMES = tuple(field.name for field in fields(Duty))
_COLUMNS = ", ".join(_NAMES)

_APPEND = text(
    """INSERT INTO event (aggregate, version, id, type, occurred_at, recorded_at)
       SELECT * FROM unnest(CAST(:aggregate AS text[]), CAST(:version AS integer[]), CAST(:id AS uuid[]),
                            CAST(:type AS text[]), CAST(:occurred_at AS timestamptz[]),
                            CAST(:recorded_at AS timestamptz[]))"""
)
# Locked, because maturing changes duties too; it passes over those that are locked.
_STANDING = text(
    f"""SELECT {_COLUMNS} FROM duty WHERE aggregate = ANY(CAST(:aggregates AS text[])) AND ended_at IS NULL
        ORDER BY aggregate, measure, opened_version FOR NO KEY UPDATE"""
)
_SAVE = text(
    f"""INSERT INTO duty ({_COLUMNS})
        SELECT * FROM unnest({", ".join(f"CAST(:{name} AS {_TYPES[name]}[])" for name in _NAMES)})
        ON CONFLICT (aggregate, measure, opened_version)
        DO UPDATE SET done_at = EXCLUDED.done_at, ended_at = EXCLUDED.ended_at,
                      closed_version = EXCLUDED.closed_version, counted = EXCLUDED.counted"""
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
        WHERE month = ANY(CAST(:months AS date[])) AND {THERE_AT} AND (CAST(:unit AS text) IS NULL OR unit = :unit)
        GROUP BY 1, 2, 3, 4"""
)
_COUNT_RIPE = text(
    """SELECT unit, month, measure, count(*) FROM duty
       WHERE counted = 'pending' AND due_at < :now AND month = ANY(CAST(:months AS date[]))
         AND (CAST(:unit AS text) IS NULL OR unit = :unit)
       GROUP BY 1, 2, 3"""
)


async def append_events(conn: AsyncConnection, events: Sequence[Event], aggregates: Sequence[str]) -> None:
    """Keep what evidence needs to name an event; its payload stays in the log it came from."""
    await conn.execute(
        _APPEND,
        {
            "aggregate": aggregates,
            "version": [event.version for event in events],
            "id": [event.id for event in events],
            "type": [event.data.TYPE for event in events],
            "occurred_at": [event.occurred_at for event in events],
            "recorded_at": [event.recorded_at for event in events],
        },
    )


async def standing(conn: AsyncConnection, aggregates: Collection[str]) -> list[Duty]:
    """The duties of these aggregates that have not ended, locked."""
    return [_duty(row) for row in await conn.execute(_STANDING, {"aggregates": list(aggregates)})]


async def save(conn: AsyncConnection, duties: Collection[Duty]) -> None:
    """Write new and changed duties."""
    columns = zip(*map(astuple, duties), strict=True)
    await conn.execute(_SAVE, {name: list(column) for name, column in zip(_NAMES, columns, strict=True)})


async def mature(conn: AsyncConnection, now: datetime, limit: int) -> list[Duty]:
    """Mark pending duties whose time is over as counted overdue; those that others hold are left to them."""
    return [_duty(row) for row in await conn.execute(_MATURE, {"now": now, "limit": limit})]


async def count_at(
    conn: AsyncConnection, months: Sequence[date], at: datetime, unit: str | None
) -> list[tuple[str, date, str, str, int]]:
    """(unit, month, measure, state, number) as it was at an instant."""
    rows = await conn.execute(_COUNT_AT, {"months": list(months), "at": at, "unit": unit})
    return [tuple(row) for row in rows]


async def count_ripe(
    conn: AsyncConnection, months: Sequence[date], now: datetime, unit: str | None
) -> list[tuple[str, date, str, int]]:
    """(unit, month, measure, number) of duties that are overdue now and still counted as pending."""
    rows = await conn.execute(_COUNT_RIPE, {"months": list(months), "now": now, "unit": unit})
    return [tuple(row) for row in rows]


def _duty(row: Sequence[object]) -> Duty:
    duty = Duty(*row)  # type: ignore[arg-type]
    duty.measure = Measure(duty.measure)
    duty.counted = State(duty.counted) if duty.counted else None
    return duty
