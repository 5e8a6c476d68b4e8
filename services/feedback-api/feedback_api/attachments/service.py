"""Taking files in, showing them, and deciding who sees them.

A file is cleaned before anything of it is stored. It is stored before the row that refers to it is written, and is on
the list of what is to be removed until then.
"""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, NamedTuple
from uuid import UUID

from anyio import CapacityLimiter
from msgspec.structs import replace
from prometheus_client import Counter
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from uuid_utils.compat import uuid7

from cchc_shared.calendar.clock import Clock
from cchc_shared.files.forms import Given
from cchc_shared.files.images import Cleaned, Wanted
from cchc_shared.files.keeping import Keeping, Kept
from cchc_shared.files.objects import Objects
from cchc_shared.files.problems import Infected, infected
from cchc_shared.files.scanning import Scanner
from cchc_shared.http.access import Principal
from cchc_shared.http.problems import Problem, not_found, overloaded, too_large
from cchc_shared.service.workflow import NOT_PERMITTED, WRONG_STATE
from cchc_shared.storage.idempotency import Reply, once
from feedback_api.attachments import access, problems, repository, views
from feedback_api.attachments.access import Attacher
from feedback_api.attachments.rules import Bounds
from feedback_api.attachments.schemas import AttachmentList, AttachmentOut, Words
from feedback_api.reports import attachments
from feedback_api.reports import repository as reports
from feedback_api.reports.attachments import Attachment, Scan, Side
from feedback_api.reports.domain import Erased, Feedback
from feedback_api.reports.models import DISCARDED

TAKEN = Counter("cchc_attachments_total", "Files that were sent, by what became of them", ["outcome"])

ANYONE: Final = ""
"""Stands for the caller of a request without a token, whose idempotency keys are shared."""
OCTETS: Final = "application/octet-stream"

Also = Callable[[AsyncConnection, Attachment], Awaitable[None]]
"""What belongs to the same transaction as the new row."""


class Found(NamedTuple):
    """An attachment that its reader may see, with its report."""

    report: Feedback
    attachment: Attachment


