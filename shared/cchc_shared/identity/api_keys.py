"""The form of an API key: `cchc_live_<id>_<secret><checksum>`. Pure.

The checksum lets a scanner of code and logs know a leaked key from other words, and lets a mistyped one be refused
without asking anybody. It is no secret: anyone can compute it.
"""

import hashlib
import re
import secrets
import string
from enum import StrEnum
from typing import Final, NamedTuple
from zlib import crc32

DIGITS: Final = string.digits + string.ascii_uppercase + string.ascii_lowercase
ID_LENGTH, SECRET_LENGTH, CHECKSUM_LENGTH = 12, 43, 6
"""43 digits of 62 hold 256 bits, six hold the 32 of the checksum. None but letters and digits: a double click takes all
of a part."""
_FORM: Final = re.compile(
    rf"cchc_(?P<kind>live|test)_(?P<id>[0-9A-Za-z]{{{ID_LENGTH}}})_[0-9A-Za-z]{{{SECRET_LENGTH + CHECKSUM_LENGTH}}}",
    re.ASCII,
)


class KeyKind(StrEnum):
    """What a key is for: work, or tests that count nowhere."""

    LIVE = "live"
    TEST = "test"


class ApiKey(NamedTuple):
    """A key as it is sent. `text` is all of it."""

    kind: KeyKind
    id: str
    text: str

    @property
    def digest(self) -> bytes:
        """What is kept of it. One round of SHA-256 does: nobody can guess 256 random bits, however fast."""
        return hashlib.sha256(self.text.encode("ascii")).digest()

    @property
    def prefix(self) -> str:
        """What may be shown of it."""
        return f"cchc_{self.kind}_{self.id}"


def new_key(kind: KeyKind) -> ApiKey:
    """A key that nobody has had."""
    id_ = "".join(secrets.choice(DIGITS) for _ in range(ID_LENGTH))
    secret = "".join(secrets.choice(DIGITS) for _ in range(SECRET_LENGTH))
    said = f"cchc_{kind}_{id_}_{secret}"
    return ApiKey(kind, id_, said + _checksum(said))


def read_key(text: str) -> ApiKey | None:
    """The key, if it is written like one and its checksum is right."""
    form = _FORM.fullmatch(text)
    if form is None or _checksum(text[:-CHECKSUM_LENGTH]) != text[-CHECKSUM_LENGTH:]:
        return None
    return ApiKey(KeyKind(form["kind"]), form["id"], text)


def _checksum(said: str) -> str:
    rest, found = crc32(said.encode("ascii")), ""
    for _ in range(CHECKSUM_LENGTH):
        rest, digit = divmod(rest, len(DIGITS))
        found = DIGITS[digit] + found
    return found
