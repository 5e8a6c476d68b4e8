"""Tells a repetition under one channel's id from other words under it, without keeping the words once more."""

import hashlib
import hmac
from typing import Any, Final

import msgspec

FIELDS: Final = ("kind", "category", "severity", "title", "content", "location", "unit", "reporter", "attachments")
"""The fields that make two reports the same, in the order of their digests. A new one is added at the end.

When a channel received it is none of them: a repetition may be stamped anew.
"""
_BYTES: Final = 8
"""Of each digest, and of the name of the key before them."""


class Fingerprints:
    """Keyed digests of the fields of a report, one beside the other.

    Keyed, because a phone number is found from a plain digest by trying all. The key is another for each report, so
    that equal fields of two reports have nothing in common.
    """

    def __init__(self, service_key: bytes) -> None:
        self._key = hmac.digest(service_key, b"fingerprints of reports", "sha256")
        self._name = hashlib.blake2b(self._key, digest_size=_BYTES).digest()

    def of(self, channel_id: tuple[str, str, str], *values: Any) -> bytes:
        """The name of the key, and digests of the values of `FIELDS`, as a channel's id has them."""
        key = hashlib.blake2b("\0".join(channel_id).encode(), key=self._key, digest_size=32).digest()
        return self._name + b"".join(
            hashlib.blake2b(msgspec.json.encode(value), key=key, digest_size=_BYTES).digest() for value in values
        )


def differing(first: bytes | None, second: bytes | None) -> list[str]:
    """The fields in which two reports differ. None stands for one whose fingerprint nobody took: it differs in none.

    Neither does one whose fingerprint was taken under another key, before the service's first key was changed.
    """
    if first is None or second is None or first[:_BYTES] != second[:_BYTES]:
        return []
    pieces = range(_BYTES, min(len(first), len(second)), _BYTES)
    return [
        name for name, at in zip(FIELDS, pieces, strict=False) if first[at : at + _BYTES] != second[at : at + _BYTES]
    ]
