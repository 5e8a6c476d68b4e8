"""What may become of an inspection and of what it recommends, and who knows of it: as ADR 0035 and the domain say it,
written without a look at the service."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from .office import INSPECTED, INSPECTING, OTHER, STRANGER

HANOI: Final = ZoneInfo("Asia/Ho_Chi_Minh")
_STAFF: Final = frozenset({"officer", "unit_head"})
_PLANS: Final = frozenset({"coordinator", "inspector"})
_OVERSEES: Final = _PLANS | {"council", "operator", "scoring_board"}


class Caller(NamedTuple):
    name: str
    roles: tuple[str, ...]
    unit: str | None = None

    def has(self, roles: frozenset[str]) -> bool:
        return not roles.isdisjoint(self.roles)

    @property
    def acts(self) -> bool:
        return self.has(_STAFF | _PLANS)

    def inspects(self, unit: str) -> bool:
        return self.unit == unit and self.has(_STAFF | {"inspector"})

    def follows_up(self, judged: str) -> bool:
        """Nobody follows up what their own unit is judged for."""
        return self.has(_PLANS) and self.unit != judged


CALLERS: Final[Mapping[str, Caller]] = {
    caller.name: caller
    for caller in (
        *(Caller(f"officer of {unit}", ("officer",), unit) for unit in (INSPECTING, INSPECTED, OTHER, STRANGER)),
        *(Caller(f"head of {unit}", ("unit_head", "officer"), unit) for unit in (INSPECTING, INSPECTED)),
        *(Caller(f"inspector of {unit}", ("inspector",), unit) for unit in (INSPECTING, INSPECTED)),
        Caller(f"coordinator of {INSPECTED}", ("coordinator",), INSPECTED),
        *(Caller(role, (role,)) for role in ("coordinator", "inspector", "council", "operator", "scoring_board")),
        Caller("citizen", ("citizen",)),
    )
}


@dataclass(frozen=True)
class Inspection:
    unannounced: bool
    status: str = "planned"
    revealed_at: datetime | None = None
    started_at: datetime | None = None
    concluded_at: datetime | None = None
    conclusion_no: str | None = None
    version: int = 1

    def readable(self, caller: Caller) -> bool:
        """Before it is revealed nobody knows of it but who inspects and who plans, and nobody of the inspected unit."""
        if caller.inspects(INSPECTING) or caller.follows_up(INSPECTED):
            return True
        return self.revealed_at is not None and (caller.has(_OVERSEES) or caller.inspects(INSPECTED))

    def may(self, action: str, caller: Caller) -> bool | None:
        """Whether the caller takes the action now; None when nobody does."""
        inspects, office = caller.inspects(INSPECTING), caller.follows_up(INSPECTED)
        match self.status, action:
            case "planned", "announce":
                return None if self.unannounced else inspects or office
            case "planned", "start":
                return inspects if self.unannounced else None
            case ("announced", "start") | ("in_progress", "conclude"):
                return inspects
            case (("planned" | "announced" | "in_progress"), "cancel"):
                return inspects or office
        return None

    def breaks(self, action: str, body: Mapping[str, Any], now: datetime) -> bool:
        """A conclusion with a last day says what is to be done by then; and the day has not passed."""
        trees = body["conclusions"] if action == "conclude" else ()
        today = str(now.astimezone(HANOI).date())
        return any("due_on" in each and (not each["recommendations"] or each["due_on"] < today) for each in trees)

    def after(self, action: str, body: Mapping[str, Any], now: datetime) -> "Inspection":
        then = replace(self, version=self.version + 1)
        match action:
            case "announce":
                return replace(then, status="announced", revealed_at=now)
            case "start":
                return replace(then, status="in_progress", started_at=now, revealed_at=self.revealed_at or now)
            case "conclude":
                return replace(then, status="concluded", concluded_at=now, conclusion_no=body["conclusion_no"])
        return replace(then, status="cancelled")


@dataclass(frozen=True)
class Recommendation:
    inspection: str
    conclusion: int
    responsible_unit: str
    due_on: date
    status: str = "open"
    reported_at: datetime | None = None
    done_at: datetime | None = None
    version: int = 1

    @property
    def due_at(self) -> datetime:
        """The midnight after its last day."""
        return datetime.combine(self.due_on + timedelta(days=1), time(), HANOI)

    def readable(self, caller: Caller) -> bool:
        units = (INSPECTING, INSPECTED, self.responsible_unit)
        return caller.has(_OVERSEES) or any(caller.inspects(unit) for unit in units)

    def may(self, action: str, caller: Caller) -> bool | None:
        inspects, office = caller.inspects(INSPECTING), caller.follows_up(self.responsible_unit)
        match self.status, action:
            case "open", "report":
                return caller.unit == self.responsible_unit and caller.has(_STAFF)
            case "reported", "confirm":
                return office if self.responsible_unit == INSPECTING else inspects
            case (("reported" | "done"), "reopen"):
                return inspects or office
        return None

    def breaks(self, action: str, body: Mapping[str, Any], now: datetime) -> bool:
        return False

    def after(self, action: str, body: Mapping[str, Any], now: datetime) -> "Recommendation":
        then = replace(self, version=self.version + 1)
        match action:
            case "report":
                return replace(then, status="reported", reported_at=now)
            case "confirm":
                return replace(then, status="done", reported_at=None, done_at=self.reported_at)
        return replace(then, status="open", reported_at=None, done_at=None)


Thing = Inspection | Recommendation
ACTIONS_OF: Final[Mapping[type, tuple[str, ...]]] = {
    Inspection: ("announce", "start", "conclude", "cancel"),
    Recommendation: ("report", "confirm", "reopen"),
}


def possible(thing: Thing, caller: Caller) -> set[str]:
    return {each for each in ACTIONS_OF[type(thing)] if thing.may(each, caller)}


def refusal(thing: Thing, action: str, caller: Caller, body: Mapping[str, Any], now: datetime, *, unseen: bool) -> str:
    """How it is refused to the caller; empty where it is not. `unseen`: they saw an earlier version."""
    if not caller.acts:
        return "403 forbidden"
    if not thing.readable(caller):
        return "404 not-found"
    if unseen:
        return "412 stale-version"
    may = thing.may(action, caller)
    if may is None:
        return "409 wrong-state"
    if not may:
        return "403 not-permitted"
    return "422 invalid" if thing.breaks(action, body, now) else ""


def issued(code: str, trees: list[Mapping[str, Any]]) -> dict[str, Recommendation]:
    """What a concluded inspection recommends, by code."""
    return {
        f"{code}.{tree['number']}.{each['number']}": Recommendation(
            code, tree["number"], each.get("responsible_unit") or tree.get("responsible_unit") or INSPECTED,
            date.fromisoformat(each.get("due_on") or tree["due_on"]),
        )
        for tree in trees
        for each in tree["recommendations"]
    }  # fmt: skip
