"""Follows reports, and lists those that a citizen follows."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cchc_shared.contract.rules import RuleBroken
from cchc_shared.contract.transitions import Step
from cchc_shared.http.access import Principal
from cchc_shared.http.paging import decode_cursor, encode_cursor, invalid_cursor
from cchc_shared.service.workflow import Command, Workflow
from cchc_shared.storage.idempotency import Reply
from cchc_shared.storage.records import record
from feedback_api.following import repository, views
from feedback_api.following.schemas import FollowedReports
from feedback_api.reports.domain import Feedback
from feedback_api.reports.transitions import FeedbackAction


@dataclass(frozen=True, slots=True)
class Following:
    """The use cases of who follows."""

    reading: AsyncEngine
    workflow: Workflow[Feedback, Feedback]

    async def follow(self, command: Command, *, following: bool) -> Reply:
        """Follow a report, or follow it no more, and reply with what everyone may know of it.

        Its version stays: whoever works on it need not read it again because somebody follows it.
        """

        async def effect(conn: AsyncConnection, step: Step[Feedback]) -> None:
            code, sub = step.before.code, command.caller.sub
            if following:
                changed = await repository.add(conn, code, sub, step.at)
            else:
                changed = await repository.remove(conn, code, sub)
            if not changed:
                raise RuleBroken(
                    "following",
                    "đang theo dõi phản ánh này rồi" if following else "hiện không theo dõi phản ánh này",
                    "is so already" if following else "is not so now",
                )

        return await self.workflow.run(command, FeedbackAction.FOLLOW, effect)

    async def page(self, caller: Principal, cursor: str | None, limit: int) -> FollowedReports:
        """What the caller follows, newest first. Raises a problem for a cursor that is not one of ours."""
        after = None if cursor is None else _place(cursor)
        async with self.reading.connect() as conn:
            rows = await repository.page(conn, caller.sub, after, limit + 1)
        last = rows[limit - 1] if len(rows) > limit else None
        return FollowedReports(
            items=[views.followed(record(row, Feedback), following=row["chosen"]) for row in rows[:limit]],
            next_cursor=None if last is None else encode_cursor(last["since"].isoformat(), last["code"]),
        )


def _place(cursor: str) -> repository.Place:
    at, code = decode_cursor(cursor, datetime, str)
    try:
        return at.astimezone(UTC), code
    except OverflowError as error:
        raise invalid_cursor() from error
