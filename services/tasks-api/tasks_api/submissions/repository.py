"""Queries and writes of submissions and their history."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Row, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.storage.history import HistoryEntry
from cchc_shared.storage.records import record, records
from tasks_api.submissions.domain import Submission
from tasks_api.submissions.models import submission_history, submissions
from tasks_api.submissions.schemas import SubmissionQuery

_C: Final = submissions.c


async def new_id(conn: AsyncConnection) -> int:
    """The id of papers that are about to be inserted: their code is made of it."""
    sequence = func.pg_get_serial_sequence(submissions.name, _C.id.name)
    return int((await conn.execute(select(func.nextval(sequence)))).scalar_one())


async def add(conn: AsyncConnection, papers: Submission) -> None:
    await conn.execute(insert(submissions).values(_values(papers)))


async def store(conn: AsyncConnection, papers: Submission) -> None:
    await conn.execute(update(submissions).where(_C.id == papers.id).values(_values(papers)))


async def add_history(conn: AsyncConnection, papers: Submission, entry: HistoryEntry) -> None:
    await conn.execute(insert(submission_history).values({"submission_id": papers.id} | entry.values()))


async def get(conn: AsyncConnection, code: str, reader: str | None, *, lock: bool = False) -> Submission | None:
    """The papers, if there are some that this unit may read (None: any)."""
    query = select(submissions).where(_C.code == code, *_readable(reader))
    if lock:
        query = query.with_for_update(key_share=True)
    row = (await conn.execute(query)).mappings().first()
    return None if row is None else record(row, Submission)


async def history_of(conn: AsyncConnection, id_: int) -> Sequence[Row[Any]]:
    columns = submission_history.c
    query = select(submission_history).where(columns.submission_id == id_).order_by(columns.version)
    return (await conn.execute(query)).all()


async def page(
    conn: AsyncConnection, wanted: SubmissionQuery, reader: str | None, before: int | None
) -> Sequence[Submission]:
    """Papers that this unit may read (None: all), newest first; one more than the page holds."""
    query = select(submissions).where(*_readable(reader))
    for name in ("unit", "to_unit", "task", "status", "return_reason"):
        value = getattr(wanted, name)
        if value is not None:
            query = query.where(_C[name] == value)
    if before is not None:
        query = query.where(_C.id < before)
    return records(await conn.execute(query.order_by(_C.id.desc()).limit(wanted.limit + 1)), Submission)


def _readable(reader: str | None) -> Iterator[ColumnElement[bool]]:
    """A draft is its sender's own."""
    if reader is not None:
        yield or_(_C.unit == reader, (_C.to_unit == reader) & _C.sent_at.is_not(None))


def _values(papers: Submission) -> dict[str, Any]:
    values = msgspec.structs.asdict(papers)
    return values | {
        "consultations": list(papers.consultations),
        "meetings": msgspec.to_builtins(papers.meetings),
    }
