"""The one statement of limits."""

from typing import Final

from sqlalchemy import text

# Raw, because of `unnest`: one plan for any number of callers. By the database's clock, which is the only one that all
# gateways have. Rows are locked in the order of keys, so that no two gateways wait for each other.
ADD: Final = text(
    """INSERT INTO caller_standing AS kept (key, window_seconds, full_at)
       SELECT key, length, now() + least(spent, 2 * length) * interval '1 second'
       FROM unnest(CAST(:keys AS text[]), CAST(:spent AS float8[]), CAST(:windows AS int[]))
         AS added(key, spent, length)
       ORDER BY key
       ON CONFLICT (key) DO UPDATE SET
         window_seconds = excluded.window_seconds,
         full_at = least(
           greatest(kept.full_at, now()) + (excluded.full_at - now()),
           now() + 2 * excluded.window_seconds * interval '1 second'
         )
       RETURNING key, CAST(extract(epoch FROM full_at - now()) AS float8) AS seconds"""
)
"""Adds what was spent to when all will have come back, two windows from now at most; a row for each key. No key may
come twice."""
