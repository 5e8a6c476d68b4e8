"""Raw statements over the cells of counts. Their columns are those of the tables, so that each is written out once."""

from typing import Final

from sqlalchemy import text

from feedback_api.statistics.models import COUNTS, change

_KEY: Final = "grain, unit, month, channel, kind, category"
_COUNTS: Final = ", ".join(COUNTS)
_SUMS: Final = ", ".join(f"sum({name}) AS {name}" for name in COUNTS)
_OF_CHANGE: Final = ", ".join(column.name for column in change.c if column.name not in COUNTS)
_TAKEN_AWAY: Final = ", ".join(f"-{name}" for name in COUNTS)
_DIFFERS: Final = f"({', '.join(f'sum({name})' for name in COUNTS)}) <> ({', '.join('0' for _ in COUNTS)})"
_ADD: Final = f"""ON CONFLICT ({_KEY}) DO UPDATE
                  SET {", ".join(f"{name} = c.{name} + excluded.{name}" for name in COUNTS)}"""


def _cells(source: str) -> str:
    """What changes come to in the cells of each grain (`grain` in `domain.py` has the numbers)."""
    month = "to_char(timezone(CAST(:zone AS text), received_at), 'YYYY-MM')"
    facets = ", ".join(f"coalesce({name}, '') AS {name}" for name in ("channel", "kind", "category"))
    return f"""
        SELECT 7 - grouping(category, kind, channel) AS grain, '' AS unit, month, {facets}, {_SUMS}
        FROM (SELECT {month} AS month, s.* FROM {source} s WHERE reports) r
        GROUP BY month, CUBE (channel, kind, category)
        UNION ALL
        SELECT 15 - grouping(category, kind, channel), unit, month, {facets}, {_SUMS}
        FROM (SELECT {month} AS month, s.* FROM {source} s WHERE duties) d
        GROUP BY month, unit, GROUPING SETS ((), (channel), (kind), (category))"""


# Raw, because what leaves one table and comes to the other must be one statement: who counts meanwhile sees it once.
FOLD: Final = text(
    f"""WITH taken AS (
           DELETE FROM statistics_change
           WHERE ctid = ANY(ARRAY(SELECT ctid FROM statistics_change WHERE effective_at <= :until LIMIT :limit))
           RETURNING *
       )
       INSERT INTO statistics_cell AS c ({_KEY}, {_COUNTS}) SELECT * FROM ({_cells("taken")}) g {_ADD}"""
)
"""Sums up changes that have taken effect."""

_GIVEN: Final = ", ".join(
    f"f.{name}"
    for name in (
        *("unit", "held_by", "resolve_due_at", "own_resolve_due_at", "paused_since", "answered_at", "ended_at"),
        *("reopenings", "satisfied"),
    )
)
_MISSED: Final = ", ".join(str(int(name in ("entries", "missed"))) for name in COUNTS)
_IN_MONTH: Final = "received_at >= :since AND f.received_at < :until"

# Raw, because rows, cells and changes are compared in one snapshot, so that nobody need stop meanwhile: whatever is
# written later, or summed up later, changes both sides alike, and the difference stays what it is.
_FAULTS: Final = f"""
    WITH counted AS (
        SELECT f.received_at, f.channel, f.kind, f.category, c.*
        FROM feedback f, LATERAL statistics_counts(statistics_is_report(f), {_GIVEN}, f.task IS NOT NULL) c
        WHERE f.{_IN_MONTH}
        UNION ALL
        SELECT f.received_at, f.channel, f.kind, f.category, h.missed_by, false, true, '-infinity', {_MISSED}
        FROM feedback_history h JOIN feedback f ON f.code = h.code
        WHERE h.missed_by IS NOT NULL AND f.{_IN_MONTH}
        UNION ALL
        SELECT {_OF_CHANGE}, {_TAKEN_AWAY} FROM statistics_change f WHERE f.{_IN_MONTH}
    ), now AS (
        SELECT greatest(:now, folded_until) AS at FROM statistics_state
    ), present AS (
        SELECT counted.* FROM counted, now WHERE effective_at <= now.at
    ), in_cells AS (
        SELECT {_KEY}, {_SUMS}
        FROM ({_cells("present")}
              UNION ALL
              SELECT {_KEY}, {_TAKEN_AWAY} FROM statistics_cell WHERE month = :month) s
        GROUP BY {_KEY} HAVING {_DIFFERS}
    ), to_come AS (
        SELECT {_OF_CHANGE}, {_SUMS} FROM counted, now WHERE effective_at > now.at
        GROUP BY {_OF_CHANGE} HAVING {_DIFFERS}
    )"""

COMPARE: Final = text(f"{_FAULTS} SELECT (SELECT count(*) FROM in_cells) + (SELECT count(*) FROM to_come)")
"""How many counts of a month differ from those of its rows."""

MEND: Final = text(
    f"""{_FAULTS}, cells AS (
           INSERT INTO statistics_cell AS c ({_KEY}, {_COUNTS}) SELECT * FROM in_cells {_ADD} RETURNING 1
       ), changes AS (
           INSERT INTO statistics_change ({_OF_CHANGE}, {_COUNTS}) SELECT * FROM to_come RETURNING 1
       )
       SELECT (SELECT count(*) FROM cells) + (SELECT count(*) FROM changes)"""
)
"""Adds the differences to the counts of a month; how many there were."""
