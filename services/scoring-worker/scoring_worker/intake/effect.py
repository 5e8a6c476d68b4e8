"""What the worker does with its stream, and about once a second without it."""

from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.stream import Inbox
from cchc_shared.stream.inbox import Outcome
from scoring_worker.intake.handler import Scoring


class ScoringInbox(Inbox):
    """An inbox that also lets time take effect."""

    def __init__(self, scoring: Scoring) -> None:
        super().__init__(scoring)
        self._scoring = scoring

    async def retry(self, conn: AsyncConnection) -> Outcome:
        """Events that operators released; in a second without any, duties whose hour has passed."""
        outcome = await super().retry(conn)
        # One of the two in a transaction: each locks the rows of units in order, both together would not.
        if not outcome.applied:
            await self._scoring.mature(conn)
        return outcome
