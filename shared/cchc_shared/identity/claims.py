"""What the claims of a token mean here: whose it is, what that caller may be, and until when it holds."""

import math
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, Final

from cchc_shared.contract.codes import Role
from cchc_shared.identity import refusals
from cchc_shared.identity.issuers import Issuer
from cchc_shared.identity.principal import Principal, Scope
from cchc_shared.identity.refusals import Refused

MOST_CHARACTERS: Final = 255
RESERVED: Final = frozenset({"open311", "zalo"})
"""What stands before the names of callers without a token, as they are kept in the history of reports."""


def good_until(issuer: Issuer, claims: Mapping[str, Any], now: float) -> float:
    """The second since 1970 at which a token ends. Raises `Refused` unless it holds `now`, by a clock that may be off
    by the skew of its issuer."""
    end = _moment(claims, "exp")
    if end is None:
        raise Refused(refusals.NO_END)
    if end + issuer.skew_seconds <= now:
        raise Refused(refusals.EXPIRED)
    for name in ("nbf", "iat"):
        begin = _moment(claims, name)
        if begin is not None and begin - issuer.skew_seconds > now:
            raise Refused(refusals.NOT_YET)
    return end + issuer.skew_seconds


def principal_of(issuer: Issuer, claims: Mapping[str, Any], taken: AbstractSet[str]) -> Principal:
    """The caller. `taken` are the namespaces of all issuers and of callers without a token. Raises `Refused`."""
    _check_audience(issuer, claims)
    return Principal(
        sub=_subject(issuer, claims, taken),
        roles=_roles(issuer, claims),
        unit=_unit(issuer, claims),
        scope=_scope(claims) if issuer.scoped else None,
    )


def _moment(claims: Mapping[str, Any], name: str) -> float | None:
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise Refused(refusals.NO_END)
    return value


def _check_audience(issuer: Issuer, claims: Mapping[str, Any]) -> None:
    named = claims.get("aud")
    if issuer.audience not in (named if isinstance(named, list) else [named]):
        raise Refused(refusals.AUDIENCE)


def _subject(issuer: Issuer, claims: Mapping[str, Any], taken: AbstractSet[str]) -> str:
    sub = claims.get("sub")
    if not isinstance(sub, str) or not sub:
        raise Refused(refusals.SUBJECT)
    # A namespace holds no colon, so what stands before the first one tells whose name it is.
    if not issuer.namespace and sub.partition(":")[0] in taken:
        raise Refused(refusals.SUBJECT)
    name = f"{issuer.namespace}:{sub}" if issuer.namespace else sub
    if not _is_short_text(name):
        raise Refused(refusals.SUBJECT)
    return name


def _roles(issuer: Issuer, claims: Mapping[str, Any]) -> frozenset[Role]:
    named = _at(claims, issuer.roles_at)
    if named is None:
        named = []
    if not isinstance(named, list) or not all(isinstance(name, str) for name in named):
        raise Refused(refusals.ROLES)
    everyone = {Role.CITIZEN} if issuer.everyone_is_citizen else set()
    if issuer.role_names is not None:
        return frozenset(issuer.role_names[name] for name in named if name in issuer.role_names) | everyone
    if not issuer.may_give.issuperset(named):
        raise Refused(refusals.ROLES)
    return frozenset(map(Role, named)) | everyone


def _unit(issuer: Issuer, claims: Mapping[str, Any]) -> str | None:
    unit = _at(claims, issuer.unit_at)
    if unit is None or (isinstance(unit, str) and _is_short_text(unit)):
        return unit
    raise Refused(refusals.UNIT)


def _scope(claims: Mapping[str, Any]) -> Scope:
    """The scope, said whole: what is left out of it is no licence."""
    said = claims.get("scope")
    if not isinstance(said, Mapping) or said.keys() != {"routes", "units", "channels"}:
        raise Refused(refusals.SCOPE)
    units = None if said["units"] is None else _names(said["units"])
    return Scope(_names(said["routes"]), units, _names(said["channels"]))


def _names(said: object) -> frozenset[str]:
    if not isinstance(said, list) or not all(isinstance(each, str) for each in said):
        raise Refused(refusals.SCOPE)
    return frozenset(said)


def _is_short_text(text: str) -> bool:
    return 0 < len(text) <= MOST_CHARACTERS and text.isprintable()


def _at(claims: Mapping[str, Any], path: Sequence[str]) -> Any:
    """What stands at a path of member names; None where there is nothing, and where the path is empty."""
    value: Any = claims if path else None
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value
