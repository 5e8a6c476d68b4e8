"""Groups of reports in the database, and the answers that were given before."""

from collections.abc import Sequence
from typing import Any

import asyncpg
import msgspec
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.contract.events import Event
from cchc_shared.storage.idempotency import Reply
from cchc_shared.storage.search import words_of
from cchc_shared.stream import outbox
from feedback_api.intake import sql
from feedback_api.intake.acknowledgement import Answer
from feedback_api.intake.domain import NewReport, Request
from feedback_api.metadata import idempotency
from feedback_api.reports.contacts import Seal


class IntakeRow(msgspec.Struct, frozen=True):
    """A new report with its answer, and what the statement is given of it."""

    new: NewReport
    answer: Answer
    given: bytes
    event: bytes


def row(new: NewReport, answer: Answer, seal: Seal | None, event: Event) -> IntakeRow:
    """Ready to be written."""
    request = new.request
    report = new.feedback
    stored = None if request.key is None else answer.stored()
    # One JSON text for all takes the driver a tenth of the time that arrays take.
    given = msgspec.structs.asdict(report) | {
        "caller": request.caller,
        "key": request.key,
        "digest": request.digest,
        "headers": stored and stored.headers,
        "body": stored and stored.body,
        "role": new.role,
        "sealed": seal and seal.sealed,
        "key_id": seal and seal.key_id,
        "words": words_of(report.title, report.content, report.address, report.channel_ref),
    }
    return IntakeRow(new, answer, msgspec.json.encode(given), outbox.record(event))


async def write(conn: AsyncConnection, rows: Sequence[IntakeRow]) -> set[str]:
    """Write, in one statement, the rows whose key and channel's id are new; returns their codes.

    The connection must be in no transaction: the statement is one of its own. Raises `DBAPIError`, also when another
    process is claiming one of the keys (see `is_claimed`), or what ended the wait. A connection that broke, or was
    left in the middle of the statement, is used by nobody again.
    """
    given, events = outbox.array(row.given for row in rows), outbox.array(row.event for row in rows)
    driver = await _driver(conn)
    try:
        # Straight from the driver: its statement is prepared, and nothing of the rows is mapped.
        return {code for (code,) in await driver.fetch(sql.WRITE, given, events)}
    except (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError) as error:
        # An error of the driver's own: the server's last word has come, and the end of the connection not yet.
        broken = driver.is_closed() or isinstance(error, asyncpg.InternalClientError)
        if broken:
            driver.terminate()
            await conn.invalidate()
        raise DBAPIError(None, None, error, hide_parameters=True, connection_invalidated=broken) from error
    except BaseException:
        driver.terminate()
        await conn.invalidate()
        raise


async def _driver(conn: AsyncConnection) -> "asyncpg.Connection[asyncpg.Record]":
    """The driver's own connection. One that the server closed meanwhile, as by a restart, is replaced."""
    while True:
        raw = await conn.get_raw_connection()
        driver: asyncpg.Connection[asyncpg.Record] = raw.driver_connection
        if not driver.is_closed():
            return driver
        await conn.invalidate()


def is_claimed(error: DBAPIError) -> bool:
    """Whether another process claimed a key. It has committed: a second attempt finds its reply."""
    return "pk_idempotency" in str(error.orig)


async def stored_replies(
    conn: AsyncConnection, requests: Sequence[Request]
) -> dict[tuple[str, str], tuple[bytes, Reply]]:
    """What was answered to keys that were used before, with the digest of the request, by caller and key."""
    if not requests:
        return {}
    rows = await conn.execute(
        sql.STORED, {"callers": [request.caller for request in requests], "keys": [request.key for request in requests]}
    )
    return {(row.caller, row.key): (row.digest, Reply(row.status, row.body, row.headers)) for row in rows}


async def store_reply(conn: AsyncConnection, request: Request, reply: Reply) -> None:
    """Answer a key from now on with this reply, unless it has one by now."""
    await conn.execute(
        insert(idempotency)
        .values(
            caller=request.caller,
            key=request.key,
            digest=request.digest,
            status=reply.status,
            headers=dict(reply.headers),
            body=reply.body,
        )
        .on_conflict_do_nothing()
    )


async def same_reports(
    conn: AsyncConnection, new_reports: Sequence[NewReport]
) -> dict[tuple[str, str, str | None], Any]:
    """The reports that hold these new reports' channel ids, by channel, owner and id."""
    reports = [new.feedback for new in new_reports]
    if not reports:
        return {}
    rows = await conn.execute(
        sql.SAME,
        {
            "channels": [each.channel.value for each in reports],
            "owners": [each.channel_owner for each in reports],
            "refs": [each.channel_ref for each in reports],
        },
    )
    return {(row.channel, row.channel_owner, row.channel_ref): row for row in rows}
