"""Who calls, how a report stands, and what the one is to the other: written without a look at the service."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from ..conftest import CENTRE, HOME_AFFAIRS, JUSTICE, OFFICE

STATUSES: Final = frozenset(
    """received classified assigned accepted in_progress supplement_requested answer_drafted answered published rated
    closed returned refused duplicate reopened""".split()  # noqa: SIM905 - they are words
)
ENDED: Final = frozenset({"refused", "duplicate"})


class Caller(NamedTuple):
    """Somebody's token; without roles, somebody without one."""

    roles: tuple[str, ...] = ()
    unit: str | None = None

    @property
    def role(self) -> str:
        """The role in which such a caller acts."""
        return self.roles[0] if self.roles else "citizen"


CALLERS: Final[Mapping[str, Caller]] = {
    "nobody": Caller(),
    "secret": Caller(),
    "citizen": Caller(("citizen",)),
    "another citizen": Caller(("citizen",)),
    "channel": Caller(("system",)),
    **{
        f"{role} of {unit}": Caller(roles, unit)
        for unit in (CENTRE, HOME_AFFAIRS, JUSTICE, OFFICE)
        for role, roles in (("officer", ("officer",)), ("head", ("unit_head", "officer")))
    },
    **{role: Caller((role,)) for role in ("coordinator", "inspector", "scoring_board", "council", "operator")},
}


@dataclass(frozen=True)
class Stand:
    """What decides what may be done with a report. The citizen or the channel sent it; the centre is the desk."""

    sent_by: str
    status: str = "received"
    unit: str = HOME_AFFAIRS
    at_desk: bool = True
    """The desk holds it, and `unit` is only where it is to go."""
    former: frozenset[str] = frozenset()
    accepted: bool = False
    extended: bool = False
    published: bool = False
    rated: bool = False
    handed_over: bool = False
    split: bool = False
    """Other units have parts of it, which are not done."""
    questions: int = 0
    late: bool = False
    """The time that its sender was promised is over."""
    expired: bool = False
    """The time in which it may be opened again is over."""

    @property
    def holder(self) -> str:
        return CENTRE if self.at_desk else self.unit

    @property
    def paused(self) -> bool:
        return self.status == "supplement_requested"

    @property
    def answered(self) -> bool:
        return self.status in {"answered", "published", "rated", "closed"}

    @property
    def in_the_open(self) -> bool:
        """Everyone may know that it is there."""
        return self.published and self.status not in ENDED

    @property
    def is_open(self) -> bool:
        return not self.answered and self.status not in ENDED


def relation(name: str, stand: Stand) -> str:
    """What a caller is to a report: what the outcome may depend on beside how it stands."""
    roles, unit = CALLERS[name]
    if unit is not None:
        where = "holder" if unit == stand.holder else "reader" if _has_part(unit, stand) else "elsewhere"
        return f"{roles[0]} of the {where}"
    if name == stand.sent_by:
        return f"{name} who sent it"
    return "another citizen" if name == "citizen" else name


def _has_part(unit: str, stand: Stand) -> bool:
    return unit in {stand.unit, stand.holder, *stand.former}


def reads(name: str, stand: Stand) -> bool:
    """Whether the report exists for this caller."""
    roles, unit = CALLERS[name]
    official = not {"coordinator", "inspector"}.isdisjoint(roles)
    return official or name in {stand.sent_by, "secret"} or (unit is not None and _has_part(unit, stand))


def parties(name: str, stand: Stand) -> frozenset[str]:
    """As what the caller may act."""
    roles, unit = CALLERS[name]
    found = set()
    if unit == stand.holder:
        found |= {"staff", "head"} if "unit_head" in roles else {"staff"}
    if "coordinator" in roles:
        found.add("desk")
    if name in {stand.sent_by, "secret"}:
        found |= {"sender", "channel"} if "system" in roles else {"sender"}
    elif "citizen" in roles and stand.in_the_open:
        found.add("citizen")
    return frozenset(found)


BEGINNINGS: Final = (Stand("citizen"), Stand("channel"))
