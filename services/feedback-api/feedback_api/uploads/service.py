"""A file that comes in parts. What has arrived is kept, whatever breaks; the last part makes it an attachment."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Final, NamedTuple
from uuid import UUID

from anyio import open_file
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from uuid_utils.compat import uuid4, uuid7

from cchc_shared.calendar.clock import Clock
from cchc_shared.contract.rules import RuleBroken
from cchc_shared.files.forms import digest
from cchc_shared.files.problems import INFECTED
from cchc_shared.http.access import Principal
from cchc_shared.http.field_errors import FieldError
from cchc_shared.http.kinds import kind
from cchc_shared.http.problems import Problem, invalid, not_found, too_large
from cchc_shared.storage.idempotency import Reply, once
from feedback_api.attachments.access import Attacher
from feedback_api.attachments.problems import too_many
from feedback_api.attachments.schemas import Words
from feedback_api.attachments.service import ANYONE, Attachments
from feedback_api.reports.attachments import Attachment, discard
from feedback_api.uploads import repository
from feedback_api.uploads.metadata import UploadWords
from feedback_api.uploads.repository import Upload

WRONG_OFFSET: Final = kind(
    "wrong-offset",
    409,
    vi="Phần này không nối tiếp những gì đã nhận.",
    en="This part does not follow what has arrived.",
    mend_vi="Hỏi `HEAD` để biết `Upload-Offset`, rồi gửi tiếp từ đó.",
    mend_en="Ask `HEAD` for `Upload-Offset`, and go on from there.",
)

CHUNK: Final = 256 * 1024
REMOVED_AFTER: Final = timedelta(hours=1)
"""A part stays so much longer than its upload: nobody reads it any more then."""


class Part(NamedTuple):
    """A piece of a file on the disk, as much of it as arrived."""

    file: Path
    size: int


@dataclass(frozen=True, slots=True)
class Uploads:
    """The use cases. An upload belongs to whoever began it, for as long as they may attach files to its report."""

    engine: AsyncEngine
    reading: AsyncEngine
    clock: Clock
    attachments: Attachments

    @property
    def most_bytes(self) -> int:
        """The largest file."""
        return self.attachments.bounds.most_bytes

    async def create(
        self, words: UploadWords, length: int, caller: Principal | None, secret: str | None, key: str | None
    ) -> Reply:
        """A new upload, whose path is in `Location`. Raises 404, 403, 413, 422."""
        attacher = await self.attachments.attacher(words.report, caller, secret)
        bounds, now = self.attachments.bounds, self.clock.now()
        if length > bounds.most_bytes:
            raise too_large(bounds.most_bytes, "header.Upload-Length")

        async def work(conn: AsyncConnection) -> Reply:
            await self.attachments.check_room(conn, attacher)
            if await repository.unfinished(conn, attacher.code, attacher.side, now) >= bounds.most_per_report:
                raise too_many(bounds.most_per_report)
            upload = Upload(
                id=uuid7(),
                code=attacher.code,
                by=attacher.side,
                uploaded_by=attacher.sub,
                purpose=words.purpose,
                caption=words.caption or None,
                length=length,
                expires_at=now + timedelta(hours=bounds.upload_hours),
            )
            await repository.begin(conn, upload)
            return Reply(201, b"", {"Location": f"/v1/uploads/{upload.id}", **expiry(upload)})

        request = hashlib.sha256(f"{length}\n{words.model_dump_json()}".encode()).digest()
        who = attacher.sub or ANYONE
        return await once(self.engine, caller=who, key=key, digest=request, work=work, about=attacher.code)

    async def find(self, upload_id: UUID, caller: Principal | None, secret: str | None) -> Upload:
        """The caller's upload. Raises 404."""
        async with self.reading.connect() as conn:
            upload = await repository.find(conn, upload_id, self.clock.now())
        if upload is None:
            raise _no_upload()
        attacher = await self.attachments.known_attacher(upload.code, caller, secret)
        if attacher is None or (attacher.side, attacher.sub) != (upload.by, upload.uploaded_by):
            raise _no_upload()
        return upload

    async def append(self, upload: Upload, part: Part) -> Upload:
        """The upload with this part, which follows what has arrived. Raises 409 if another one came before."""
        if part.size == 0:
            return upload
        if upload.received + part.size == upload.length:
            return await self._finish(upload, part)
        if len(upload.parts) >= (most := self.attachments.bounds.most_parts):
            few = f"chỉ được chia thành {most} phần", f"may come in {most} parts at most"
            raise invalid([FieldError("body", *few)])
        key = f"uploads/{upload.id}/{uuid4()}"
        async with self.engine.begin() as conn:
            await discard(conn, (key,), upload.expires_at + REMOVED_AFTER)
        await self.attachments.objects.put(key, part.file)
        async with self.engine.begin() as conn:
            appended = await repository.append(conn, upload, key, part.size)
            if not appended:  # nothing will ever read it: many of them at once would fill the storage for a day
                await discard(conn, (key,), self.clock.now())
        if not appended:
            raise Problem(WRONG_OFFSET)
        async with self.reading.connect() as conn:
            return await repository.find(conn, upload.id, self.clock.now()) or upload

    async def end(self, upload: Upload) -> None:
        """Forget the upload and its parts; what it became stays."""
        async with self.engine.begin() as conn:
            await repository.end(conn, upload.id)
            await discard(conn, upload.parts, self.clock.now())

    async def _finish(self, upload: Upload, last: Part) -> Upload:
        """Make an attachment of all parts. A file that is refused ends its upload."""
        whole = last.file.with_name("given")
        await self._join(upload, last, whole)

        async def also(conn: AsyncConnection, attachment: Attachment) -> None:
            if not await repository.finish(conn, upload, attachment.id):
                raise Problem(WRONG_OFFSET)
            await discard(conn, upload.parts, self.clock.now())

        attacher = Attacher(upload.code, upload.by, upload.uploaded_by)
        words = Words(purpose=upload.purpose, caption=upload.caption)
        try:
            await self.attachments.take(attacher, words, await digest(whole), also=also)
        except RuleBroken:
            await self.end(upload)
            raise
        except Problem as problem:
            if problem.kind is INFECTED:
                await self.end(upload)
            raise
        async with self.reading.connect() as conn:
            return await repository.find(conn, upload.id, self.clock.now()) or upload

    async def _join(self, upload: Upload, last: Part, whole: Path) -> None:
        async with await open_file(whole, "wb") as file:
            for key in upload.parts:
                async for piece in (await self.attachments.objects.get(key)).pieces:
                    await file.write(piece)
            async with await open_file(last.file, "rb") as part:
                while piece := await part.read(CHUNK):
                    await file.write(piece)


def expiry(upload: Upload) -> dict[str, str]:
    """The header that says until when an upload may go on."""
    return {"Upload-Expires": format_datetime(upload.expires_at, usegmt=True)}


def _no_upload() -> Problem:
    return not_found("lượt tải lên này", "this upload")
