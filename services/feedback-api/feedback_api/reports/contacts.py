"""Contact data of a reporter, sealed with AES-256-GCM. The seal is bound to the report: it opens nowhere else."""

import os

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


class BrokenSeal(ValueError):
    """The data were changed, moved to another report, or sealed with another key."""


class ContactCipher:
    """Seals and opens contact data with the service's key."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def seal(self, code: str, contact: Contact) -> bytes:
        """Nonce and ciphertext."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, msgspec.json.encode(contact), code.encode())

    def open(self, code: str, sealed: bytes) -> Contact:
        """The contact data of that report. Raises `BrokenSeal`."""
        try:
            plain = self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], code.encode())
        except InvalidTag as error:
            raise BrokenSeal(code) from error
        return msgspec.json.decode(plain, type=Contact)
