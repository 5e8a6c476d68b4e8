"""Events of a Zalo Official Account: the message of a follower as a report, and the proof that Zalo sent it."""

import hmac
from datetime import UTC, datetime
from hashlib import sha256
from typing import Final

from feedback_api.channels.domain import Ignored, IgnoredBecause, Message
from feedback_api.channels.rules import Words
from feedback_api.channels.schemas import ZaloEvent
from feedback_api.intake.notices import Notice, NoticeCode

REPORTED: Final = frozenset({"user_send_text", "user_send_image", "user_send_location"})
"""What a citizen sends; the other events are about the account itself."""


def is_signed(body: bytes, signature: str, app_id: str, timestamp: str, secret: str) -> bool:
    """Whether the header `X-ZEvent-Signature` is `mac=` and SHA-256 of app id, body, time and secret."""
    mac = sha256(app_id.encode() + body + timestamp.encode() + secret.encode()).hexdigest()
    return hmac.compare_digest(signature.removeprefix("mac=").lower().encode(), mac.encode())


def read(event: ZaloEvent, words: Words) -> Message | Ignored:
    """The report that an event is, or why it is none."""
    if event.event_name not in REPORTED or event.message is None:
        return Ignored(IgnoredBecause.NO_REPORT)
    message = event.message
    payloads = [each.payload for each in message.attachments if each.payload is not None]
    place = next((each.coordinates for each in payloads if each.coordinates is not None), None)
    pictures = [each.url for each in payloads if each.url]
    lines = [message.text or "", *(words.image.format(url) for url in pictures)]
    if place is not None and not any(lines):
        lines.append(words.location.format(place.latitude, place.longitude))
    return Message(
        ref=message.msg_id,
        content="\n".join(filter(None, lines)) or words.without_text,
        lat=None if place is None else place.latitude,
        lon=None if place is None else place.longitude,
        account=None if event.sender is None else event.sender.id,
        sent_at=_instant(event.timestamp),
        notices=(Notice("body.attachments", NoticeCode.ATTACHMENTS_NOT_TAKEN),) if pictures else (),
    )


def _instant(milliseconds: str | None) -> datetime | None:
    if milliseconds is None or not (milliseconds.isascii() and milliseconds.isdigit()):
        return None
    try:
        return datetime.fromtimestamp(int(milliseconds) / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None
