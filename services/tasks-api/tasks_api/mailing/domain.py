"""What a mail says, and when one that was not taken is tried again. Pure."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

import msgspec

from tasks_api.notifications.domain import Addressee, Notification, wording

MOST_LINES: Final = 200
"""So many notifications stand in one mail; the inbox has the rest."""
GIVEN_UP_AFTER: Final = timedelta(days=5)
"""How long a mail is tried that the server will not take yet: RFC 5321, 4.5.4.1 (four to five days at least)."""
_LONGEST_PAUSE: Final = timedelta(hours=4)
_LONGEST_REFUSAL: Final = 300


class Mail(msgspec.Struct, frozen=True, kw_only=True):
    """A mail that waits, with the address it goes to."""

    id: int
    message_id: str
    address: str
    subject: str
    body: str
    made_at: datetime
    attempts: int


class Letter(NamedTuple):
    """What a mail says."""

    subject: str
    body: str


class MailState(StrEnum):
    """What became of a mail."""

    WAITING = "waiting"
    SENT = "sent"
    REFUSED = "refused"
    """The server will never take it, or did not for days."""


def letters(notifications: Iterable[Notification]) -> dict[Addressee, Letter]:
    """One letter to each addressee, which says all that waits for them."""
    gathered: dict[Addressee, list[Notification]] = {}
    for notification in notifications:
        gathered.setdefault(Addressee(notification.unit, notification.role), []).append(notification)
    return {to: _letter(own) for to, own in gathered.items()}


def pause(attempts: int) -> timedelta:
    """How long a mail rests after so many attempts: a minute at first, then twice as long each time."""
    return min(timedelta(minutes=2 ** min(attempts - 1, 10)), _LONGEST_PAUSE)


def refusal(code: int, message: str, address: str) -> str:
    """What the server said, on one line, without the address or its first part, which often stand in it."""
    said = " ".join(message.split())
    for private in (address, address.partition("@")[0]):
        said = re.sub(rf"(?<![\w.]){re.escape(private)}(?![\w.])", "…", said, flags=re.IGNORECASE)
    return f"{code} {said}"[:_LONGEST_REFUSAL]


def _letter(notifications: Sequence[Notification]) -> Letter:
    texts = [wording(notification) for notification in notifications[:MOST_LINES]]
    more = len(notifications) - len(texts)
    first = _plain(texts[0].vi).rstrip(".")
    subject = first if len(notifications) == 1 else f"{len(notifications)} thông báo về nhiệm vụ và việc lấy ý kiến"
    vi = [f"- {_plain(text.vi)}" for text in texts] + ([f"- và {more} thông báo khác."] if more else [])
    en = [f"- {_plain(text.en)}" for text in texts] + ([f"- and {more} more notifications."] if more else [])
    body = "\n".join(
        [
            "Kính gửi đơn vị,",
            "",
            *vi,
            "",
            "Toàn bộ thông báo có trong hộp thông báo của hệ thống. Thư tự động, xin không trả lời.",
            "",
            "--",
            "",
            *en,
            "",
            "All notifications stand in your inbox of the system. This mail was made by it: please do not answer.",
            "",
        ]
    )
    return Letter(subject, body)


def _plain(text: str) -> str:
    return text.replace("`", "")
