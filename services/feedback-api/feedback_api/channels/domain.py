"""A report as an adapter reads it from what a channel sends: pure, before anything is known of the city's rules."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from cchc_shared.contract.codes import FeedbackKind
from cchc_shared.http.text import clean
from feedback_api.intake.notices import Notice, NoticeCode

LONGEST: Final[Mapping[str, int]] = {
    "content": 20_000,
    "title": 300,
    "address": 300,
    "name": 200,
    "phone": 100,
    "email": 254,
    "account": 200,
}
"""The most characters that intake takes of each text. A channel's sender cannot be asked to write less."""
LONGEST_REF: Final = 200
LONGEST_NAME: Final = 100
"""Of a file, where a warning names it."""


class IgnoredBecause(StrEnum):
    """Why something that a channel sent is no report."""

    AUTOMATIC = "automatic"
    BOUNCED = "bounced"
    EMPTY = "empty"
    NO_REPORT = "no-report"
    HANDLED = "handled"


class Ignored(msgspec.Struct, frozen=True):
    """Something that is no report."""

    because: IgnoredBecause


class Attached(msgspec.Struct, frozen=True):
    """A file that came with a report. `shown` where the sender's words show it: a picture of theirs, or a logo."""

    name: str
    content: bytes
    shown: bool = False


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """A report of a channel. `ref` is the channel's own id; `answers` are ids of what it says it replies to."""

    ref: str
    content: str
    kind: FeedbackKind | None = None
    title: str | None = None
    lat: float | str | None = None
    lon: float | str | None = None
    address: str | None = None
    name: str | None = None
    phone: str | None = None
    email: str | None = None
    account: str | None = None
    sent_at: datetime | None = None
    answers: tuple[str, ...] = ()
    attachments: tuple[Attached, ...] = ()
    notices: tuple[Notice, ...] = ()


def fitted(message: Message | Ignored) -> Message | Ignored:
    """The message with texts that intake takes: clean, and no longer than it takes, with a notice where one was cut."""
    if isinstance(message, Ignored):
        return message
    texts: dict[str, str | None] = {}
    notices = list(message.notices)
    for name, most in LONGEST.items():
        given = getattr(message, name)
        text = _sayable(given) if given else None
        if text and len(text) > most:
            text = text[:most].rstrip()
            notices.append(Notice(f"body.{name}", NoticeCode.SHORTENED))
        texts[name] = text or None
    if texts["content"] is None:
        return Ignored(IgnoredBecause.EMPTY)
    return replace(message, **texts, ref=bounded_ref(message.ref), notices=tuple(notices))


def _sayable(text: str) -> str:
    """The text without what no database can keep."""
    return clean(text.encode("utf-8", "replace").decode().replace("\0", "")).strip()


def bounded_ref(ref: str) -> str:
    """The channel's id, or what stands for one that is too long to be kept."""
    cleaned = _sayable(ref)
    if 0 < len(cleaned) <= LONGEST_REF:
        return cleaned
    return f"sha256:{sha256(ref.encode(errors='surrogatepass')).hexdigest()}"


def named(name: str) -> str:
    """The name of a file as it can be said: one line, without what turns its direction around."""
    words = "".join(letter if letter.isprintable() else " " for letter in _sayable(name[: 10 * LONGEST_NAME]))
    return " ".join(words.split())[:LONGEST_NAME].rstrip()


def believed(sent_at: datetime | None, now: datetime, within: timedelta | None) -> datetime | None:
    """When it was sent, if that is to be gone by: not later than now, and no longer ago than senders may say."""
    if sent_at is None or sent_at > now or (within is not None and sent_at < now - within):
        return None
    return sent_at


def body(message: Message, channel: str, kind: FeedbackKind, received_at: datetime | None) -> dict[str, Any]:
    """The fitted message as the body of a report."""
    place = {name: getattr(message, name) for name in ("lat", "lon", "address")}
    sender = {name: getattr(message, name) for name in ("name", "phone", "email", "account")}
    return {
        "channel": channel,
        "channel_ref": message.ref,
        "kind": message.kind or kind,
        "title": message.title,
        "content": message.content,
        "location": place if any(value is not None for value in place.values()) else None,
        "reporter": sender if any(sender.values()) else None,
        "received_at": received_at,
    }
