"""Writes new reports in groups: one statement, one commit, and an outcome for each report."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cchc_shared.contract.events import new_event
from cchc_shared.contract.events.feedback import FeedbackReceived
from cchc_shared.storage.group_commit import GroupCommit, Overloaded
from cchc_shared.storage.idempotency import KeyReused
from cchc_shared.stream.outbox import EventTooLarge
from feedback_api.intake import repository
from feedback_api.intake.acknowledgement import Answer
from feedback_api.intake.codes import CodeSequence
from feedback_api.intake.domain import NewReport
from feedback_api.intake.problems import channel_ref_conflict
from feedback_api.intake.repository import IntakeRow
from feedback_api.reports.contacts import ContactCipher
from feedback_api.reports.domain import state
from feedback_api.reports.fingerprint import differing
from feedback_api.reports.repository import secret_digest_of

Outcome = Answer | Exception

DRAIN_SECONDS = 3.0
WRITE_SECONDS = 5.0
"""How long a report waits for its code, and how long for its group: a connection that is dead may cost either."""


class IntakeWriter:
    """Joins the reports that come in at the same time."""

    def __init__(self, engine: AsyncEngine, cipher: ContactCipher) -> None:
        self._engine = engine
        self._cipher = cipher
        self._codes = CodeSequence(engine, WRITE_SECONDS)
        self._group: GroupCommit[NewReport, Answer] = GroupCommit(self._write, seconds=WRITE_SECONDS)
        self._connection: AsyncConnection | None = None

    async def new_code(self, year: int) -> str:
        """A code for a report received in that local year. Raises `Overloaded` before any work is done for it."""
        self._group.refuse_when_full()
        return f"PA-{year % 100:02d}-{await self._codes.next():06d}"

    async def submit(self, new: NewReport) -> Answer:
        """The answer to the sender, after the commit.

        Raises `Overloaded`, `KeyReused`, or the database's error when this report cannot be written.
        """
        return await self._group.submit(new)

    async def secret_digest(self, code: str) -> bytes:
        """What is stored of the tracking secret of a report that is there."""
        async with self._engine.connect() as conn:
            return await secret_digest_of(conn, code)

    @property
    def stuck_seconds(self) -> float:
        """How long the group at work has been at it; 0 when there is none."""
        return self._group.stuck_seconds

    async def drain(self) -> None:
        """Wait until everything that was submitted is written, within a bound: its callers have gone by now."""
        await self._group.drain(DRAIN_SECONDS)
        if self._connection is not None and not self.stuck_seconds:  # in the middle of a statement it cannot be closed
            await self._connection.close()

    async def _write(self, new_reports: Sequence[NewReport]) -> list[Outcome]:
        # The same key twice in one group: the first is written, the others get its answer.
        leaders: dict[object, NewReport] = {}
        for new in new_reports:
            leaders.setdefault(_identity(new), new)
        # Rows are made one after the other, here: made as reports come in, between other work, each takes half as long
        # again.
        rows, outcomes = [], dict[object, Outcome]()
        for identity, new in leaders.items():
            try:
                rows.append(self._row(new))
            except EventTooLarge as error:
                outcomes[identity] = error
        written = await self._write_leaders(rows) if rows else []
        outcomes |= {_identity(row.new): outcome for row, outcome in zip(rows, written, strict=True)}
        return [
            outcomes[_identity(new)] if new.request.digest == leaders[_identity(new)].request.digest else KeyReused()
            for new in new_reports
        ]

    async def _write_leaders(self, rows: Sequence[IntakeRow]) -> list[Outcome]:
        # One statement is a transaction of its own: nothing waits for a BEGIN and a COMMIT to go back and forth. Its
        # connection is kept: giving it back and taking it again takes this process half a millisecond for each group.
        if self._connection is None:
            self._connection = await self._engine.connect()
        written = await _insert(self._connection, rows)
        if len(written) == len(rows):
            return [row.answer for row in rows]
        known = await self._known([row.new for row in rows if row.new.feedback.code not in written])
        return [row.answer if row.new.feedback.code in written else known[id(row.new)] for row in rows]

    async def _known(self, new_reports: Sequence[NewReport]) -> dict[int, Outcome]:
        """What is answered to new reports whose key was used before, or whose channel's id is there."""
        requests = [new.request for new in new_reports]
        try:
            async with self._engine.begin() as conn:
                stored = await repository.stored_replies(conn, requests)
                first = await repository.same_reports(conn, new_reports)
                same = {
                    id(new): _compared(new, first[_channel_id(new)]) for new in new_reports if _channel_id(new) in first
                }
                for new in sorted(new_reports, key=_used):  # in one order by everyone, as keys are claimed
                    answer = same.get(id(new))
                    if new.request.key is not None and _used(new) not in stored and isinstance(answer, Answer):
                        await repository.store_reply(conn, new.request, answer.stored())
                stored |= await repository.stored_replies(conn, requests)
        except (SQLAlchemyError, OSError) as error:  # the others of the group are written, and must not fail with these
            return {id(new): error for new in new_reports}
        outcomes: dict[int, Outcome] = {}
        for new in new_reports:
            if new.request.key is not None and _used(new) in stored:
                digest, reply = stored[_used(new)]
                outcomes[id(new)] = Answer.restored(reply) if digest == new.request.digest else KeyReused()
            else:  # neither is there any more when the key was purged just now
                outcomes[id(new)] = same.get(id(new)) or Overloaded()
        return outcomes

    def _row(self, new: NewReport) -> IntakeRow:
        feedback = new.feedback
        event = new_event(
            FeedbackReceived(**state(feedback)),
            subject=feedback.code,
            version=feedback.version,
            occurred_at=feedback.received_at,
            recorded_at=feedback.recorded_at,
            traceparent=new.trace,
        )
        seal = None if new.contact is None else self._cipher.seal(feedback.code, new.contact)
        return repository.row(new, Answer.about(201, feedback, new.notices), seal, event)


async def _insert(conn: AsyncConnection, rows: Sequence[IntakeRow]) -> set[str]:
    """Insert the new rows; try again when another process claimed one of our keys.

    It ends, because each attempt sees at least one more committed key.
    """
    while True:
        try:
            return await repository.write(conn, rows)
        except DBAPIError as error:
            if not repository.is_claimed(error):
                raise


def _compared(new: NewReport, first: Any) -> Outcome:
    """What is answered about the report that holds a channel's id, to one that comes under it."""
    differ = differing(first.fingerprint, new.fingerprints)
    return channel_ref_conflict(first.code, first.version, differ) if differ else Answer.about(200, first, new.notices)


def _used(new: NewReport) -> tuple[str, str]:
    return new.request.caller, new.request.key or ""


def _channel_id(new: NewReport) -> tuple[str, str, str | None]:
    return new.feedback.channel, new.feedback.channel_owner, new.feedback.channel_ref


def _identity(new: NewReport) -> object:
    """What makes two reports of a group one request: caller and key, or else nothing but themselves."""
    return id(new) if new.request.key is None else (new.request.caller, new.request.key)
