"""Writes drafts in groups: one statement, one commit, and for each draft its own outcome."""

from collections.abc import Sequence

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
from feedback_api.intake.domain import Draft
from feedback_api.intake.repository import Row
from feedback_api.reports.contacts import ContactCipher
from feedback_api.reports.domain import state

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
        self._group: GroupCommit[Draft, Answer] = GroupCommit(self._write, seconds=WRITE_SECONDS)
        self._connection: AsyncConnection | None = None

    async def new_code(self, year: int) -> str:
        """A code for a report received in that local year. Raises `Overloaded` before any work is done for it."""
        self._group.refuse_when_full()
        return f"PA-{year % 100:02d}-{await self._codes.next():06d}"

    async def submit(self, draft: Draft) -> Answer:
        """The answer to the sender, after the commit.

        Raises `Overloaded`, `KeyReused`, or the database's error when this draft cannot be written.
        """
        return await self._group.submit(draft)

    @property
    def stuck_seconds(self) -> float:
        """How long the group at work has been at it; 0 when there is none."""
        return self._group.stuck_seconds

    async def drain(self) -> None:
        """Wait until everything that was submitted is written, within a bound: its callers have gone by now."""
        await self._group.drain(DRAIN_SECONDS)
        if self._connection is not None and not self.stuck_seconds:  # in the middle of a statement it cannot be closed
            await self._connection.close()

    async def _write(self, drafts: Sequence[Draft]) -> list[Outcome]:
        # The same key twice in one group: the first is written, the others get its answer.
        leaders: dict[object, Draft] = {}
        for draft in drafts:
            leaders.setdefault(_identity(draft), draft)
        # Rows are made one after the other, here: made as reports come in, between other work, each takes half as long
        # again.
        rows, outcomes = [], dict[object, Outcome]()
        for identity, draft in leaders.items():
            try:
                rows.append(self._row(draft))
            except EventTooLarge as error:
                outcomes[identity] = error
        written = await self._write_leaders(rows) if rows else []
        outcomes |= {_identity(row.draft): outcome for row, outcome in zip(rows, written, strict=True)}
        return [
            outcomes[_identity(draft)]
            if draft.request.digest == leaders[_identity(draft)].request.digest
            else KeyReused()
            for draft in drafts
        ]

    async def _write_leaders(self, rows: Sequence[Row]) -> list[Outcome]:
        # One statement is a transaction of its own: nothing waits for a BEGIN and a COMMIT to go back and forth. Its
        # connection is kept: giving it back and taking it again takes this process half a millisecond for each group.
        if self._connection is None:
            self._connection = await self._engine.connect()
        written = await _insert(self._connection, rows)
        if len(written) == len(rows):
            return [row.answer for row in rows]
        known = await self._known([row.draft for row in rows if row.draft.feedback.code not in written])
        return [row.answer if row.draft.feedback.code in written else known[id(row.draft)] for row in rows]

    async def _known(self, drafts: Sequence[Draft]) -> dict[int, Outcome]:
        """What is answered to drafts whose key was used before, or whose channel's id is there."""
        requests = [draft.request for draft in drafts]
        try:
            async with self._engine.begin() as conn:
                stored = await repository.stored_replies(conn, requests)
                same = {
                    channel_id: Answer.about(200, report)
                    for channel_id, report in (await repository.same_reports(conn, drafts)).items()
                }
                for draft in sorted(drafts, key=_used):  # in one order by everyone, as keys are claimed
                    answer = same.get(_channel_id(draft))
                    if draft.request.key is not None and _used(draft) not in stored and answer is not None:
                        await repository.store_reply(conn, draft.request, answer.reply())
                stored |= await repository.stored_replies(conn, requests)
        except (SQLAlchemyError, OSError) as error:  # the others of the group are written, and must not fail with these
            return {id(draft): error for draft in drafts}
        outcomes: dict[int, Outcome] = {}
        for draft in drafts:
            if draft.request.key is not None and _used(draft) in stored:
                digest, reply = stored[_used(draft)]
                outcomes[id(draft)] = Answer.restored(reply) if digest == draft.request.digest else KeyReused()
            else:  # neither is there any more when the key was purged just now
                outcomes[id(draft)] = same.get(_channel_id(draft)) or Overloaded()
        return outcomes

    def _row(self, draft: Draft) -> Row:
        feedback = draft.feedback
        event = new_event(
            FeedbackReceived(**state(feedback)),
            subject=feedback.code,
            version=feedback.version,
            occurred_at=feedback.received_at,
            recorded_at=feedback.recorded_at,
            traceparent=draft.trace,
        )
        sealed = None if draft.contact is None else self._cipher.seal(feedback.code, draft.contact)
        return repository.row(draft, Answer.about(201, feedback), sealed, event)


async def _insert(conn: AsyncConnection, rows: Sequence[Row]) -> set[str]:
    """Insert the new rows; try again when another process claimed one of our keys.

    It ends, because each attempt sees at least one more committed key.
    """
    while True:
        try:
            return await repository.write(conn, rows)
        except DBAPIError as error:
            if not repository.is_claimed(error):
                raise


def _used(draft: Draft) -> tuple[str, str]:
    return draft.request.caller, draft.request.key or ""


def _channel_id(draft: Draft) -> tuple[str, str, str | None]:
    return draft.feedback.channel, draft.feedback.channel_owner, draft.feedback.channel_ref


def _identity(draft: Draft) -> object:
    """What makes two drafts of a group one request: caller and key, or else nothing but themselves."""
    return id(draft) if draft.request.key is None else (draft.request.caller, draft.request.key)
