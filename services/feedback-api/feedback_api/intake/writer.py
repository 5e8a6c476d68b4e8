"""Writes drafts in groups: one statement, one commit, and for each draft its own outcome."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Self

import msgspec
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cchc_shared.contract.codes import FeedbackStatus
from cchc_shared.contract.events import new_event
from cchc_shared.contract.events.feedback import FeedbackReceived
from cchc_shared.http.etag import etag
from cchc_shared.http.problems import overloaded
from cchc_shared.storage.group_commit import GroupCommit
from cchc_shared.storage.idempotency import KeyReused, Reply
from feedback_api.contacts.cipher import ContactCipher
from feedback_api.intake import repository
from feedback_api.intake.domain import Draft
from feedback_api.intake.repository import Numbers, Row


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
        self._at_once = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._cipher = cipher
        self._numbers = Numbers(engine)
        self._group: GroupCommit[Row, Reply] = GroupCommit(self._write)

    async def submit(self, draft: Draft) -> Reply:
        """The reply to the sender, after the commit. Raises a problem when this draft cannot be written."""
        self._group.refuse_when_full()  # before any work is done for it
        return await self._group.submit(self._row(await self._numbers.next(), draft))

    async def drain(self) -> None:
        """Wait until everything that was submitted is written."""
        await self._group.drain()

    async def _write(self, rows: Sequence[Row]) -> list[Outcome]:
        # The same key twice in one group: the first is written, the others get its answer.
        leaders: dict[object, Row] = {}
        for row in rows:
            leaders.setdefault(_identity(row.draft), row)
        outcomes = dict(zip(leaders, await self._write_leaders(list(leaders.values())), strict=True))
        return [
            outcomes[_identity(row.draft)]
            if row.draft.request.digest == leaders[_identity(row.draft)].draft.request.digest
            else KeyReused()
            for row in rows
        ]

    async def _write_leaders(self, rows: Sequence[Row]) -> list[Outcome]:
        # One statement is a transaction of its own: nothing waits for a BEGIN and a COMMIT to go back and forth.
        async with self._at_once.connect() as conn:
            written = await _insert(conn, rows)
        if len(written) == len(rows):
            return [row.reply for row in rows]
        known = await self._known([row.draft for row in rows if row.code not in written])
        return [row.reply if row.code in written else known[id(row.draft)] for row in rows]

    async def _known(self, drafts: Sequence[Draft]) -> dict[int, Outcome]:
        """What is answered to drafts whose key was used before, or whose channel's id is there."""
        try:
            async with self._engine.begin() as conn:
                kept = await repository.kept_replies(conn, [draft.request for draft in drafts])
                same = await repository.same_reports(conn, drafts)
                for draft in sorted(drafts, key=_used):  # in one order by everyone, as keys are claimed
                    report = same.get((draft.channel, draft.channel_owner, draft.channel_ref))
                    if draft.request.key is not None and _used(draft) not in kept and report is not None:
                        await repository.keep_reply(conn, draft.request, Acknowledgement.of(report).reply(200))
                kept |= await repository.kept_replies(conn, [draft.request for draft in drafts])
        except (SQLAlchemyError, OSError) as error:  # the others of the group are written: they shall be told so
            return {id(draft): error for draft in drafts}
        outcomes: dict[int, Outcome] = {}
        for draft in drafts:
            report = same.get((draft.channel, draft.channel_owner, draft.channel_ref))
            if draft.request.key is not None and _used(draft) in kept:
                digest, reply = kept[_used(draft)]
                outcomes[id(draft)] = reply if digest == draft.request.digest else KeyReused()
            else:  # neither is there any more when the key was forgotten just now
                outcomes[id(draft)] = overloaded() if report is None else Acknowledgement.of(report).reply(200)
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
        return repository.row(
            code,
            draft,
            Acknowledgement(**fields, version=1, channel_ref=draft.channel_ref).reply(201),
            None if draft.contact is None else self._cipher.seal(code, draft.contact),
            new_event(
                FeedbackReceived(**fields),
                subject=code,
                version=1,
                occurred_at=draft.received_at,
                recorded_at=draft.recorded_at,
                traceparent=draft.traceparent,
            ),
        )


async def _insert(conn: AsyncConnection, rows: Sequence[Row]) -> set[str]:
    """Write what is new; again after each key that another process claimed meanwhile, of which there is an end."""
    while True:
        try:
            return await repository.write(conn, rows)
        except IntegrityError as error:
            if not repository.is_claimed(error):
                raise


def _used(draft: Draft) -> tuple[str, str]:
    return draft.request.caller, draft.request.key or ""


def _identity(draft: Draft) -> object:
    """What makes two drafts of a group one request: caller and key, or else nothing but themselves."""
    return id(draft) if draft.request.key is None else (draft.request.caller, draft.request.key)
