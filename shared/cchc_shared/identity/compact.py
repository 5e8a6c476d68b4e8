"""A token as it is sent (RFC 7515, compact form), read strictly. Nothing that it says is believed here."""

import json
import re
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from cchc_shared.identity import refusals
from cchc_shared.identity.refusals import Refused

LONGEST: Final = 8192
"""Characters. A token of Keycloak with a hundred roles has about four thousand."""
DEEPEST: Final = 8
"""Layers of objects and lists. `resource_access.cchc.roles` takes four."""
TYPES: Final = frozenset({"jwt", "at+jwt", "application/at+jwt"})
"""`typ` of an access token (RFC 9068). Issuers sign other things with the same keys, such as notices of a logout."""

_FORM: Final = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]*)")


@dataclass(frozen=True, slots=True)
class SignedToken:
    """The parts of a token whose signature is still to be checked: `signature` is of `signed`."""

    algorithm: str
    key_id: str
    claims: Mapping[str, Any]
    signed: bytes
    signature: bytes


def read(token: str) -> SignedToken:
    """The parts of a token. Raises `Refused`."""
    if len(token) > LONGEST:
        raise Refused(refusals.TOO_LONG)
    form = _FORM.fullmatch(token)
    if form is None:
        raise Refused(refusals.MALFORMED)
    header, claims = _object(form[1]), _object(form[2])
    # `crit` names extensions without which a token must not be understood: none of them is known here.
    if "crit" in header or str(header.get("typ", "JWT")).lower() not in TYPES:
        raise Refused(refusals.MALFORMED)
    algorithm, key_id = header.get("alg"), header.get("kid")
    if not isinstance(algorithm, str):
        raise Refused(refusals.ALGORITHM)
    if not isinstance(key_id, str):
        raise Refused(refusals.UNKNOWN_KEY)
    return SignedToken(algorithm, key_id, claims, f"{form[1]}.{form[2]}".encode(), _bytes(form[3]))


def _object(part: str) -> dict[str, Any]:
    """A JSON object. Two readers may take different ones of equal members, so there must be none."""
    try:
        value = json.loads(_bytes(part).decode(), object_pairs_hook=_once_each, parse_constant=_no_number)
    except RecursionError as error:
        raise Refused(refusals.NESTED) from error
    except ValueError as error:
        raise Refused(refusals.MALFORMED) from error
    if not isinstance(value, dict):
        raise Refused(refusals.MALFORMED)
    if _is_deeper(value, DEEPEST):
        raise Refused(refusals.NESTED)
    return value


def _once_each(members: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(members)
    if len(found) < len(members):
        raise Refused(refusals.REPEATED)
    return found


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _is_deeper(value: object, layers: int) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return inner is not None and (layers == 0 or any(_is_deeper(each, layers - 1) for each in inner))


def _bytes(part: str) -> bytes:
    try:
        return urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except ValueError as error:
        raise Refused(refusals.MALFORMED) from error
