"""Request and response models of mailboxes and mails."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Self

from pydantic import Field, model_validator

from cchc_shared.contract.codes import Role
from cchc_shared.http.field_errors import pattern, refuse
from cchc_shared.http.paging import Cursor, Limit
from cchc_shared.http.schemas import In, Out
from tasks_api.mailing.domain import MailState
from tasks_api.notifications.access import NOTIFIED

MOST: int = 50
ADDRESS = pattern(
    r"^[^\s@<>\"(),:;\\\[\]\x00-\x1f]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$",
    vi="không phải địa chỉ thư điện tử",
    en="is not an e-mail address",
)


class Mailbox(In):
    """Where those who hold a role in the unit are written to: best a mailbox of the office, not of a person."""

    role: Role = Field(description="`officer`, `unit_head` or `coordinator`")
    address: Annotated[str, Field(max_length=254, pattern=ADDRESS)]

    @model_validator(mode="after")
    def _of_staff(self) -> Self:
        if self.role not in NOTIFIED:
            raise refuse("vai trò này không nhận thông báo", "this role is told nothing")
        return self


class MailboxesIn(In):
    items: list[Mailbox] = Field(max_length=MOST, description="All of them; one that is not named is gone")


class MailboxesOut(Out):
    unit: str
    items: Sequence[Mailbox]


class MailQuery(In):
    state: MailState | None = None
    cursor: Cursor = None
    limit: Limit = 50


class MailOut(Out):
    """A mail without its address and its text."""

    id: int
    message_id: str = Field(description="Its Message-ID, the same however often it is sent")
    unit: str
    role: Role
    subject: str
    state: MailState
    made_at: datetime
    attempts: int
    next_at: datetime = Field(description="Not tried before then")
    sent_at: datetime | None
    refusal: str | None = Field(description="What the server said when the mail was given up, without the address")


class MailPage(Out):
    items: list[MailOut]
    next_cursor: str | None
