"""What a caller is to a report, and who may read it. Whoever may not read it, is told that it does not exist."""

import hmac
from collections.abc import Collection
from enum import StrEnum

from cchc_shared.contract.codes import Role
from cchc_shared.http.access import Principal
from feedback_api.handling.repository import Stored
from feedback_api.handling.transitions import Party
from feedback_api.intake.secrets import secret_digest

STAFF = (Role.OFFICER, Role.UNIT_HEAD)
OVERSEERS = (Role.COORDINATOR, Role.INSPECTOR)
"""Who reads every unit's reports."""
COUNTERS = (*OVERSEERS, Role.SCORING_BOARD, Role.COUNCIL, Role.OPERATOR)
"""Who sees every unit's figures: what citizens wrote is not in them."""


class Scope(StrEnum):
    """Which reports a caller may list or see counted."""

    ALL = "all"
    UNIT = "unit"
    OWN = "own"


def scope(caller: Principal, everywhere: Collection[Role] = OVERSEERS) -> Scope:
    """The widest scope among the caller's roles, of which some see all units."""
    if caller.has(*everywhere):
        return Scope.ALL
    return Scope.UNIT if caller.has(*STAFF) and caller.unit is not None else Scope.OWN


def parties(caller: Principal, unit: str) -> frozenset[Party]:
    """What the caller is to a report that this unit holds."""
    found = set()
    if caller.has(Role.COORDINATOR):
        found.add(Party.DESK)
    if caller.unit == unit:
        if caller.has(*STAFF):
            found.add(Party.STAFF)
        if caller.has(Role.UNIT_HEAD):
            found.add(Party.HEAD)
    return frozenset(found)


def is_staff_side(caller: Principal | None, stored: Stored) -> bool:
    """Whether the caller reads the report as an official: its units, present and former, and the overseers."""
    if caller is None:
        return False
    units = (stored.feedback.unit, *stored.feedback.former_units)
    return caller.has(*OVERSEERS) or (caller.has(*STAFF) and caller.unit in units)


def may_read(caller: Principal | None, secret: str | None, stored: Stored) -> bool:
    """Officials of the report, its owner by token, and whoever holds the tracking secret."""
    if caller is not None and (is_staff_side(caller, stored) or caller.sub == stored.submitted_by):
        return True
    return secret is not None and hmac.compare_digest(secret_digest(secret), stored.secret_digest)


def may_read_contact(caller: Principal | None, stored: Stored) -> bool:
    """Only those who work for the unit that holds the report."""
    return caller is not None and Party.STAFF in parties(caller, stored.feedback.unit)
