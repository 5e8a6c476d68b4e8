"""Request and response models of standard replies."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Path
from pydantic import Field

from cchc_shared.contract.codes import FeedbackKind, Role
from cchc_shared.http.paging import Cursor, Limit
from cchc_shared.http.schemas import In, Out, UnitCode, bounded
from feedback_api.standard_replies.domain import Blank

ReplyId = Annotated[UUID, Path(description="Id of a standard reply")]
Category = Annotated[str, bounded(60, min_length=1)]


class StandardReplyIn(In):
    """A text that officials begin an answer with. What stands in braces is filled in from the report."""

    title: Annotated[str, bounded(200, min_length=1)]
    text: Annotated[str, bounded(20_000, min_length=1)] = Field(
        description="Blanks: `{code}`, `{unit}`, `{category}`, `{received_on}`, `{answer_by}`. A brace itself is "
        "written twice"
    )
    unit: UnitCode | None = Field(
        default=None, description="Whose it is. If absent: every unit's; of a head, their own unit's"
    )
    kind: FeedbackKind | None = Field(default=None, description="For reports of this kind; for all if absent")
    category: Category | None = Field(default=None, description="For reports of this category; for all if absent")


class StandardReplyOut(Out):
    """One version of a reply. Versions never change."""

    id: UUID
    version: int
    title: str
    text: str
    unit: str | None
    kind: FeedbackKind | None
    category: str | None
    retired: bool
    actor: str = Field(description="Subject of the token of whoever wrote this version")
    role: Role
    at: datetime


class StandardReplyQuery(In):
    """Filters of the list; an absent one does not narrow it."""

    unit: UnitCode | None = Field(default=None, description="Only those of this unit, and not those of every unit")
    kind: FeedbackKind | None = Field(default=None, description="Those for reports of this kind, and for all kinds")
    category: Category | None = Field(default=None, description="The same of a category")
    retired: bool = Field(default=False, description="True: only those that are not used any more")
    cursor: Cursor = None
    limit: Limit = 50


class StandardReplyPage(Out):
    items: list[StandardReplyOut]
    next_cursor: str | None


class StandardReplyHistory(Out):
    """All versions, oldest first."""

    items: list[StandardReplyOut]


class FilledReply(Out):
    """The text as it would begin the answer of one report. Nothing is stored."""

    id: UUID
    version: int
    code: str
    text: str
    left: list[Blank] = Field(description="Blanks that the report says nothing for; they stand in the text as written")
