"""Who may send over Open311, and the tokens of requests that have no id yet for their sender."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence

from cchc_shared.contract.codes import Role
from cchc_shared.http import kinds
from cchc_shared.http.access import Principal
from cchc_shared.http.problems import Problem, not_found
from feedback_api.settings import ApiKey

MAC_BYTES = 16


class ApiKeys:
    """The keys that may send."""

    def __init__(self, keys: Sequence[ApiKey]) -> None:
        self._keys = keys

    def sender(self, given: str | None) -> str:
        """Whose key that is. Raises a 403 problem."""
        digest = hashlib.sha256((given or "").encode()).digest()
        # Each is compared, so that the time taken tells nothing.
        names = [key.name for key in self._keys if hmac.compare_digest(key.digest, digest)]
        if given is None or not names:
            raise Problem(
                kinds.FORBIDDEN,
                vi="Thiếu api_key, hoặc khóa không đúng." if given is None else "Khóa api_key không đúng.",
                en="The api_key is missing." if given is None else "The api_key is wrong.",
            )
        return names[0]


def software(name: str) -> Principal:
    """A client of Open311 as a caller: it acts as software of the channel."""
    return Principal(sub=f"open311:{name}", roles=frozenset({Role.SYSTEM}), unit=None)


class Seals:
    """What only this service can make, under keys that follow from its own: the first makes, all recognise.

    A token holds a report's code and a seal: it names one report for ever, and is stored nowhere.
    """

    def __init__(self, service_keys: Sequence[bytes]) -> None:
        self._of_tokens = [hmac.digest(key, b"open311 tokens", "sha256") for key in service_keys]
        self._of_forms = [hmac.digest(key, b"open311 forms", "sha256") for key in service_keys]

    def digests(self, form: bytes) -> list[bytes]:
        """What makes two forms the same, under each key. Without one, nobody can try which phone number gives it."""
        return [hmac.digest(key, form, "sha256") for key in self._of_forms]

    def token(self, code: str) -> str:
        """The token of that report."""
        return base64.urlsafe_b64encode(code.encode() + _seal(self._of_tokens[0], code)).rstrip(b"=").decode()

    def code(self, token: str) -> str:
        """The code of the report that a token of ours names. Raises a 404 problem."""
        try:
            raw = base64.b64decode(token + "=" * (-len(token) % 4), b"-_", validate=True)
            code = raw[:-MAC_BYTES].decode()
        except (binascii.Error, ValueError) as error:
            raise unknown_token() from error
        if not any(hmac.compare_digest(raw[-MAC_BYTES:], _seal(key, code)) for key in self._of_tokens):
            raise unknown_token()
        return code


def _seal(key: bytes, code: str) -> bytes:
    return hmac.digest(key, code.encode(), "sha256")[:MAC_BYTES]


def unknown_token() -> Problem:
    """404: the token was not given here."""
    return not_found("mã chờ này", "this token")
