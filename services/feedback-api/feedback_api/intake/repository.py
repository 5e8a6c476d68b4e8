"""The one statement that writes a group of reports: keys, reports, contacts, history and events, or nothing."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.events import Event
from cchc_shared.http.idempotency import Reply
from cchc_shared.outbox import COLUMNS, UNNEST, arrays
from feedback_api.handling.models import CODES_PER_BLOCK
from feedback_api.intake.domain import Draft, Request

_GIVEN = {
    "code": "text",
    "caller": "text",
    "key": "text",
    "digest": "bytea",
    "headers": "text",
    "body": "bytea",
    "channel": "text",
    "channel_owner": "text",
    "channel_ref": "text",
    "kind": "text",
    "category": "text",
    "severity": "text",
    "title": "text",
    "content": "text",
    "lat": "float8",
    "lon": "float8",
    "address": "text",
    "unit": "text",
    "routing": "text",
    "submitted_by": "text",
    "role": "text",
    "secret_digest": "bytea",
    "sealed": "bytea",
    "received_at": "timestamptz",
    "recorded_at": "timestamptz",
    "accept_due_at": "timestamptz",
    "resolve_due_at": "timestamptz",
}

# Channel ids first, then keys, each in one order by everyone: two processes that are sent the same cannot lock each
# other out. A key that another process claims at this very moment makes the whole statement fail.
_WRITE = text(
    f"""
    WITH given AS (
        SELECT * FROM unnest({", ".join(f"CAST(:{name} AS {kind}[])" for name, kind in _GIVEN.items())})
            AS g({", ".join(_GIVEN)})
    ), inserted AS (
        INSERT INTO feedback (code, version, channel, channel_owner, channel_ref, kind, category, severity, title,
                              content, lat, lon, address, unit, routing, status, submitted_by, secret_digest,
                              received_at, recorded_at, accept_due_at, resolve_due_at)
        SELECT code, 1, channel, channel_owner, channel_ref, kind, category, severity, title,
               content, lat, lon, address, unit, CAST(routing AS jsonb), 'received', submitted_by, secret_digest,
               received_at, recorded_at, accept_due_at, resolve_due_at
        FROM given
        WHERE NOT EXISTS (SELECT 1 FROM idempotency i WHERE i.caller = given.caller AND i.key = given.key)
        ORDER BY channel, channel_owner, channel_ref
        ON CONFLICT (channel, channel_owner, channel_ref) WHERE channel_ref IS NOT NULL DO NOTHING
        RETURNING code
    ), claimed AS (
        INSERT INTO idempotency (caller, key, digest, status, headers, body)
        SELECT caller, key, digest, 201, CAST(headers AS jsonb), body FROM given JOIN inserted USING (code)
        WHERE key IS NOT NULL
        ORDER BY caller, key
    ), contact AS (
        INSERT INTO feedback_contact (code, sealed, recorded_at)
        SELECT code, sealed, recorded_at FROM given JOIN inserted USING (code) WHERE sealed IS NOT NULL
    ), happened AS (
        INSERT INTO feedback_history (code, version, action, status, unit, resolve_due_at, actor, role, at)
        SELECT code, 1, 'receive', 'received', unit, resolve_due_at, submitted_by, role, received_at
        FROM given JOIN inserted USING (code)
    ), told AS (
        INSERT INTO outbox ({COLUMNS})
        SELECT {COLUMNS.replace("payload", "CAST(payload AS json)")}
        FROM unnest({UNNEST}) AS e({COLUMNS}) JOIN inserted ON inserted.code = e.aggregateid
    )
    SELECT code FROM inserted
    """
)

_NUMBERS = text("SELECT nextval('feedback_number') FROM generate_series(1, :blocks)")

_KEPT = text(
    """SELECT i.caller, i.key, i.digest, i.status, i.headers, i.body
       FROM idempotency i JOIN unnest(CAST(:callers AS text[]), CAST(:keys AS text[])) AS g(caller, key)
         ON i.caller = g.caller AND i.key = g.key"""
)

_SAME = text(
    """SELECT f.code, f.version, f.status, f.unit, f.channel, f.channel_owner, f.channel_ref, f.kind,
              f.category, f.severity, f.received_at, f.accept_due_at, f.resolve_due_at
       FROM feedback f
       JOIN unnest(CAST(:channels AS text[]), CAST(:owners AS text[]), CAST(:refs AS text[])) AS g(channel, owner, ref)
         ON f.channel = g.channel AND f.channel_owner = g.owner AND f.channel_ref = g.ref"""
)

_KEEP = text(
    """INSERT INTO idempotency (caller, key, digest, status, headers, body)
       VALUES (:caller, :key, :digest, :status, CAST(:headers AS jsonb), :body) ON CONFLICT DO NOTHING"""
)
_KEYS = "pk_idempotency"


class Numbers:
    """Numbers for codes, taken from the database in blocks: a gap tells of a restart, nothing else."""

    def __init__(self) -> None:
        self._free: list[int] = []

    async def take(self, conn: AsyncConnection, count: int) -> list[int]:
        """That many numbers nobody else has."""
        missing = count - len(self._free)
        if missing > 0:
            starts = await conn.scalars(_NUMBERS, {"blocks": -(-missing // CODES_PER_BLOCK)})
            self._free += [start + offset for start in starts for offset in range(CODES_PER_BLOCK)]
        taken, self._free = self._free[:count], self._free[count:]
        return taken


class Row(msgspec.Struct, frozen=True):
    """A draft with its code, and what is written and answered of it."""

    code: str
    draft: Draft
    secret_digest: bytes
    sealed: bytes | None
    event: Event
    reply: Reply


async def write(conn: AsyncConnection, rows: Sequence[Row]) -> set[str]:
    """Write, in one statement, the rows whose key and channel's id are new; returns their codes.

    Raises `IntegrityError` when another process is claiming one of the keys: see `is_claimed`.
    """
    columns = zip(*map(_values, rows), strict=True)
    given = {name: list(column) for name, column in zip(_GIVEN, columns, strict=True)}
    return set(await conn.scalars(_WRITE, given | arrays([row.event for row in rows])))


def is_claimed(error: IntegrityError) -> bool:
    """Whether a key was claimed by another process: it has committed, and a second attempt will find its reply."""
    return _KEYS in str(error.orig)


def _values(row: Row) -> tuple[Any, ...]:
    draft, keyed = row.draft, row.draft.request.key is not None
    return (
        row.code,
        draft.request.caller,
        draft.request.key,
        draft.request.digest,
        _json(row.reply.headers) if keyed else None,
        row.reply.body if keyed else None,
        draft.channel.value,
        draft.channel_owner,
        draft.channel_ref,
        draft.kind.value,
        draft.category,
        draft.severity.value,
        draft.title,
        draft.content,
        draft.lat,
        draft.lon,
        draft.address,
        draft.unit,
        draft.routing,
        draft.submitted_by,
        draft.role,
        row.secret_digest,
        row.sealed,
        draft.received_at,
        draft.recorded_at,
        draft.accept_due_at,
        draft.resolve_due_at,
    )


def _json(headers: Mapping[str, str]) -> str:
    return msgspec.json.encode(headers).decode()


async def kept_replies(
    conn: AsyncConnection, requests: Sequence[Request]
) -> dict[tuple[str, str], tuple[bytes, Reply]]:
    """What was answered to keys that were used before, with the digest of the request, by caller and key."""
    if not requests:
        return {}
    rows = await conn.execute(
        _KEPT, {"callers": [request.caller for request in requests], "keys": [request.key for request in requests]}
    )
    return {(row.caller, row.key): (row.digest, Reply(row.status, row.body, row.headers)) for row in rows}


async def keep_reply(conn: AsyncConnection, request: Request, reply: Reply) -> None:
    """Answer a key from now on with this reply, unless it has one by now."""
    await conn.execute(
        _KEEP,
        {
            "caller": request.caller,
            "key": request.key,
            "digest": request.digest,
            "status": reply.status,
            "headers": _json(reply.headers),
            "body": reply.body,
        },
    )


async def same_reports(conn: AsyncConnection, drafts: Sequence[Draft]) -> dict[tuple[str, str, str | None], Any]:
    """The reports that hold these drafts' channel ids, by channel, owner and id."""
    if not drafts:
        return {}
    rows = await conn.execute(
        _SAME,
        {
            "channels": [draft.channel.value for draft in drafts],
            "owners": [draft.channel_owner for draft in drafts],
            "refs": [draft.channel_ref for draft in drafts],
        },
    )
    return {(row.channel, row.channel_owner, row.channel_ref): row for row in rows}