@dataclass(frozen=True, slots=True)
class Attachments:
    """The use cases. `places` bounds how many files are read at once."""

    engine: AsyncEngine
    reading: AsyncEngine
    clock: Clock
    bounds: Bounds
    objects: Objects
    scanner: Scanner | None
    places: CapacityLimiter

    async def attacher(self, code: str, caller: Principal | None, secret: str | None) -> Attacher:
        """What the caller attaches as. Raises 404 and 403."""
        async with self.reading.connect() as conn:
            report = _readable(await reports.load(conn, code), caller, secret)
        attacher = access.attacher(caller, secret, report)
        if attacher is None:
            raise _not_permitted(*Side)
        return attacher

    async def known_attacher(self, code: str, caller: Principal | None, secret: str | None) -> Attacher | None:
        """The same of a report that the caller began to send a file for; None if they may do so no more."""
        async with self.reading.connect() as conn:
            report = await reports.load(conn, code)
        return None if report is None else access.attacher(caller, secret, report)

    async def take(
        self, attacher: Attacher, words: Words, given: Given, *, key: str | None = None, also: Also | None = None
    ) -> Reply:
        """Keep the file, and reply with the attachment after the commit; the same bytes again are the same one.

        Raises 413, 422 for what is not taken, and 503 where scanner or storage do not work: nothing is kept then.
        """
        if given.size > self.bounds.most_bytes:
            raise too_large(self.bounds.most_bytes)
        async with self.reading.connect() as conn:
            known = await repository.same(conn, attacher.code, attacher.side, given.sha256)
            if known is None:
                await self.check_room(conn, attacher)
        kept = await self._keep(attacher, words, given) if known is None else None

        async def work(conn: AsyncConnection) -> Reply:
            report = await self._locked(conn, attacher)
            known = await repository.same(conn, attacher.code, attacher.side, given.sha256)
            if known is None:
                known = await self._add(conn, attacher, words, given, kept)
            elif known.scan is Scan.INFECTED:
                raise infected()
            if also is not None:
                await also(conn, known)
            shown = views.attachment(report, known)
            return Reply(201, shown.model_dump_json(exclude_unset=True).encode(), {"Location": views.path(known)})

        request = _request(attacher, words, given)
        who = attacher.sub or ANYONE
        answer = await once(self.engine, caller=who, key=key, digest=request, work=work, about=attacher.code)
        TAKEN.labels("taken").inc()
        return answer

    async def shown(self, code: str, caller: Principal | None, secret: str | None) -> AttachmentList:
        """Those that the caller sees, oldest first. Raises 404 where the caller may know of nothing."""
        async with self.reading.connect() as conn:
            report = await reports.load(conn, code)
            every = await attachments.of_reports(conn, (code,))
        if report is None:
            raise not_found("phản ánh này", "this report")
        reader = access.reader(caller, secret, report)
        seen = [views.attachment(report, each) for each in every if access.sees(reader, report, each)]
        if not seen and reader is access.Reader.ANYONE:
            raise not_found("phản ánh này", "this report")
        return AttachmentList(items=seen)

    async def find(self, code: str, attachment_id: UUID, caller: Principal | None, secret: str | None) -> Found:
        """One that the caller sees. Raises 404."""
        async with self.reading.connect() as conn:
            report = await reports.load(conn, code)
            found = await repository.find(conn, code, attachment_id)
        if report is None or found is None:
            raise problems.no_attachment()
        if not access.sees(access.reader(caller, secret, report), report, found):
            raise problems.no_attachment()
        return Found(report, found)

    async def decide(self, code: str, attachment_id: UUID, caller: Principal, *, public: bool) -> AttachmentOut:
        """Show the attachment to everyone, which the report must be, or to nobody new. Raises 404, 403, 409."""
        async with self.engine.begin() as conn:
            report = _readable(await reports.load(conn, code, lock=True), caller, None)
            attacher = access.attacher(caller, None, report)
            if attacher is None or attacher.side not in attachments.OFFICIAL:
                raise _not_permitted(*attachments.OFFICIAL)
            found = await repository.find(conn, code, attachment_id)
            if found is None or found.scan is Scan.INFECTED:
                raise problems.no_attachment()
            if public and not report.is_public:
                raise Problem(WRONG_STATE, extra={"state": report.status, "possible": ["hide"]})
            await repository.decide(conn, attachment_id, public=public, by=caller.sub, at=self.clock.now())
        return views.attachment(report, replace(found, public=public))

    @property
    def _keeping(self) -> Keeping:
        """How a file comes into the storage."""
        bounds = self.bounds
        wanted = Wanted(bounds.media_types, bounds.most_pixels, bounds.thumbnail_pixels)
        here = self.engine, self.clock, self.objects, self.scanner, self.places
        return Keeping(*here, DISCARDED, TAKEN, wanted)

    async def _locked(self, conn: AsyncConnection, attacher: Attacher) -> Feedback:
        """The report, which changes no more until the transaction ends. Raises 404 for one that is gone or erased."""
        report = await reports.load(conn, attacher.code, lock=True)
        if report is None or report.erased is Erased.TEXT:
            raise not_found("phản ánh này", "this report")
        return report

    async def check_room(self, conn: AsyncConnection, attacher: Attacher) -> None:
        """Raises 422 where the report has as many files of this side as it may have: no side fills another's room."""
        if await repository.count(conn, attacher.code, attacher.side) >= self.bounds.most_per_report:
            raise problems.too_many(self.bounds.most_per_report)

    async def _add(
        self,
        conn: AsyncConnection,
        attacher: Attacher,
        words: Words,
        given: Given,
        kept: Kept | None,
        scan: Scan | None = None,
    ) -> Attachment:
        """The row, for a file whose objects are stored. The report must be locked."""
        await self.check_room(conn, attacher)
        if kept is None or not await DISCARDED.keep(conn, kept.keys):
            raise overloaded()  # what was there a moment ago was erased meanwhile
        attachment = Attachment(
            id=uuid7(),
            code=attacher.code,
            number=await repository.next_number(conn, attacher.code),
            by=attacher.side,
            uploaded_by=attacher.sub,
            uploaded_at=self.clock.now(),
            purpose=words.purpose,
            caption=words.caption or None,
            media_type=kept.cleaned.media_type,
            size=kept.size,
            sha256=kept.sha256,
            source_sha256=given.sha256,
            width=kept.cleaned.width,
            height=kept.cleaned.height,
            thumbnail_sha256=kept.thumbnail_sha256,
            scan=scan or (Scan.CLEAN if kept.scanned else Scan.UNSCANNED),
        )
        await repository.add(conn, attachment)
        return attachment

    async def _keep(self, attacher: Attacher, words: Words, given: Given) -> Kept:
        """Have it in the storage. Raises 503, and 422; that malware was sent is recorded."""
        try:
            return await self._keeping.keep(attacher.code, given)
        except Infected:
            unkept = Kept(Cleaned(OCTETS), given.size, given.sha256, None, scanned=True, keys=frozenset())
            async with self.engine.begin() as conn:
                await self._locked(conn, attacher)
                if await repository.same(conn, attacher.code, attacher.side, given.sha256) is None:
                    await self._add(conn, attacher, words, given, unkept, Scan.INFECTED)
            raise


def _request(attacher: Attacher, words: Words, given: Given) -> bytes:
    """What makes two requests the same: two forms with one file differ in their boundaries."""
    return hashlib.sha256(
        "\n".join((attacher.code, given.sha256.hex(), words.purpose, words.caption or "")).encode()
    ).digest()


def _readable(report: Feedback | None, caller: Principal | None, secret: str | None) -> Feedback:
    """The report, for its officials and its sender. Raises 404."""
    if report is None or access.reader(caller, secret, report) is access.Reader.ANYONE:
        raise not_found("phản ánh này", "this report")
    return report


def _not_permitted(*by: Side) -> Problem:
    return Problem(NOT_PERMITTED, extra={"by": sorted(by)})
