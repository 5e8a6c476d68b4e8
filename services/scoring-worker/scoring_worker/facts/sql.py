"""Statements on facts that are raw for their locks, their arrays or their plan."""

from datetime import UTC, datetime
from typing import Final

from sqlalchemy import text

from scoring_worker.columns import arrays, assignments, names, same
from scoring_worker.facts.models import duty, occurrence

_KEY = tuple(duty.primary_key.columns)
_CHANGING = (duty.c.done_at, duty.c.ended_at, duty.c.closed_version, duty.c.counted)
CHANGED: Final = (*_KEY, *_CHANGING)
WITHDRAWN: Final = (*occurrence.primary_key.columns, occurrence.c.withdrawn_at)

# One statement for any number of duties.
CHANGE = text(
    f"""UPDATE duty SET {assignments(_CHANGING, "w")}
        FROM unnest({arrays(CHANGED)}) AS w({names(CHANGED)}) WHERE {same(_KEY, "duty", "w")}"""
)
# One statement for any number of occurrences.
WITHDRAW = text(
    f"""UPDATE occurrence SET withdrawn_at = w.withdrawn_at
        FROM unnest({arrays(WITHDRAWN)}) AS w({names(WITHDRAWN)}) WHERE {same(WITHDRAWN[:3], "occurrence", "w")}"""
)
# Several workers may mark at once: each takes what no other holds.
MARK_OVERDUE = text(
    f"""UPDATE duty SET counted = 'overdue'
        FROM (SELECT {names(_KEY)} FROM duty WHERE counted = 'pending' AND due_at <= :now
              ORDER BY due_at LIMIT :limit FOR NO KEY UPDATE SKIP LOCKED) AS newly
        WHERE {same(_KEY, "duty", "newly")} RETURNING {names(duty.c, of="duty")}"""
)

# `Duty.state_at`, for the duties that were there, where `:known` is `:at`; where it is `EVER`, `Duty.state_now`.
_STATE_AT = """CASE WHEN done_at <= :known THEN CASE WHEN done_at < due_at THEN 'on_time' ELSE 'late' END
                    WHEN due_at <= :at THEN 'overdue' ELSE 'pending' END"""
_COUNTS_AT = "occurred_at <= :known AND (withdrawn_at IS NULL OR withdrawn_at > :known)"
_THERE_AT = "opened_at <= :known AND (ended_at IS NULL OR ended_at > :known)"
EVER: Final = datetime(9999, 1, 1, tzinfo=UTC)
"""Whatever is known happened before it, by anybody's clock: a score of now is made of all that."""

COUNT_AT = text(
    f"""SELECT unit, month, measure, {_STATE_AT} AS state, count(*) FROM duty
        WHERE month = ANY(CAST(:months AS date[])) AND {_THERE_AT} GROUP BY 1, 2, 3, 4
        UNION ALL
        SELECT unit, month, measure, 'happened', count(*) FROM occurrence
        WHERE month = ANY(CAST(:months AS date[])) AND {_COUNTS_AT} GROUP BY 1, 2, 3"""
)

_OF_CRITERION = """unit = :unit AND month = ANY(CAST(:months AS date[])) AND measure = ANY(CAST(:measures AS text[]))"""
# The events are looked up for the rows of the page alone.
EVIDENCE = text(
    f"""SELECT page.*, CAST(behind.events AS text) AS events
        FROM (SELECT * FROM (
                  SELECT aggregate, measure, opened_version, closed_version, code, opened_at, recorded_at, due_at,
                         done_at, due_at AS ranked_at, {_STATE_AT} AS state
                  FROM duty WHERE {_OF_CRITERION} AND {_THERE_AT}
                  UNION ALL
                  SELECT aggregate, measure, version, NULL, code, occurred_at, recorded_at, NULL,
                         NULL, occurred_at, 'happened'
                  FROM occurrence WHERE {_OF_CRITERION} AND {_COUNTS_AT}) AS fact
              WHERE (CAST(:state AS text) IS NULL OR state = :state)
                AND (ranked_at, aggregate, measure, opened_version)
                    > (CAST(:after_at AS timestamptz), CAST(:after_aggregate AS text), CAST(:after_measure AS text),
                       CAST(:after_version AS integer))
              ORDER BY ranked_at, aggregate, measure, opened_version LIMIT :limit) AS page
        CROSS JOIN LATERAL (
            SELECT json_agg(json_build_object('id', id, 'type', type, 'version', version, 'occurred_at', occurred_at,
                                              'recorded_at', recorded_at) ORDER BY version) AS events
            FROM event
            WHERE event.aggregate = page.aggregate AND event.version IN (page.opened_version, page.closed_version)
              AND event.occurred_at <= :known) AS behind
        ORDER BY ranked_at, page.aggregate, page.measure, page.opened_version"""
)
