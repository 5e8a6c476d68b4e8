"""Events as Kafka's messages: CloudEvents in binary mode, and back."""

from functools import lru_cache
from typing import Any

import msgspec

from cchc_shared.stream.record import MAX_AGGREGATE, Position, Record, read_envelope

SOURCE = b"/cchc/"
MAX_VERSION = 1 << 31
"""What an envelope may claim: beyond it the tables that tell versions could not keep it."""


def to_headers(record: Record) -> list[tuple[str, bytes]]:
    """The envelope as CloudEvents headers; `aggregatetype`, `aggregateversion`, `recordedtime` are extensions."""
    envelope = msgspec.to_builtins(record.envelope)  # moments and ids as text
    headers = [
        *_common(record.topic, record.type, record.aggregate.partition(":")[0]),
        ("ce_id", envelope["id"].encode()),
        ("ce_subject", envelope["subject"].encode()),
        ("ce_time", envelope["occurred_at"].encode()),
        ("ce_recordedtime", envelope["recorded_at"].encode()),
        ("ce_aggregateversion", str(record.version).encode()),
    ]
    if "traceparent" in envelope:
        headers.append(("ce_traceparent", envelope["traceparent"].encode()))
    return headers


@lru_cache(maxsize=1024)
def _common(topic: str, event_type: str, aggregate_type: str) -> tuple[tuple[str, bytes], ...]:
    """The headers that all events of a type share."""
    return (
        ("ce_specversion", b"1.0"),
        ("content-type", b"application/json"),
        ("ce_source", SOURCE + topic.encode()),
        ("ce_type", event_type.encode()),
        ("ce_aggregatetype", aggregate_type.encode()),
    )


def from_message(message: Any, topic: str) -> Record:
    """A message of `topic` as a record. What its headers lack is a fault of the record, not an error here."""
    position = (message.offset, 0)
    try:
        given = {name: value.decode() for name, value in message.headers}
        version = int(given["ce_aggregateversion"])
        if not 0 < version < MAX_VERSION or "\0" in "".join(given.values()):
            raise ValueError("version out of range, or a NUL character")
        subject = given["ce_subject"]
        headers = {
            "id": given["ce_id"],
            "subject": subject,
            "occurred_at": given["ce_time"],
            "recorded_at": given["ce_recordedtime"],
        }
        if "ce_traceparent" in given:
            headers["traceparent"] = given["ce_traceparent"]
        aggregate = f"{given['ce_aggregatetype']}:{subject}"
        if len(aggregate) > MAX_AGGREGATE:
            raise ValueError("aggregate id too long")
        envelope, fault = read_envelope(headers)
        kind, payload = given["ce_type"], message.value or b""
        return Record(topic, message.partition, position, aggregate, version, kind, payload, envelope, fault)
    except (AttributeError, KeyError, ValueError) as error:
        return _unreadable(message, topic, position, f"envelope: {error!r}")


def _unreadable(message: Any, topic: str, position: Position, fault: str) -> Record:
    headers = {_printable(name.encode()): _printable(value or b"") for name, value in message.headers}
    aggregate = f"{headers.get('ce_aggregatetype', '')}:{headers.get('ce_subject', '')}"
    if "ce_aggregatetype" not in headers or "ce_subject" not in headers or len(aggregate) > MAX_AGGREGATE:
        # Without a readable aggregate nothing can be behind it: it parks under its own position.
        aggregate = f"?:{topic}/{message.partition}/{message.offset}"
    kind = headers.get("ce_type", "")
    return Record(topic, message.partition, position, aggregate, None, kind, message.value or b"", headers, fault)


def _printable(raw: bytes) -> str:
    """Text that PostgreSQL can keep, whatever the bytes were."""
    return raw.decode("utf-8", "backslashreplace").replace("\0", "\\0")
