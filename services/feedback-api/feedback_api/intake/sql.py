"""Raw statements of intake. Their columns are those of the tables, so that each is written out once, there."""

from typing import Final

from sqlalchemy import text

from cchc_shared.storage.recordsets import names, typed, values
from cchc_shared.stream.outbox import COLUMNS, RECORDS
from feedback_api.intake.acknowledgement import NAMES
from feedback_api.metadata import idempotency
from feedback_api.reports.domain import Submission
from feedback_api.reports.models import contacts, feedback, history

_NEW: Final = [feedback.c.code, *(feedback.c[name] for name in Submission.__struct_fields__)]
_BESIDE: Final = [
    *(idempotency.c[name] for name in ("caller", "key", "digest", "headers", "body")),
    history.c.role,
    contacts.c.sealed,
    contacts.c.key_id,
    feedback.c.words,
]


# Raw, because it is one statement for five tables, whose plan and order of locks are the point.
# Channel ids first, then keys, each in one order by everyone: two processes that are sent the same cannot lock each
# other out. A key that another process claims at this very moment makes the whole statement fail. Keys are looked up
# by a scalar subquery: of NOT EXISTS the planner makes a join, which may read the whole table as long as it is new.
WRITE: Final = f"""
    WITH given AS (
        SELECT * FROM json_to_recordset(CAST(CAST($1 AS text) AS json)) AS g({typed([*_NEW, *_BESIDE])})
    ), inserted AS (
        INSERT INTO feedback (version, status, words, {names(_NEW)})
        SELECT 1, 'received', words, {values(_NEW)}
        FROM given
        WHERE (SELECT true FROM idempotency i WHERE i.caller = given.caller AND i.key = given.key) IS NULL
        ORDER BY channel, channel_owner, channel_ref
        ON CONFLICT (channel, channel_owner, channel_ref) WHERE channel_ref IS NOT NULL DO NOTHING
        RETURNING code
    ), claimed AS (
        INSERT INTO idempotency (caller, key, digest, status, headers, body)
        SELECT caller, key, decode(digest, 'base64'), 201, headers, decode(body, 'base64')
        FROM given JOIN inserted USING (code)
        WHERE key IS NOT NULL
        ORDER BY caller, key
    ), contact AS (
        INSERT INTO feedback_contact (code, sealed, key_id, recorded_at)
        SELECT code, decode(sealed, 'base64'), key_id, recorded_at FROM given JOIN inserted USING (code)
        WHERE sealed IS NOT NULL
    ), happened AS (
        INSERT INTO feedback_history
            (code, version, action, status, unit, held_by, resolve_due_at, actor, role, at, recorded_at)
        SELECT code, 1, 'receive', 'received', unit, held_by, resolve_due_at, submitted_by, role, received_at,
               recorded_at
        FROM given JOIN inserted USING (code)
    ), emitted AS (
        INSERT INTO outbox ({COLUMNS})
        SELECT {COLUMNS} FROM {RECORDS.replace(":events", "$2")} JOIN inserted ON inserted.code = e.aggregateid
    )
    SELECT code FROM inserted
    """
"""For the driver itself. Writes a group of reports: keys, reports, contacts, history and events, or nothing."""

# Raw, because of `unnest`: one plan for a group of any size.
STORED: Final = text(
    """SELECT i.caller, i.key, i.digest, i.status, i.headers, i.body
       FROM idempotency i JOIN unnest(CAST(:callers AS text[]), CAST(:keys AS text[])) AS g(caller, key)
         ON i.caller = g.caller AND i.key = g.key"""
)
"""What was answered to keys."""

_SHOWN = ", ".join(f"f.{feedback.c[name].name}" for name in NAMES)

# Raw, because of `unnest`: one plan for a group of any size.
SAME: Final = text(
    f"""SELECT f.channel_owner, f.fingerprint, {_SHOWN}
       FROM feedback f
       JOIN unnest(CAST(:channels AS text[]), CAST(:owners AS text[]), CAST(:refs AS text[])) AS g(channel, owner, ref)
         ON f.channel = g.channel AND f.channel_owner = g.owner AND f.channel_ref = g.ref"""
)
"""The reports that hold a channel's ids."""
