"""A mail (RFC 5322, MIME) as a report: pure. Nothing that a stranger writes into a mail raises here but `OutOfBounds`.

The structure is read by the older rules of the standard library, which look into no header while they read; each header
that is needed is then read by the newer ones, cut to a length at which they cannot take long.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import Message as Part
from hashlib import sha256
from itertools import islice
from typing import Any, Final

from inscriptis import get_text

from feedback_api.channels.domain import Attached, Ignored, IgnoredBecause, Message
from feedback_api.intake.notices import Notice, NoticeCode

MOST_PARTS: Final = 100
"""Each with a type of its own may stand in the other, and each that does costs a frame of the stack."""
MOST_BOUNDARIES: Final = 2000
"""Parts without a type stand side by side: so many lines may look like the beginning of one."""
MOST_OF_A_HEADER: Final = 4000
MOST_OF_A_TEXT: Final = 400_000
"""Bytes of text that are decoded: a report takes 20,000 characters, and markup is longer than what it says."""
MOST_ANSWERED: Final = 20
_DESCRIBED: Final = re.compile(rb"^content-([a-z-]*):.*(?:\n[ \t].*)*", re.IGNORECASE | re.MULTILINE)
"""A header that describes a part, with the lines that continue it."""
_BOUNDARIES: Final = re.compile(rb"^--", re.MULTILINE)
_IDS: Final = re.compile(r"<([^<>\s]+)>")
_CHARSETS: Final = re.compile(
    r"(us-)?ascii|(utf|iso-8859|iso-2022|windows|cp|koi8|gb|big5|euc|shift|latin)[\w:-]*", re.ASCII
)
"""Other names may be codecs of Python that are no charsets, some of which take very long."""
_LAST_RESORT: Final = "windows-1258"
_BY_SOFTWARE: Final = ("x-autoreply", "x-autorespond")


class OutOfBounds(ValueError):
    """A mail of more parts, or with a longer header that describes one, than anybody sends."""


def read(raw: bytes) -> Message | Ignored:
    """The report that a mail is, or why it is none. Raises `OutOfBounds`."""
    _check_bounds(raw)
    mail = message_from_bytes(raw)
    headers = _Headers(mail)
    if (because := _no_report(headers)) is not None:
        return Ignored(because)
    leaves = list(_leaves(mail))
    attached = [leaf for leaf in leaves if _is_attached(leaf)]
    texts = [leaf for leaf in leaves if leaf not in attached]
    text, notices = _text(texts)
    subject = headers.text("subject")
    if not (text or subject):
        return Ignored(IgnoredBecause.EMPTY)
    if attached:
        notices.append(Notice("body.attachments", NoticeCode.ATTACHMENTS_NOT_TAKEN))
    name, address = headers.sender()
    answered = dict.fromkeys([*headers.ids("in-reply-to"), *reversed(headers.ids("references"))])
    return Message(
        ref=next(iter(headers.ids("message-id")), None) or f"sha256:{sha256(raw).hexdigest()}",
        title=subject or None,
        content=text or subject,
        name=name,
        email=address,
        sent_at=headers.date(),
        answers=tuple(answered)[:MOST_ANSWERED],
        attachments=tuple(_kept(leaf) for leaf in attached),
        notices=tuple(notices),
    )


def _check_bounds(raw: bytes) -> None:
    """Raise `OutOfBounds` for what the library takes too long over: it reads these headers to find the parts."""
    lines = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n")  # each ends a line for the library
    parts = 0
    for described in _DESCRIBED.finditer(lines):
        parts += described[1].lower() == b"type"
        if parts > MOST_PARTS or len(described[0]) > MOST_OF_A_HEADER:
            raise OutOfBounds
    if next(islice(_BOUNDARIES.finditer(lines), MOST_BOUNDARIES, None), None) is not None:
        raise OutOfBounds


def _no_report(headers: "_Headers") -> IgnoredBecause | None:
    """Software that answers software would go on for ever (RFC 3834); a bounce speaks of another mail (RFC 3464)."""
    sender = (headers.sender()[1] or "").lower()
    if headers.text("return-path") == "<>" or sender.startswith(("mailer-daemon@", "postmaster@")):
        return IgnoredBecause.BOUNCED
    if headers.text("content-type").lower().startswith("multipart/report"):
        return IgnoredBecause.BOUNCED
    submitted = headers.text("auto-submitted").lower()
    by_software = any(headers.text(name) for name in _BY_SOFTWARE) or headers.text("precedence").lower() == "auto_reply"
    return IgnoredBecause.AUTOMATIC if by_software or (submitted and not submitted.startswith("no")) else None


class _Headers:
    """The headers of a mail, the first of each name, whatever stands in them."""

    def __init__(self, mail: Part) -> None:
        self._given: dict[str, str] = {}
        for name, value in mail.raw_items():
            # Bytes that are no ASCII come as lone surrogates. Most who write them mean UTF-8.
            given = str(value)[:MOST_OF_A_HEADER].encode("utf-8", "surrogateescape").decode("utf-8", "replace")
            self._given.setdefault(name.lower(), given)

    def _read(self, name: str) -> Any:
        given = self._given.get(name, "")
        try:
            return policy.default.header_fetch_parse(name, given)
        except Exception:  # noqa: BLE001 - the library's parser fails in many ways on what is no header
            return given

    def text(self, name: str) -> str:
        """The words of a header, decoded (RFC 2047); empty where there is none."""
        return " ".join(str(self._read(name)).split())

    def ids(self, name: str) -> list[str]:
        """The message ids in a header, without their brackets."""
        return _IDS.findall(self._given.get(name, ""))

    def sender(self) -> tuple[str | None, str | None]:
        """Name and address, as far as they can be read."""
        header = self._read("from")
        try:
            first = header.addresses[0]
            return first.display_name or None, first.addr_spec or None
        except Exception:  # noqa: BLE001 - the addresses are read when they are asked for
            return None, str(header).strip() or None

    def date(self) -> datetime | None:
        """When the sender says that it was written."""
        try:
            at: datetime | None = self._read("date").datetime
            return None if at is None else (at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC))
        except (AttributeError, ValueError, OverflowError):
            return None


def _leaves(part: Part) -> Iterator[Part]:
    """The parts that have no parts. A mail in a mail is one."""
    if part.get_content_maintype() == "multipart" and part.is_multipart():
        content: Any = part.get_payload()  # of any other part it would be text, in a charset of the sender's choice
        for each in content:
            yield from _leaves(each)
    else:
        yield part


def _is_attached(part: Part) -> bool:
    return part.get_content_type() not in ("text/plain", "text/html") or part.get_content_disposition() == "attachment"


def _kept(part: Part) -> Attached:
    content = part.get_payload(decode=True)
    name = part.get_filename() or ""
    return Attached(str(name)[:200], part.get_content_type(), content if isinstance(content, bytes) else b"")


def _text(parts: list[Part]) -> tuple[str, list[Notice]]:
    """What the mail says: its plain text where there is some, else its markup without the tags."""
    for kind in ("text/plain", "text/html"):
        for part in parts:
            if part.get_content_type() == kind:
                text, lost = _decoded(part)
                words = (_without_tags(text) if kind == "text/html" else text).strip()
                if words:
                    return words, [Notice("body.content", NoticeCode.CHARACTERS_LOST)] if lost else []
    return "", []


def _decoded(part: Part) -> tuple[str, bool]:
    """The text of a part, and whether some of it was lost."""
    payload = part.get_payload(decode=True)
    raw = payload[:MOST_OF_A_TEXT] if isinstance(payload, bytes) else b""
    named = str(part.get_content_charset() or "")
    charset = named if _CHARSETS.fullmatch(named) else None
    for each in filter(None, (charset, "utf-8")):
        try:
            return raw.decode(each), False
        except UnicodeDecodeError as error:
            if error.end >= len(raw) == MOST_OF_A_TEXT:  # cut within a character
                return raw.decode(each, "ignore"), False
        except (LookupError, UnicodeError):
            continue
    return raw.decode(_LAST_RESORT, "replace"), True


def _without_tags(markup: str) -> str:
    try:
        return str(get_text(markup))
    except Exception:  # noqa: BLE001 - whatever a parser of markup finds impossible
        return markup
