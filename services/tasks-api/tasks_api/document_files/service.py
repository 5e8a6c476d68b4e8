"""Taking in the files of a document, reading them, and taking one back.

A file is a source: what tasks rest on stays. Until a task has come of the document, whoever added a file takes it back;
from then on another one stands in its place, and the former is read as before.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from anyio import CapacityLimiter
from prometheus_client import Counter
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from uuid_utils.compat import uuid7

from cchc_shared.calendar.clock import Clock
from cchc_shared.files.forms import Given
from cchc_shared.files.images import Wanted
from cchc_shared.files.keeping import Keeping, Kept
from cchc_shared.files.objects import Objects
from cchc_shared.files.scanning import Scanner
from cchc_shared.http.access import Principal
from cchc_shared.http.idempotency import reply
from cchc_shared.http.problems import Problem, overloaded, too_large
from cchc_shared.service.workflow import NOT_PERMITTED
from cchc_shared.storage.idempotency import Reply, once
from tasks_api.document_files import problems, repository
from tasks_api.document_files.models import DISCARDED
from tasks_api.document_files.schemas import DocumentFileIn
from tasks_api.documents.domain import Document, DocumentFile, replacements
from tasks_api.documents.repository import files_of, has_tasks
from tasks_api.documents.schemas import DocumentFileOut
from tasks_api.documents.service import Documents
from tasks_api.office.reader import cleaned
from tasks_api.tasks.rules import DocumentFileRules

TAKEN = Counter("cchc_document_files_total", "Files that were sent for documents, by what became of them", ["outcome"])


@dataclass(frozen=True, slots=True)
class FilesOfDocuments:
    """The use cases. All raise 404 for a document that the caller may not read.

    Who adds or takes back speaks for the unit that registered the document: 403 for others.
    """

    engine: AsyncEngine
    reading: AsyncEngine
    clock: Clock
    documents: Documents
    rules: DocumentFileRules
    objects: Objects
    scanner: Scanner | None
    places: CapacityLimiter

    async def may_add(self, code: str, caller: Principal) -> Document:
        """The document, if the caller may add to it: asked before a body is read."""
        async with self.reading.connect() as conn:
            return await self.documents.find_own(conn, code, caller, lock=False)

    async def take(
        self, document: Document, form: DocumentFileIn, given: Given, caller: Principal, *, key: str | None
    ) -> Reply:
        """Keep the file; the same bytes again are the same file.

        Raises 413, 422 for what is not taken, and 503 where scanner or storage do not work: nothing is kept then.
        """
        if given.size > self.rules.most_bytes:
            raise too_large(self.rules.most_bytes)
        async with self.reading.connect() as conn:
            known = self._known(await _files(conn, document), form, given)
        kept = await self._keeping.keep(document.code, given) if known is None else None

        async def work(conn: AsyncConnection) -> Reply:
            standing = await self.documents.find_own(conn, document.code, caller)
            files = await _files(conn, standing)
            made = self._known(files, form, given)
            if made is None:
                made = await self._add(conn, standing, files, form, given, kept, caller)
            shown = DocumentFileOut.of(made, None)
            return reply(201, shown, {"Location": f"/v1/documents/{made.code}/files/{made.id}"})

        asked = "\n".join((document.code, given.sha256.hex(), str(form.replaces), form.caption or ""))
        digest = hashlib.sha256(asked.encode()).digest()
        answer = await once(self.engine, caller=caller.sub, key=key, digest=digest, work=work, about=document.code)
        TAKEN.labels("taken").inc()
        return answer

    async def find(self, code: str, file_id: UUID, caller: Principal) -> DocumentFile:
        """A file to be read, one that was replaced too. Raises 404 for what was taken back."""
        async with self.reading.connect() as conn:
            document = await self.documents.find(conn, code, caller)
            return _standing(await _files(conn, document), file_id)

    async def remove(self, code: str, file_id: UUID, caller: Principal) -> None:
        """Take it back: by who added it alone, until a task has come of the document. The row stays as a trace."""
        now = self.clock.now()
        async with self.engine.begin() as conn:
            document = await self.documents.find_own(conn, code, caller)
            found = _standing(await _files(conn, document), file_id)
            if found.added_by != caller.sub:
                raise Problem(NOT_PERMITTED, extra={"by": ["added_by"]})
            if await has_tasks(conn, document.code):
                raise Problem(problems.DOCUMENT_IN_USE)
            await repository.remove(conn, found, at=now, by=caller.sub)
            await DISCARDED.add(conn, found.keys, now)

    @property
    def _keeping(self) -> Keeping:
        """How a file comes into the storage."""
        rules = self.rules
        wanted = Wanted(rules.media_types, rules.most_pixels, rules.thumbnail_pixels)
        read = partial(cleaned, most_unpacked=rules.most_unpacked_bytes)
        here = self.engine, self.clock, self.objects, self.scanner, self.places
        return Keeping(*here, DISCARDED, TAKEN, wanted, read)

    def _known(self, files: Sequence[DocumentFile], form: DocumentFileIn, given: Given) -> DocumentFile | None:
        """What the same bytes became, of the files that stand. Raises 422 where the file has no place or no room."""
        later = replacements(files)
        standing = {each.id: each for each in files if each.removed_at is None and each.id not in later}
        same = next((each for each in standing.values() if each.source_sha256 == given.sha256), None)
        if same is not None:
            if form.replaces not in {None, same.replaces}:
                raise problems.there_already(same.name)
            return same
        if form.replaces is not None and form.replaces not in standing:
            raise problems.not_standing()
        if sum(each.removed_at is None for each in files) >= self.rules.most:
            raise problems.too_many(self.rules.most)
        return None

    async def _add(
        self,
        conn: AsyncConnection,
        document: Document,
        files: Sequence[DocumentFile],
        form: DocumentFileIn,
        given: Given,
        kept: Kept | None,
        caller: Principal,
    ) -> DocumentFile:
        if kept is None or not await DISCARDED.keep(conn, kept.keys):
            raise overloaded()  # what was there a moment ago was taken back meanwhile
        made = DocumentFile(
            id=uuid7(),
            document_id=document.id,
            code=document.code,
            number=max((each.number for each in files), default=0) + 1,
            caption=form.caption,
            media_type=kept.cleaned.media_type,
            size=kept.size,
            sha256=kept.sha256,
            source_sha256=given.sha256,
            thumbnail_sha256=kept.thumbnail_sha256,
            scanned=kept.scanned,
            replaces=form.replaces,
            added_at=self.clock.now(),
            added_by=caller.sub,
        )
        await repository.add(conn, made)
        return made


async def _files(conn: AsyncConnection, document: Document) -> Sequence[DocumentFile]:
    return (await files_of(conn, document))[document.code]


def _standing(files: Sequence[DocumentFile], file_id: UUID) -> DocumentFile:
    """That one of them, replaced or not. Raises 404 for what was taken back."""
    found = next((each for each in files if each.id == file_id and each.removed_at is None), None)
    if found is None:
        raise problems.no_file()
    return found
