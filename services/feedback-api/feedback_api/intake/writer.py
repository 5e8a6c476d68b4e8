"""Writes drafts in groups: one statement, one commit, and for each draft its own outcome."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Self

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cchc_shared.codes import FeedbackStatus
from cchc_shared.events import new_event
from cchc_shared.events.feedback import FeedbackReceived
from cchc_shared.group_commit import GroupCommit
from cchc_shared.http.etag import etag
from cchc_shared.http.idempotency import Reply, reused
from feedback_api.contacts.cipher import ContactCipher
from feedback_api.intake import repository
from feedback_api.intake.domain import Draft
from feedback_api.intake.repository import Numbers, Row
from feedback_api.intake.secrets import secret_digest


class Acknowledgement(msgspec.Struct, frozen=True):
    """What the sender is told, and what is kept of it under the idempotency key: never the tracking secret."""

    code: str
    status: str
    version: int
    unit: str
    channel: str
    channel_ref: str | None
    kind: str
    category: str | None
    severity: str
    received_at: datetime
    accept_due_at: datetime
    resolve_due_at: datetime

    @classmethod
    def of(cls, report: Any) -> Self:
        return cls(**{name: getattr(report, name) for name in cls.__struct_fields__})

    def reply(self, status: int) -> Reply:
        headers = {"Location": f"/v1/feedback/{self.code}", "ETag": etag(self.version)}
        return Reply(status, msgspec.json.encode(self), headers)


Outcome = Reply | Exception


class IntakeWriter:
    """Joins the reports that come in at the same time."""

    def __init__(self, engine: AsyncEngine, cipher: ContactCipher) -> None:
        self._engine = engine
        self._cipher = cipher
        self._numbers = Numbers()
        self._group: GroupCommit[Draft, Reply] = GroupCommit(self._write)

    async def submit(self, draft: Draft) -> Reply:
        """The reply to the sender, after the commit. Raises a problem when this draft cannot be written."""
        return await self._group.submit(draft)

    async def drain(self) -> None:
        """Wait until everything that was submitted is written."""
        await self._group.drain()

    async def _write(self, drafts: Sequence[Draft]) -> list[Outcome]:
        # The same key twice in one group: the first is written, the others get its answer.
        leaders: dict[object, Draft] = {}
        for draft in drafts:
            leaders.setdefault(_identity(draft), draft)
        async with self._engine.begin() as conn:
            written = await self._write_leaders(conn, list(leaders.values()))
        outcomes = dict(zip(leaders, written, strict=True))
        return [
            outcomes[_identity(draft)] if draft.request.digest == leaders[_identity(draft)].request.digest else reused()
            for draft in drafts
        ]

    async def _write_leaders(self, conn: AsyncConnection, drafts: Sequence[Draft]) -> list[Outcome]:
        numbers = await self._numbers.take(conn, len(drafts))
        rows = [self._row(number, draft) for number, draft in zip(numbers, drafts, strict=True)]
        written = await repository.write(conn, rows)
        if len(written) == len(rows) and all(written.values()):
            return [row.reply for row in rows]
        kept = await repository.kept_replies(conn, [r.draft.request for r in rows if r.code not in written])
        same = await repository.same_reports(conn, [r.draft for r in rows if written.get(r.code) is False])
        outcomes: list[Outcome] = []
        for row in rows:
            draft, request = row.draft, row.draft.request
            if row.code not in written:
                digest, reply = kept[(request.caller, request.key or "")]
                outcomes.append(reply if digest == request.digest else reused())
            elif written[row.code]:
                outcomes.append(row.reply)
            else:
                existing = same[(draft.channel, draft.channel_owner, draft.channel_ref)]
                reply = Acknowledgement.of(existing).reply(200)
                if request.key is not None:
                    await repository.keep_reply(conn, request, reply)
                outcomes.append(reply)
        return outcomes

    def _row(self, number: int, draft: Draft) -> Row:
        code = f"PA-{draft.year % 100:02d}-{number:06d}"
        fields: dict[str, Any] = {
            "code": code,
            "channel": draft.channel,
            "kind": draft.kind,
            "category": draft.category,
            "severity": draft.severity,
            "status": FeedbackStatus.RECEIVED,
            "unit": draft.unit,
            "received_at": draft.received_at,
            "accept_due_at": draft.accept_due_at,
            "resolve_due_at": draft.resolve_due_at,
        }
        return Row(
            code=code,
            draft=draft,
            secret_digest=secret_digest(draft.secret),
            sealed=None if draft.contact is None else self._cipher.seal(code, draft.contact),
            event=new_event(
                FeedbackReceived(**fields),
                subject=code,
                version=1,
                occurred_at=draft.received_at,
                recorded_at=draft.recorded_at,
                traceparent=draft.traceparent,
            ),
            reply=Acknowledgement(**fields, version=1, channel_ref=draft.channel_ref).reply(201),
        )


def _identity(draft: Draft) -> object:
    """What makes two drafts of a group one request: caller and key, or else nothing but themselves."""
    return id(draft) if draft.request.key is None else (draft.request.caller, draft.request.key)
