"""What a caller is to a report, and who may read it. Callers who may not read it are told that it does not exist."""

import hmac
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from cchc_shared.contract.codes import UNIT_STAFF, Role
from cchc_shared.http.access import Principal
from cchc_shared.http.tracking import secret_digest
from feedback_api.reports.domain import Erased, Feedback
from feedback_api.reports.transitions import TABLE, Party

READ_ALL: Final = (Role.COORDINATOR, Role.INSPECTOR)
"""Who reads every unit's reports."""


class Scope(StrEnum):
    """Which reports a caller may list or see counted."""

    ALL = "all"
    UNIT = "unit"
    OWN = "own"


def scope(caller: Principal, everywhere: Collection[Role] = READ_ALL) -> Scope:
    """The widest scope among the caller's roles; the roles in `everywhere` see all units."""
    if caller.has(*everywhere):
        return Scope.ALL
    return Scope.UNIT if caller.has(*UNIT_STAFF) and caller.unit is not None else Scope.OWN


@dataclass(frozen=True, slots=True)
class Bearer(Principal):
    """A caller, or nobody known, who holds a tracking secret."""

    digest: bytes = field(kw_only=True)

    @property
    def namespace(self) -> str:
        """Without a token it is the secret that tells callers apart: a key alone opens no report."""
        return self.sub or f"secret {self.digest.hex()}"


NOBODY: Final = Principal("", frozenset(), None)


def bearer(caller: Principal | None, secret: str | None) -> Principal | None:
    """The caller with what they know; None for somebody without token or secret."""
    if secret is None:
        return caller
    known = caller or NOBODY
    return Bearer(known.sub, known.roles, known.unit, known.scope, digest=secret_digest(secret))


def speaks_for_sender(caller: Principal, feedback: Feedback) -> bool:
    """Whether the caller sent it, for themselves or for another, or holds the secret that its sender was given."""
    return caller.sub == feedback.submitted_by or _holds_secret(caller, feedback)


def _holds_secret(caller: Principal, feedback: Feedback) -> bool:
    return isinstance(caller, Bearer) and hmac.compare_digest(caller.digest, feedback.secret_digest)


def parties(caller: Principal | None, feedback: Feedback) -> Mapping[StrEnum, Role]:
    """What the caller is to a report, and the role that makes them so; what they would act as first comes first."""
    found: dict[StrEnum, Role] = {}
    if caller is None or feedback.erased is Erased.TEXT:  # nobody can act on words that are gone
        return found
    if caller.unit == feedback.holder and (role := caller.acting_as(*UNIT_STAFF)):
        found[Party.STAFF] = role
        if role is Role.UNIT_HEAD:
            found[Party.HEAD] = role
    if caller.has(Role.COORDINATOR):
        found[Party.DESK] = Role.COORDINATOR
    if speaks_for_sender(caller, feedback):
        found[Party.SENDER] = caller.acting_as(Role.CITIZEN, Role.SYSTEM) or Role.CITIZEN
        if caller.has(Role.SYSTEM):
            found[Party.CHANNEL] = Role.SYSTEM
    elif caller.has(Role.CITIZEN) and feedback.is_in_the_open:
        found[Party.CITIZEN] = Role.CITIZEN
    return found


def possible(caller: Principal | None, feedback: Feedback) -> list[StrEnum]:
    """The actions that the caller can take now."""
    return TABLE.possible(feedback, parties(caller, feedback))


def is_official(caller: Principal | None, feedback: Feedback) -> bool:
    """Whether the caller reads the report as an official: staff of its present and former units, and `READ_ALL`."""
    if caller is None:
        return False
    units = (feedback.unit, feedback.holder, *feedback.former_units)
    return caller.has(*READ_ALL) or (caller.has(*UNIT_STAFF) and caller.unit in units)


def may_read(caller: Principal | None, secret: str | None, feedback: Feedback) -> bool:
    """Officials of the report, its sender by token, and whoever holds the tracking secret."""
    known = bearer(caller, secret)
    return known is not None and (is_official(known, feedback) or speaks_for_sender(known, feedback))


def is_sender(caller: Principal | None, secret: str | None, feedback: Feedback) -> bool:
    """Whether the person asks who sent the report: the citizen of the token, or whoever holds the tracking secret.

    Channel software and officials who wrote it down for somebody are not that person.
    """
    known = bearer(caller, secret)
    if known is None:
        return False
    return (known.has(Role.CITIZEN) and known.sub == feedback.submitted_by) or _holds_secret(known, feedback)


def may_read_contact(caller: Principal | None, feedback: Feedback) -> bool:
    """Only those who work for the unit that it is meant for, or that holds it."""
    return caller is not None and caller.has(*UNIT_STAFF) and caller.unit in {feedback.unit, feedback.holder}
