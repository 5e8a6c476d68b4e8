"""Who calls: every role at every place, people without a unit, nobody, and connected systems with a scope."""

import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Final

import jwt

from cchc_shared.contract.codes import UNIT_STAFF, Role
from cchc_shared.http.tokens import Principal, unauthenticated
from cchc_shared.identity.principal import Scope
from tests.support.steps import OTHER_UNIT, UNIT


class Place(StrEnum):
    """Where a caller works, by what the unit is to the things of the tour."""

    OWN = UNIT
    """Leads, is asked, holds."""
    PARTNER = OTHER_UNIT
    """Is consulted, inspects, takes over, appraises."""
    ABOVE = "01"
    """The parent of both: the city, which assigns."""
    STRANGE = "so-van-hoa-va-the-thao"
    """Has nothing to do with any of it."""
    NOWHERE = ""
    """No unit: the whole city for those who look at every unit."""


@dataclass(frozen=True)
class Cell:
    """One caller. `principal` is None for who sends no token."""

    name: str
    principal: Principal | None

    @property
    def role(self) -> Role | None:
        """The one role of the caller."""
        return next(iter(self.principal.roles)) if self.principal else None


def at(role: Role, place: Place) -> Cell:
    """Somebody with one role, who works there."""
    name = f"{role}@{place.name.lower()}"
    return Cell(name, Principal(name, frozenset({role}), place or None))


NOBODY: Final = Cell("nobody", None)
SENDER: Final = Cell("sender", Principal("citizen on tour", frozenset({Role.CITIZEN}), None))
"""The citizen of the tour, whose reports they are."""
ELSEWHERE: Final = Cell(
    "system of another scope",
    Principal("system:elsewhere", frozenset({Role.SYSTEM}), None, Scope(frozenset({"nothing"}), None, frozenset())),
)
"""A connected system that may call nothing of what is called here."""


def foreign(operation: str) -> Cell:
    """A connected system that may call the operation, in the name of a unit that has nothing to do with it."""
    scope = Scope(frozenset({operation}), frozenset({Place.STRANGE}), frozenset())
    return Cell("system of another unit", Principal(f"system:{operation}", frozenset({Role.SYSTEM}), None, scope))


MOVING: Final = (*UNIT_STAFF, Role.COORDINATOR)
"""Roles whose unit decides what they may do."""
YES, NONE, REJECTED = "yes", "none", "rejected"
"""Answered as the tour is; with an empty list; with a refusal of the item that was sent."""


class Depth(IntEnum):
    """At how many places the roles of a declaration are tried."""

    ROLES = 1
    """At one: nothing looks at the place."""
    SIDES = 2
    """At home and at a strange one: others are tried for an operation that goes the same way."""
    PLACES = 3


def places(role: Role, depth: Depth) -> Iterable[Place]:
    """Where a role is tried."""
    if depth is Depth.ROLES:
        return (Place.OWN,)
    if depth is Depth.PLACES and role in MOVING:
        return Place
    return (Place.OWN, Place.STRANGE) if role in MOVING else (Place.OWN, Place.NOWHERE)


def cells(operation: str, declared: Collection[Role], depth: Depth) -> Sequence[Cell]:
    """Whoever calls an operation that declares these roles. A role that it does not declare is tried where it would
    know most."""
    grid = [at(role, place) for role in Role for place in places(role, depth if role in declared else Depth.ROLES)]
    return [NOBODY, SENDER, ELSEWHERE, foreign(operation), *grid]


class Known:
    """Stands in for the check of tokens, which has tests of its own: nobody signs these."""

    def __init__(self) -> None:
        self._callers: dict[str, Principal] = {}

    def header(self, cell: Cell) -> Mapping[str, str]:
        """What the caller sends of itself."""
        if cell.principal is None:
            return {}
        claims = {"sub": cell.principal.sub, "iat": int(time.time()), "exp": int(time.time()) + 3600}
        token = jwt.encode(claims, "", algorithm="none", headers={"kid": "matrix"})
        self._callers[token] = cell.principal
        return {"authorization": f"Bearer {token}"}

    async def principal(self, token: str) -> Principal:
        """As `Tokens` has it."""
        if token not in self._callers:
            raise unauthenticated()
        return self._callers[token]
