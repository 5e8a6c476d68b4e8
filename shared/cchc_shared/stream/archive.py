"""Months of an outbox as compressed files, with checksums: written once, read by whoever begins at the beginning.

`{folder}/{topic}/{yyyy-mm}.jsonl.gz` holds one event a line, with the column names of the outbox. It is a row of gzip
members, which `zcat` reads as one; each is a *section*: events of one partition in their order. Beside it,
`{yyyy-mm}.json` says what each section holds. The same stands in the table `outbox_month`, which readers go by.

An archived event's position is (0, n): the n-th of its partition, counted from the first that was ever archived. That
lies before every position in the outbox, and stays right on a server whose transactions are counted anew.
"""

import gzip
import hashlib
import os
from collections.abc import Iterator, Sequence
from datetime import date
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Final

import msgspec

from cchc_shared.stream.outbox import OutboxRow
from cchc_shared.stream.record import Envelope, Position, Record

SECTION_EVENTS: Final = 20_000
"""Most events of one section: what is compressed, and verified, at once."""


class ArchiveDamaged(Exception):
    """A file of the archive is not what was written."""


class Section(msgspec.Struct, frozen=True):
    """Events of one partition, in order, as one gzip member of the month's file."""

    partition: int
    number: int
    """Of its first event, among all archived events of the partition, from 1."""
    events: int
    first: Position
    """Transaction and sequence number in the outbox of the server that wrote it."""
    last: Position
    offset: int
    length: int
    sha256: str
    """Of the compressed bytes."""


class MonthManifest(msgspec.Struct, frozen=True):
    """Description of a month's file: its checksum and sections."""

    topic: str
    month: date
    sha256: str
    events: int
    sections: list[Section]


class _Line(OutboxRow):
    xid: int
    seq: int


_LINE: Final = msgspec.json.Decoder(_Line)


class Archive:
    """The files of one topic below `folder`."""

    def __init__(self, folder: Path, topic: str) -> None:
        self._folder = folder / topic
        self._topic = topic

    def file(self, month: date) -> Path:
        """Where the month stands, once it is whole."""
        return self._folder / f"{month:%Y-%m}.jsonl.gz"

    def description(self, month: date) -> Path:
        """Where it stands what the month's file holds."""
        return self._folder / f"{month:%Y-%m}.json"

    def append(self, month: date, sections: Sequence[Section], number: int, lines: Sequence[bytes]) -> Section | None:
        """Write these lines after the sections that are there; None if those are not there any more."""
        draft = self._draft(month)
        offset = _end(sections)
        if offset and (not draft.exists() or draft.stat().st_size < offset):
            return None
        data = gzip.compress(b"".join(line + b"\n" for line in lines), compresslevel=6, mtime=0)
        self._folder.mkdir(parents=True, exist_ok=True)
        with draft.open("r+b" if draft.exists() else "w+b") as output:
            output.truncate(offset)  # what was written and not recorded is written again
            output.seek(offset)
            output.write(data)
            output.flush()
            os.fsync(output.fileno())
        first, last = _LINE.decode(lines[0]), _LINE.decode(lines[-1])
        return Section(
            first.partition,
            number,
            len(lines),
            (first.xid, first.seq),
            (last.xid, last.seq),
            offset,
            len(data),
            hashlib.sha256(data).hexdigest(),
        )

    def finish(self, month: date, sections: Sequence[Section]) -> str:
        """Read all of it back, and give the file its name; returns its SHA-256. Raises `ArchiveDamaged`."""
        draft, file = self._draft(month), self.file(month)
        self._folder.mkdir(parents=True, exist_ok=True)
        if not sections:
            draft.write_bytes(b"")
        found = draft if draft.exists() else file  # it was named, and then the database was not told
        for section in sections:
            _verify(found, section)
        digest = self._digest(found, _end(sections))
        manifest = MonthManifest(self._topic, month, digest, sum(each.events for each in sections), list(sections))
        _write(self.description(month), msgspec.json.format(msgspec.json.encode(manifest), indent=1) + b"\n")
        if found == draft:
            draft.replace(file)
        _flush_folder(self._folder)
        return digest

    def verify(self, month: date, sections: Sequence[Section], sha256: str) -> None:
        """Whether the file is still the one that was finished. Raises `ArchiveDamaged`."""
        if self._digest(self.file(month), _end(sections)) != sha256:
            raise ArchiveDamaged(f"{self.file(month)}: its SHA-256 is not the one that was recorded")

    def records(self, month: date, section: Section, after: int) -> Iterator[Record]:
        """The section's events beyond the partition's `after`-th, in order. Raises `ArchiveDamaged`."""
        with gzip.open(BytesIO(_packed(self.file(month), section))) as lines:
            for number, line in enumerate(lines, section.number):
                if number > after:
                    yield _record(self._topic, number, line)

    def _draft(self, month: date) -> Path:
        return self._folder / f"{month:%Y-%m}.jsonl.gz.part"

    def _digest(self, file: Path, size: int) -> str:
        try:
            with file.open("rb") as content:
                digest = hashlib.file_digest(content, "sha256").hexdigest()
                found = content.tell()
        except OSError as error:
            raise ArchiveDamaged(f"{file}: {error.strerror}") from error
        if found != size:
            raise ArchiveDamaged(f"{file}: {found} bytes, and not {size}")
        return digest


def _end(sections: Sequence[Section]) -> int:
    return sections[-1].offset + sections[-1].length if sections else 0


def _packed(file: Path, section: Section) -> bytes:
    try:
        with file.open("rb") as content:
            content.seek(section.offset)
            data = content.read(section.length)
    except OSError as error:
        raise ArchiveDamaged(f"{file}: {error.strerror}") from error
    if hashlib.sha256(data).hexdigest() != section.sha256:
        raise ArchiveDamaged(f"{file}: the section at byte {section.offset} is not what was written")
    return data


def _verify(file: Path, section: Section) -> None:
    """The section holds what is said of it: all of one partition, and in order."""
    with gzip.open(BytesIO(_packed(file, section))) as text:
        lines = [_LINE.decode(line) for line in text]
    places = [(line.xid, line.seq) for line in lines]
    whole = (
        len(lines) == section.events
        and {line.partition for line in lines} == {section.partition}
        and all(one < two for one, two in pairwise(places))
        and (places[0], places[-1]) == (section.first, section.last)
    )
    if not whole:
        raise ArchiveDamaged(f"{file}: the section at byte {section.offset} holds something else")


def _record(topic: str, number: int, text: bytes) -> Record:
    line = _LINE.decode(text)
    return Record(
        topic,
        line.partition,
        (0, number),
        f"{line.aggregatetype}:{line.aggregateid}",
        line.aggregateversion,
        line.type,
        bytes(line.payload),
        Envelope(line.id, line.aggregateid, line.occurred_at, line.recorded_at, line.traceparent),
    )


def _write(file: Path, content: bytes) -> None:
    draft = file.with_suffix(f"{file.suffix}.part")
    with draft.open("wb") as output:
        output.write(content)
        output.flush()
        os.fsync(output.fileno())
    draft.replace(file)


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
