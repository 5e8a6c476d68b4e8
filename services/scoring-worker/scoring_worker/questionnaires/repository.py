"""Reading and writing questionnaires. Versions are added, never changed."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from scoring_worker.questionnaires.document import Document, load
from scoring_worker.questionnaires.domain import Questionnaire
from scoring_worker.questionnaires.models import questionnaire

_C = questionnaire.c


class Stored(NamedTuple):
    """A loaded version, with when it was loaded."""

    document: Document
    loaded_at: datetime


async def store(conn: AsyncConnection, document: Document, now: datetime) -> bool:
    """Store the document; False if that code and version is there already."""
    of = document.questionnaire
    values = {"code": of.code, "version": of.version, "sha256": document.sha256, "document": document.text}
    new = insert(questionnaire).values(values | {"loaded_at": now}).on_conflict_do_nothing()
    return (await conn.execute(new)).rowcount == 1


async def hash_of(conn: AsyncConnection, of: Questionnaire) -> str:
    """The hash of the stored version that has this one's code and version."""
    query = select(_C.sha256).where(_C.code == of.code, _C.version == of.version)
    return str((await conn.execute(query)).scalar_one())


async def all_versions(conn: AsyncConnection) -> list[Stored]:
    """Every version of every questionnaire, by code and version."""
    rows = await conn.execute(select(_C.document, _C.loaded_at).order_by(_C.code, _C.version))
    return [Stored(load(text), at) for text, at in rows]


async def find(conn: AsyncConnection, code: str, version: str) -> Stored | None:
    """One version of a questionnaire."""
    query = select(_C.document, _C.loaded_at).where(_C.code == code, _C.version == version)
    row = (await conn.execute(query)).first()
    return None if row is None else Stored(load(row[0]), row[1])
