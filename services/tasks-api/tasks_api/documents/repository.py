"""Queries and writes of documents."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, exists, func, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.contract.wording import sought
from cchc_shared.storage import search
from cchc_shared.storage.records import record, records
from tasks_api.documents.domain import Document, DocumentFile
from tasks_api.documents.models import document_files, documents
from tasks_api.documents.schemas import DocumentQuery
from tasks_api.tasks.models import task_parties, tasks

_C: Final = documents.c
_COLUMNS: Final = tuple(column for column in _C if column.name != "search")
_TEXTS: Final = (_C.code, _C.number, _C.sender, _C.subject)


async def new_id(conn: AsyncConnection) -> int:
    """The id of a document that is about to be inserted: its code is made of it."""
    sequence = func.pg_get_serial_sequence(documents.name, _C.id.name)
    return int((await conn.execute(select(func.nextval(sequence)))).scalar_one())


async def add(conn: AsyncConnection, document: Document) -> None:
    words = search.words_of(document.code, document.number, document.sender, document.subject)
    values: dict[str, Any] = msgspec.structs.asdict(document) | {"kind": document.kind.value, "search": words}
    await conn.execute(insert(documents).values(values))


async def get(conn: AsyncConnection, code: str, reader: str | None, *, lock: bool = False) -> Document | None:
    """The document, if there is one that this unit may read (None: any). Locked, it gets no file and no task."""
    query = select(*_COLUMNS).where(_C.code == code, *_readable(reader))
    query = query.with_for_update() if lock else query
    row = (await conn.execute(query)).mappings().first()
    return None if row is None else record(row, Document)


async def page(conn: AsyncConnection, wanted: DocumentQuery, reader: str | None, before: int | None) -> list[Document]:
    """Documents that this unit may read (None: all), newest first; one more than the page holds."""
    query = select(*_COLUMNS).where(*_readable(reader), *_conditions(wanted))
    if before is not None:
        query = query.where(_C.id < before)
    return records(await conn.execute(query.order_by(_C.id.desc()).limit(wanted.limit + 1)), Document)


async def files_of(conn: AsyncConnection, *documents: Document) -> Mapping[str, list[DocumentFile]]:
    """The files of each, by its code, oldest first; what was taken back included."""
    found: dict[str, list[DocumentFile]] = {each.code: [] for each in documents}
    c = document_files.c
    query = select(document_files).where(c.document_id.in_([each.id for each in documents])).order_by(c.number)
    for each in records(await conn.execute(query), DocumentFile):
        found[each.code].append(each)
    return found


async def has_tasks(conn: AsyncConnection, code: str) -> bool:
    """Whether a task has come of the document."""
    return bool(await conn.scalar(select(exists().where(tasks.c.document == code))))


def _conditions(wanted: DocumentQuery) -> Iterator[ColumnElement[bool]]:
    for name in ("kind", "unit", "number"):
        value = getattr(wanted, name)
        if value is not None:
            yield _C[name] == value
    if wanted.dated_from:
        yield _C.dated_on >= wanted.dated_from
    if wanted.dated_to:
        yield _C.dated_on <= wanted.dated_to
    if wanted.q:
        yield search.found(sought(wanted.q), _C.search, _TEXTS)


def _readable(reader: str | None) -> Iterator[ColumnElement[bool]]:
    """A document is for the unit that registered it, and for those that take part in a task which comes from it."""
    if reader is not None:
        party = select(tasks.c.id).join(task_parties, task_parties.c.task_id == tasks.c.id)
        yield or_(_C.unit == reader, party.where(tasks.c.document == _C.code, task_parties.c.unit == reader).exists())
