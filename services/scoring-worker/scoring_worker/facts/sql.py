"""Statements on facts that are raw for their locks, their arrays or their plan."""

from typing import Final

from sqlalchemy import text

from scoring_worker.columns import arrays, assignments, names, same
from scoring_worker.facts.models import duty, occurrence

_KEY = tuple(duty.primary_key.columns)
_CHANGING = (
    duty.c.done_at,
    duty.c.ended_at,
    duty.c.closed_version,
    duty.c.counted,
    duty.c.done_recorded_at,
    duty.c.ended_recorded_at,
)
CHANGED: Final = (*_KEY, *_CHANGING)
_WITHDRAWING = (occurrence.c.withdrawn_at, occurrence.c.withdrawn_recorded_at)
WITHDRAWN: Final = (*occurrence.primary_key.columns, *_WITHDRAWING)

# One statement for any number of duties.
CHANGE = text(
    f"""UPDATE duty SET {assignments(_CHANGING, "w")}
        FROM unnest({arrays(CHANGED)}) AS w({names(CHANGED)}) WHERE {same(_KEY, "duty", "w")}"""
)
# One statement for any number of occurrences.
WITHDRAW = text(
    f"""UPDATE occurrence SET {assignments(_WITHDRAWING, "w")}
        FROM unnest({arrays(WITHDRAWN)}) AS w({names(WITHDRAWN)}) WHERE {same(WITHDRAWN[:3], "occurrence", "w")}"""
)
# Several workers may mark at once: each takes what no other holds.
MARK_OVERDUE = text(
    f"""UPDATE duty SET counted = 'overdue'
        FROM (SELECT {names(_KEY)} FROM duty WHERE counted = 'pending' AND due_at <= :now
              ORDER BY due_at LIMIT :limit FOR NO KEY UPDATE SKIP LOCKED) AS newly
        WHERE {same(_KEY, "duty", "newly")} RETURNING {names(duty.c, of="duty")}"""
)

# `Duty.state_at`, for the duties that were there, where `:until` is `:at`; where it is `EVER`, `Duty.state_now`.
# What an older version kept has no time at which it was written down: it was always known.
_DONE_KNOWN = "done_at <= :until AND COALESCE(done_recorded_at <= :known, TRUE)"
_STATE_AT = f"""CASE WHEN {_DONE_KNOWN} THEN CASE WHEN done_at < due_at THEN 'on_time' ELSE 'late' END
                     WHEN due_at <= :at THEN 'overdue' ELSE 'pending' END"""
# `counts.domain.in_period`: what falls due after the period is not late in it.
_STATE_IN_PERIOD = f"""CASE WHEN due_month > CAST(:last_month AS date)
                             AND ({_DONE_KNOWN} AND done_at < due_at) IS NOT TRUE
                            THEN 'pending' ELSE {_STATE_AT} END"""
_COUNTS_AT = """occurred_at <= :until AND recorded_at <= :known AND (withdrawn_at IS NULL OR withdrawn_at > :until
                OR withdrawn_recorded_at > :known)"""
_THERE_AT = """opened_at <= :until AND recorded_at <= :known AND (ended_at IS NULL OR ended_at > :until
               OR ended_recorded_at > :known)"""

COUNT_AT = text(
    f"""SELECT unit, month, due_month, measure, {_STATE_AT} AS state, count(*) FROM duty
        WHERE month = ANY(CAST(:months AS date[])) AND {_THERE_AT} GROUP BY 1, 2, 3, 4, 5
        UNION ALL
        SELECT unit, month, NULL, measure, 'happened', count(*) FROM occurrence
        WHERE month = ANY(CAST(:months AS date[])) AND {_COUNTS_AT} GROUP BY 1, 2, 4"""
)

_OF_CRITERION = """unit = :unit AND month = ANY(CAST(:months AS date[])) AND measure = ANY(CAST(:measures AS text[]))"""
# The events are looked up for the rows of the page alone.
EVIDENCE = text(
    f"""SELECT page.*, CAST(behind.events AS text) AS events
        FROM (SELECT * FROM (
                  SELECT aggregate, measure, month, opened_version, closed_version, code, opened_at, recorded_at,
                         due_at, done_at, due_at AS ranked_at, {_STATE_IN_PERIOD} AS state
                  FROM duty WHERE {_OF_CRITERION} AND {_THERE_AT}
                  UNION ALL
                  SELECT aggregate, measure, month, version, NULL, code, occurred_at, recorded_at, NULL,
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
              AND event.occurred_at <= :until AND event.recorded_at <= :known) AS behind
        ORDER BY ranked_at, page.aggregate, page.measure, page.opened_version"""
)
