"""Statements on counts that are raw for their locks and arrays.

Rows are never deleted: `ENSURE` makes those that are missing, then `LOCK` locks all in one order, so that no two
workers wait for each other, and reads what the one before left.
"""

from sqlalchemy import text

from scoring_worker.columns import arrays, names, same
from scoring_worker.counts.models import unit_count

_KEY = tuple(unit_count.primary_key.columns)
_GIVEN = f"unnest({arrays(_KEY)}) AS w({names(_KEY)})"

ENSURE = text(
    f"""INSERT INTO unit_count ({names(_KEY)}, counts) SELECT {names(_KEY)}, '{{}}' FROM {_GIVEN}
        WHERE NOT EXISTS (SELECT 1 FROM unit_count c WHERE {same(_KEY, "c", "w")})
        ORDER BY {names(_KEY)} ON CONFLICT DO NOTHING"""
)
LOCK = text(
    f"""SELECT {names(_KEY, of="c")}, CAST(c.counts AS text) FROM unit_count c JOIN {_GIVEN} ON {same(_KEY, "c", "w")}
        ORDER BY {names(_KEY, of="c")} FOR NO KEY UPDATE OF c"""
)
SAVE = text(
    f"""UPDATE unit_count c SET counts = CAST(w.counts AS jsonb)
        FROM unnest({arrays(_KEY)}, CAST(:counts AS text[])) AS w({names(_KEY)}, counts) WHERE {same(_KEY, "c", "w")}"""
)
