"""Contact data of a reporter, sealed with AES-256-GCM. The seal is bound to the report: it opens nowhere else.

Several keys may be known: the first seals, each opens what it sealed, and each seal is kept with the id of its key
(ADR 0024).
"""

import hashlib
import os
from collections.abc import Sequence
from contextlib import suppress
from typing import NamedTuple

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES = 12


class Contact(msgspec.Struct, frozen=True, omit_defaults=True):
    """Name and contacts of a reporter. If `anonymous` is true, the handling unit does not see them.

    A phone number stands in the form of E.164 and an e-mail address trimmed, where they could be read; otherwise both
    are as their sender wrote them.
    """

    name: str | None = None
    phone: str | None = None
    email: str | None = None
    account: str | None = None
    """The sender's own account in the channel, where that is all the channel knows."""
    place: str | None = None
    """Coordinates that could not be read, as they were written."""
    anonymous: bool = False


class Seal(NamedTuple):
    """Sealed contact data. `key_id` is None for seals that are older than the naming of keys."""

    key_id: str | None
    sealed: bytes


class BrokenSeal(ValueError):
    """The data were changed, moved to another report, or sealed with a key that is not known."""


def key_id(key: bytes) -> str:
    """The id of a key, which tells keys apart and from which none can be found."""
    return hashlib.sha256(b"contact key " + key).hexdigest()[:16]


class ContactCipher:
    """Seals contact data with the first of the service's keys, and opens them with the one that sealed them."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._ciphers = {key_id(key): AESGCM(key) for key in keys}
        self.key_id = key_id(keys[0])
        """Of the key that seals."""
        self._sealing = self._ciphers[self.key_id]

    def seal(self, code: str, contact: Contact) -> Seal:
        """Nonce and ciphertext, with the id of the key that seals."""
        nonce = os.urandom(NONCE_BYTES)
        return Seal(self.key_id, nonce + self._sealing.encrypt(nonce, msgspec.json.encode(contact), code.encode()))

    def open(self, code: str, seal: Seal) -> Contact:
        """The contact data of that report. Raises `BrokenSeal`."""
        nonce, ciphertext = seal.sealed[:NONCE_BYTES], seal.sealed[NONCE_BYTES:]
        for id_, cipher in self._ciphers.items():
            if seal.key_id in {None, id_}:  # of an old seal nobody wrote down the key
                with suppress(InvalidTag):
                    return msgspec.json.decode(cipher.decrypt(nonce, ciphertext, code.encode()), type=Contact)
        raise BrokenSeal(code)
