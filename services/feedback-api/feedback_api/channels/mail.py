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
from typing import Any, Final, NamedTuple
from urllib.parse import unquote

from inscriptis import get_text

from feedback_api.channels.domain import Attached, Ignored, IgnoredBecause, Message, named
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
_SHOWN: Final = re.compile(r"""\bcid:([^\s"'<>)]{1,200})""", re.IGNORECASE)
_IDS: Final = re.compile(r"<([^<>\s]+)>")
_CHARSETS: Final = re.compile(
    r"(us-)?ascii|(utf|iso-8859|iso-2022|windows|cp|koi8|gb|big5|euc|shift|latin)[\w:-]*", re.ASCII
)
"""Other names may be codecs of Python that are no charsets, some of which take very long."""
_LAST_RESORT: Final = "windows-1258"
_UNREADABLE: Final = b"?"
"""Stands for the content of a part that the library cannot decode: it is no file of any type that is taken."""
_BY_SOFTWARE: Final = ("x-autoreply", "x-autorespond")


class OutOfBounds(ValueError):
    """A mail of more parts, or with a longer header that describes one, than anybody sends."""


def read(raw: bytes, without_text: str) -> Message | Ignored:
    """The report that a mail is, or why it is none. `without_text` stands for the words of one that is files alone.

    Raises `OutOfBounds`.
    """
    _check_bounds(raw)
    mail = message_from_bytes(raw)
    headers = _Headers(mail)
    if (because := _no_report(headers)) is not None:
        return Ignored(because)
    found = _Parts()
    words = found.read(mail)
    text = "\n\n".join(each.text for each in words)
    subject = headers.text("subject")
    if not (text or subject or found.files):
        return Ignored(IgnoredBecause.EMPTY)
    name, address = headers.sender()
    answered = dict.fromkeys([*headers.ids("in-reply-to"), *reversed(headers.ids("references"))])
    return Message(
        ref=next(iter(headers.ids("message-id")), None) or f"sha256:{sha256(raw).hexdigest()}",
        title=subject or None,
        content=text or subject or without_text,
        name=name,
        email=address,
        sent_at=headers.date(),
        answers=tuple(answered)[:MOST_ANSWERED],
        attachments=tuple(found.attached()),
        notices=(Notice("body.content", NoticeCode.CHARACTERS_LOST),) if any(each.lost for each in words) else (),
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

    def parameter(self, name: str, parameter: str) -> str:
        """A parameter of a header, decoded; empty where there is none."""
        return str(getattr(self._read(name), "params", {}).get(parameter, ""))

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


class _Words(NamedTuple):
    """A piece of text; `lost` where some of its characters could not be read."""

    text: str
    marked_up: bool = False
    lost: bool = False


class _Parts:
    """What stands in a mail and in the mails within it: its words, and its files."""

    def __init__(self) -> None:
        self.files: list[Part] = []
        self._shown: set[str] = set()
        """Ids of what the markup shows in its place (RFC 2392)."""

    def attached(self) -> Iterator[Attached]:
        """The files, once all words are read: only then is it known which of them the markup shows."""
        for part in self.files:
            content = part.get_payload(decode=True)
            content_id = str(part.get("content-id", ""))[:MOST_OF_A_HEADER].strip().strip("<>")
            yield Attached(
                _filename(part), content if isinstance(content, bytes) else _UNREADABLE, content_id in self._shown
            )

    def read(self, part: Part) -> list[_Words]:
        """The words of a part, in their order; its files are noted on the way."""
        kind = part.get_content_type()
        within: Any = part.get_payload() if part.is_multipart() else None  # of others it would be text in any charset
        if kind == "message/rfc822" and within:
            # Where one is encoded, against RFC 2046 (5.2.1), the library takes its code for a mail: it is a file then.
            if not within[0].keys():
                return self._file(part)
            subject = _Headers(within[0]).text("subject")
            return [*([_Words(subject)] if subject else []), *self.read(within[0])]
        if part.get_content_maintype() == "multipart" and within is not None:
            pieces = [self.read(each) for each in within]
            return (
                _preferred(pieces) if kind == "multipart/alternative" else [each for piece in pieces for each in piece]
            )
        if kind not in ("text/plain", "text/html") or part.get_content_disposition() == "attachment":
            return self._file(part)
        text, lost = _decoded(part)
        marked_up = kind == "text/html"
        if marked_up:
            self._shown.update(unquote(each) for each in _SHOWN.findall(text))
            text = _without_tags(text)
        return [_Words(text.strip(), marked_up, lost)] if text.strip() else []

    def _file(self, part: Part) -> list[_Words]:
        self.files.append(part)
        return []


def _preferred(versions: list[list[_Words]]) -> list[_Words]:
    """Of several versions of the same words the one without markup, else the first that says something."""
    saying = [version for version in versions if version]
    plain = (version for version in saying if not all(each.marked_up for each in version))
    return next(plain, saying[0] if saying else [])


def _filename(part: Part) -> str:
    """As it was given (RFC 2231), and in the way of those who do not know that (RFC 2047)."""
    headers = _Headers(part)
    for header, parameter in (("content-disposition", "filename"), ("content-type", "name")):
        if name := headers.parameter(header, parameter):
            return named(name)
    return ""


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
