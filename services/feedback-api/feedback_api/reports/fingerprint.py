"""Tells a repetition under one channel's id from other words under it, without keeping the words once more."""

import hashlib
import hmac
from collections.abc import Sequence
from typing import Any, Final

import msgspec

FIELDS: Final = (
    *("kind", "category", "severity", "title", "content", "location", "unit", "reporter"),
    *("form", "attachments"),
)
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

    def __init__(self, service_keys: Sequence[bytes]) -> None:
        self._keys = [hmac.digest(key, b"fingerprints of reports", "sha256") for key in service_keys]

    def of(self, channel_id: tuple[str, str, str], *values: Any) -> tuple[bytes, ...]:
        """A fingerprint under each key of the service, in their order; the first is the one to keep.

        Each is the name of its key, and digests of the values of `FIELDS`. Values at the end may be left out: a report
        that has none is not compared by them.
        """
        written = [msgspec.json.encode(value) for value in values]
        return tuple(_taken(key, "\0".join(channel_id).encode(), written) for key in self._keys)


def _taken(key: bytes, channel_id: bytes, values: Sequence[bytes]) -> bytes:
    name = hashlib.blake2b(key, digest_size=_BYTES).digest()
    own = hashlib.blake2b(channel_id, key=key, digest_size=32).digest()
    return name + b"".join(hashlib.blake2b(value, key=own, digest_size=_BYTES).digest() for value in values)


def differing(kept: bytes | None, taken: Sequence[bytes]) -> list[str]:
    """The fields in which a report differs from one that is kept: the fingerprints under the same key are compared.

    It differs in none from one whose fingerprint nobody took, or took under a key that is not known any more.
    """
    if kept is None:
        return []
    same_key = next((each for each in taken if each[:_BYTES] == kept[:_BYTES]), kept)
    pieces = range(_BYTES, min(len(kept), len(same_key)), _BYTES)
    return [
        name for name, at in zip(FIELDS, pieces, strict=False) if kept[at : at + _BYTES] != same_key[at : at + _BYTES]
    ]
